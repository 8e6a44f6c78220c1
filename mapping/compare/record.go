package compare

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Record is the document of one span, without the subsegments within it: each
// leaf's path, its parts joined by "/", and its value as compact JSON. Values
// in metadata, annotations and lists of scalars are leaves as a whole.
//
// What X-Ray takes from the enclosing document is filled in on a nested
// subsegment: type, trace_id and parent_id. Its leaf [Nested] is true.
type Record map[string]string

// Nested is the path of the leaf that says that a subsegment was inside
// another document.
const Nested = "(nested)"

// Flatten returns the records of documents, one a span. The key is the trace and
// the span, "<trace id>/<id>"; with ", again" for a second document of the same
// span. A document that is no span's, one that a mapper made up, has the key
// "<trace id>/above <id>" with the first span beneath it.
func Flatten(documents [][]byte, spans map[string]Span) (map[string]Record, error) {
	var all []Record
	for _, d := range documents {
		dec := json.NewDecoder(bytes.NewReader(d))
		dec.UseNumber()
		var o map[string]any
		if err := dec.Decode(&o); err != nil {
			return nil, fmt.Errorf("document %.80q: %w", d, err)
		}
		all = flatten(all, o, nil)
	}
	// Documents of one span: the complete ones first, in order of time.
	slices.SortStableFunc(all, func(a, b Record) int {
		if c := cmp.Compare(a.open(), b.open()); c != 0 {
			return c
		}
		return strings.Compare(a["start_time"], b["start_time"])
	})
	byKey := make(map[string]Record, len(all))
	for _, r := range all {
		key := r.key("id")
		if _, ok := spans[key]; !ok {
			key = r.text("trace_id") + "/made up: " + r.text("name")
			for _, child := range all {
				if _, ok := spans[child.key("id")]; ok && child.key("parent_id") == r.key("id") {
					key = r.text("trace_id") + "/above " + child.text("id")
					break
				}
			}
		}
		for byKey[key] != nil {
			key += again
		}
		byKey[key] = r
	}
	return byKey, nil
}

const again = ", again"

// Span is a span with its resource's attributes as text.
type Span struct {
	*mapping.Span
	Resource map[string]string
}

// Key is the key of the span's record.
func (s Span) Key() string {
	return segment.TraceID(s.TraceID) + "/" + s.SpanID.String()
}

// open is 1 if the document is of a span without an end.
func (r Record) open() int {
	if r["in_progress"] == "true" || r["end_time"] == "0" {
		return 1
	}
	return 0
}

func (r Record) key(id string) string { return r.text("trace_id") + "/" + r.text(id) }

func flatten(all []Record, o map[string]any, enclosing Record) []Record {
	r := Record{}
	if enclosing != nil {
		r["type"] = `"subsegment"`
		r["trace_id"] = enclosing["trace_id"]
		r["parent_id"] = enclosing["id"]
		r[Nested] = "true"
	}
	subsegments, _ := o["subsegments"].([]any)
	for k, v := range o {
		if k != "subsegments" {
			r.add(k, v)
		}
	}
	all = append(all, r)
	for _, s := range subsegments {
		if child, ok := s.(map[string]any); ok {
			all = flatten(all, child, r)
		}
	}
	return all
}

func (r Record) add(path string, v any) {
	parts := strings.Count(path, "/") + 1
	free := strings.HasPrefix(path, "metadata/") && parts == 3 || strings.HasPrefix(path, "annotations/")
	switch v := v.(type) {
	case map[string]any:
		if free {
			break
		}
		for k, e := range v {
			r.add(path+"/"+k, e)
		}
		return
	case []any:
		if free || !slices.ContainsFunc(v, isObject) {
			break
		}
		for i, e := range v {
			r.add(path+"/"+strconv.Itoa(i), e)
		}
		return
	}
	r[path] = jsonString(v)
}

// jsonString is v as compact JSON.
func jsonString(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "" // v came from a JSON decoder: it has a form
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// text returns the string at path, or "".
func (r Record) text(path string) string {
	var s string
	_ = json.Unmarshal([]byte(r[path]), &s) // no string there: ""
	return s
}

// Difference is one leaf in which two records of a span differ.
type Difference struct {
	Case   string // the input's name
	Key    string // of [Flatten]
	Span   Span   // of a document that a mapper made up, the one beneath it if there is one
	Path   string // "" if one side has no document at all
	Ours   string // JSON, "" where the leaf is absent
	Theirs string // JSON, "" where the leaf is absent

	OurRecord, TheirRecord Record
}

// String names the record and both values.
func (d Difference) String() string {
	show := func(s string) string {
		if s == "" {
			return "-"
		}
		return fmt.Sprintf("%.200s", s)
	}
	if d.Path == "" {
		return fmt.Sprintf("%s: %s: document: ours %t, theirs %t", d.Case, d.Key, d.OurRecord != nil, d.TheirRecord != nil)
	}
	return fmt.Sprintf("%s: %s: %s: ours %s, theirs %s", d.Case, d.Key, d.Path, show(d.Ours), show(d.Theirs))
}

// Diff compares the records that two mappers made of the spans of a case.
func Diff(name string, spans map[string]Span, ours, theirs map[string]Record) []Difference {
	var diffs []Difference
	for _, key := range sortedKeys(ours, theirs) {
		o, t := ours[key], theirs[key]
		d := Difference{Case: name, Key: key, Span: spans[strings.NewReplacer(again, "", "/above ", "/").Replace(key)], OurRecord: o, TheirRecord: t}
		if o == nil || t == nil {
			diffs = append(diffs, d)
			continue
		}
		for _, path := range sortedKeys(o, t) {
			if o[path] != t[path] {
				d.Path, d.Ours, d.Theirs = path, o[path], t[path]
				diffs = append(diffs, d)
			}
		}
	}
	return diffs
}

func sortedKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
