package awsxraylambdaexporter

import (
	"encoding/json"
	"slices"
	"testing"
)

// Whatever a document is, reading its parts ends; where encoding/json reads it
// too, both find the same.
func FuzzNodes(f *testing.F) {
	for _, doc := range []string{
		`{"trace_id":"t","id":"a","subsegments":[{"id":"b","subsegments":[{"id":"c"}]},{"id":"d"}]}`,
		`{"metadata":{"subsegments":[{"id":"x"}]},"id":"a"}`, `{"subsegments":{"id":"x"},"id":"a"}`, `{"id":["x"],"subsegments":[[{"id":"y"}]]}`,
		`{"":"","id":"a"}`, `{"id"`, `[{"id":"x"}]`, `null`, ``, `{"a":[{"b":[]},[]],"id":"a"}{"id":"b"}`, `]`,
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		_, got := nodes([]byte(doc))
		type part struct {
			ID          json.RawMessage   `json:"id"`
			Subsegments []json.RawMessage `json:"subsegments"`
		}
		var want []string
		plain := true // no key that encoding/json reads in another way
		var walk func(text []byte)
		walk = func(text []byte) {
			var keys map[string]json.RawMessage
			if json.Unmarshal(text, &keys) != nil {
				plain = false
				return
			}
			var p part
			if json.Unmarshal(text, &p) != nil || len(p.ID) > 0 && keys["id"] == nil || len(p.Subsegments) > 0 && keys["subsegments"] == nil {
				plain = false
				return
			}
			if keys["id"] != nil {
				var id string
				if json.Unmarshal(keys["id"], &id) != nil {
					plain = false
					return
				}
				want = append(want, id)
			}
			for _, s := range p.Subsegments {
				walk(s)
			}
		}
		walk([]byte(doc))
		slices.Sort(want)
		slices.Sort(got)
		// A key that comes twice is found twice here.
		if plain && len(got) <= len(want) && !slices.Equal(want, got) {
			t.Errorf("%s: ids %q, want %q", doc, got, want)
		}
	})
}
