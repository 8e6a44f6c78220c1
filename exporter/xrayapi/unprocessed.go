package xrayapi

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// sorted is what an answer's UnprocessedTraceSegments mean for a call's
// documents. Those in none of its lists were taken.
type sorted struct {
	refused   []Failure // for good
	temporary []Failure // to be sent again
	doubtful  []int     // one or more of these was refused, and the answer does not say which
}

// pending are the documents to send again.
func (s *sorted) pending() []int {
	var out []int
	for i := range s.temporary {
		out = append(out, s.temporary[i].Documents...)
	}
	slices.Sort(out)
	return out
}

// sortOut reads the entries for the pending ones of docs. An entry names a
// document by its segment's id, or by none where X-Ray found none to read. What
// is said of no document, or of one of several, is taken to be said of all that
// it may be about: a document that X-Ray has is overwritten by itself.
func sortOut(docs [][]byte, pending []int, entries []types.UnprocessedTraceSegment) *sorted {
	ids := make(map[string][]int, len(pending)) // id -> documents, in order
	for _, d := range pending {
		id := segmentID(docs[d])
		ids[id] = append(ids[id], d)
	}
	s := &sorted{}
	seen := make(map[string]bool, len(entries))
	var unnamed *Failure // an entry that may be about any document
	unreadable := 0      // entries without id
	for _, u := range entries {
		f := newEntry(u)
		found := ids[f.ID]
		switch {
		case f.ID == "" && len(pending) > 1, len(found) == 0:
			unreadable++
			if unnamed == nil || unnamed.Temporary && !f.Temporary {
				unnamed = &f
			}
			continue
		case seen[f.ID]: // a second reason for the same document
			continue
		}
		seen[f.ID] = true
		switch {
		case f.Temporary:
			s.temporary = append(s.temporary, f.of(found...))
		case len(found) == 1:
			s.refused = append(s.refused, f.of(found[0]))
		default:
			s.doubtful = append(s.doubtful, found...)
		}
	}
	if unnamed != nil {
		s.addUnnamed(unnamed, unreadable, ids[""], pending)
	}
	return s
}

// addUnnamed finds the documents that entries without a known id are about: the
// n that have no id to read, if there are so many, or any that no other entry
// names.
func (s *sorted) addUnnamed(f *Failure, n int, unreadable, pending []int) {
	if len(pending) == 1 {
		if len(s.refused)+len(s.temporary) > 0 {
			return // a second reason
		}
		unreadable = pending
	}
	if len(unreadable) > 0 && (len(unreadable) == n || len(pending) == 1) {
		for _, d := range unreadable {
			if f.Temporary {
				s.temporary = append(s.temporary, f.of(d))
			} else {
				s.refused = append(s.refused, f.of(d))
			}
		}
		return
	}
	named := map[int]bool{}
	for i := range s.refused {
		named[s.refused[i].Documents[0]] = true
	}
	if f.Temporary {
		for i := range s.temporary {
			for _, d := range s.temporary[i].Documents {
				named[d] = true
			}
		}
		for _, d := range s.doubtful {
			named[d] = true
		}
		if others := slices.DeleteFunc(slices.Clone(pending), func(d int) bool { return named[d] }); len(others) > 0 {
			s.temporary = append(s.temporary, f.of(others...))
		}
		return
	}
	s.temporary = nil
	s.doubtful = slices.DeleteFunc(slices.Clone(pending), func(d int) bool { return named[d] })
}

// newEntry is an entry as a Failure, without its documents.
func newEntry(u types.UnprocessedTraceSegment) Failure {
	code := aws.ToString(u.ErrorCode)
	f := Failure{
		ID:   aws.ToString(u.Id),
		Code: code[:min(len(code), maxCode)],
		Err:  &smithy.GenericAPIError{Code: code, Message: aws.ToString(u.Message)},
	}
	f.Temporary = temporaryCode(f.Code)
	if f.Code == "" {
		f.Code = CodeUnprocessed
	}
	return f
}

// of returns f for documents.
func (f *Failure) of(documents ...int) Failure {
	out := *f
	out.Documents, out.Count = documents, len(documents)
	return out
}

// segmentID returns the id of a document, "" if it has none to read. It is read
// token by token: json.Unmarshal gives up on a document that is nested too deep,
// in metadata for instance.
func segmentID(doc []byte) string {
	d := json.NewDecoder(bytes.NewReader(doc))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for depth, key := 1, true; ; {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
			key = false
			continue
		case json.Delim('}'), json.Delim(']'):
			if depth--; depth == 0 {
				return ""
			}
			key = depth == 1
			continue
		}
		if depth > 1 {
			continue
		}
		if key && t == "id" {
			id, _ := d.Token()
			text, _ := id.(string)
			return text
		}
		key = !key
	}
}
