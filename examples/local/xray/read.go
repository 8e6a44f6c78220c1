package xray

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// readDocument reads as much of a document as can be kept.
func readDocument(doc []byte) (*segment.Document, error) {
	d, err := segment.Parse(doc)
	if d == nil {
		if repaired, ok := withoutBadTimes(doc); ok {
			d, err = segment.Parse(repaired)
		}
	}
	switch {
	case d == nil:
		return nil, err
	case d.TraceID == "":
		return nil, errors.New("segment document: trace_id is missing")
	case d.ID == "":
		return nil, errors.New("segment document: id is missing")
	case d.Type == "subsegment" && d.ParentID == "":
		return nil, errors.New("segment document: parent_id is missing on a subsegment")
	}
	return d, nil
}

// withoutBadTimes returns the document without times that are no numbers: they end
// the reading of the whole, where X-Ray drops the part. ok is false if there are
// none, or the document is no JSON object.
func withoutBadTimes(doc []byte) (repaired []byte, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var tree map[string]any
	if dec.Decode(&tree) != nil || dec.More() || !dropBadTimes(tree) {
		return nil, false
	}
	repaired, err := json.Marshal(tree)
	return repaired, err == nil
}

func dropBadTimes(d map[string]any) (dropped bool) {
	for _, key := range []string{"start_time", "end_time"} {
		if _, isText := d[key].(string); isText {
			delete(d, key)
			dropped = true
		}
	}
	list, _ := d["subsegments"].([]any)
	for _, item := range list {
		if child, isObject := item.(map[string]any); isObject && dropBadTimes(child) {
			dropped = true
		}
	}
	return dropped
}
