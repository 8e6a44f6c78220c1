package initialization

import (
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping"
)

func TestSplit(t *testing.T) {
	at := func(d time.Duration) int64 { return int64(time.Hour + d) }
	function := &mapping.Span{StartTime: at(0)}
	recent, old := Split(function, []mapping.Span{
		{Name: "hours before\xff", StartTime: at(-30 * time.Minute), EndTime: at(-29 * time.Minute)},
		{Name: "a minute before", StartTime: at(-2 * time.Minute), EndTime: at(-time.Minute)},
		{Name: "open", StartTime: at(-time.Minute - 1)},
	})
	if len(recent) != 1 || recent[0].Name != "a minute before" {
		t.Errorf("recent: %+v", recent)
	}
	const want = `{"spans":[{"name":"hours before�","offset":-1800,"duration":60},{"name":"open","offset":-60.000000001,"duration":0}]}`
	if old.Key != "aws.xray.metadata.initialization" || old.Value.AsString() != want {
		t.Errorf("old: %s %s", old.Key, old.Value.AsString())
	}
	if _, none := Split(function, recent); none.Valid() {
		t.Errorf("none is old: %v", none)
	}
	if start, end := Bounds(recent); start != at(-2*time.Minute) || end != at(-time.Minute) {
		t.Errorf("bounds %d %d", start, end)
	}
}
