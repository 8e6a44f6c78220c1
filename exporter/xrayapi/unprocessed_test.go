package xrayapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// The id is the one that encoding/json finds, where that reads the document.
func FuzzSegmentID(f *testing.F) {
	for _, doc := range []string{
		`{"id":"a"}`, `{"name":"id","id":"b","subsegments":[{"id":"c"}]}`, `{"metadata":{"id":"x"},"id":"y"}`,
		`{"id":1}`, `{"id":null}`, `{"id":{"id":"x"}}`, `{"a":[1,[2,{"id":"x"}]],"id":"y"}`, `[]`, `"id"`, `{"id"`, "", "{}", `{"":"id","id":"z"}`,
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got := segmentID([]byte(doc))
		var head map[string]json.RawMessage
		if json.Unmarshal([]byte(doc), &head) != nil || strings.Count(doc, "id") != 1 || strings.Contains(doc, `\`) {
			return // not JSON, or a key may come twice
		}
		var want string
		_ = json.Unmarshal(head["id"], &want) // no string, no id
		if got != want {
			t.Errorf("id of %s is %q, want %q", doc, got, want)
		}
	})
}

// Whatever an answer names, each document of the call is in one list at most, and
// an answer that names any has a consequence.
func FuzzSortOut(f *testing.F) {
	f.Add(uint8(3), `[{"Id":"1","ErrorCode":"InvalidName"},{"ErrorCode":"ThrottledException"},{"Id":"9"}]`)
	f.Add(uint8(1), `[{"ErrorCode":"ParseError"},{"Id":"0","ErrorCode":"ParseError"}]`)
	f.Add(uint8(7), `[{"Id":"0","ErrorCode":"InvalidName"},{"Id":"2","ErrorCode":"InternalFailure"},{"ErrorCode":"InvalidName"},{"Id":""}]`)
	f.Add(uint8(6), `[{"Id":"0","ErrorCode":"ThrottledException"},{"Id":"0","ErrorCode":"InvalidName"}]`)
	f.Fuzz(func(t *testing.T, n uint8, answer string) {
		var entries []types.UnprocessedTraceSegment
		if json.Unmarshal([]byte(answer), &entries) != nil {
			return
		}
		// Ids come twice from the fourth document on; the sixth has none.
		var docs [][]byte
		var pending []int
		for i := range int(n%10) + 1 {
			doc := `{"id":"` + string(rune('0'+i%3)) + `"}`
			if i == 5 {
				doc = `{}`
			}
			docs = append(docs, []byte(doc))
			pending = append(pending, i)
		}
		s := sortOut(docs, pending, entries)
		seen := map[int]int{}
		for _, f := range slices.Concat(s.refused, s.temporary) {
			if len(f.Documents) == 0 || f.Count != len(f.Documents) || f.Code == "" || f.Err == nil {
				t.Errorf("failure %+v", f)
			}
			for _, d := range f.Documents {
				seen[d]++
			}
		}
		for _, f := range s.refused {
			if len(f.Documents) != 1 || f.Temporary {
				t.Errorf("%+v is refused", f)
			}
		}
		for _, d := range s.doubtful {
			seen[d]++
		}
		for d, times := range seen {
			if times > 1 || d < 0 || d >= len(docs) {
				t.Errorf("document %d of %d is in %d lists", d, len(docs), times)
			}
		}
		if len(entries) > 0 && len(seen) == 0 {
			t.Errorf("%d entries have no consequence", len(entries))
		}
		if len(docs) == 1 && len(s.doubtful) > 0 {
			t.Error("one document is in doubt: there is nothing to halve")
		}
	})
}
