package mapping

import (
	"encoding/hex"
	"math"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

func TestAppendValue(t *testing.T) {
	for _, c := range []struct {
		value attribute.Value
		want  string
	}{
		{attribute.StringValue("s"), `"s"`},
		{attribute.Int64Value(-7), `-7`},
		{attribute.BoolValue(true), `true`},
		{attribute.Float64Value(129.95), `129.95`},
		{attribute.Float64Value(1e6), `1000000`},
		{attribute.Float64Value(1e300), `1e+300`},
		{attribute.Float64Value(math.NaN()), `"NaN"`},
		{attribute.Float64Value(math.Inf(1)), `"Infinity"`},
		{attribute.Float64Value(math.Inf(-1)), `"-Infinity"`},
		{attribute.StringSliceValue([]string{"a", "b", "c", "d", "e"}), `["a","b","c","d","e"]`},
		{attribute.StringSliceValue(nil), `[]`},
		{attribute.Int64SliceValue([]int64{1, 2}), `[1,2]`},
		{attribute.BoolSliceValue([]bool{true}), `[true]`},
		{attribute.Float64SliceValue([]float64{0.5, math.NaN()}), `[0.5,"NaN"]`},
		{attribute.ByteSliceValue([]byte{1, 2, 3}), `"AQID"`},
		{attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("x")), `[1,"x"]`},
		{attribute.MapValue(attribute.Int("b", 1), attribute.String("a", "x")), `{"a":"x","b":1}`},
		{attribute.MapValue(attribute.Int("a", 1), attribute.Int("a", 2)), `{"a":2}`},
		{attribute.Value{}, `null`},
	} {
		if got := string(appendValue(nil, &c.value)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.value, got, c.want)
		}
	}
}

// Lists are read in place; if this fails, a release of OpenTelemetry has moved
// them, and every list costs an allocation until values.go follows.
func TestListsAreReadInPlace(t *testing.T) {
	if sliceField < 0 {
		t.Fatal("attribute.Value has no field named slice")
	}
	v := attribute.StringSliceValue([]string{"a", "b", "c", "d", "e"})
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { dst = appendList(dst[:0], &v) }); n != 0 {
		t.Errorf("%v allocations a list, want 0", n)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s     string
		limit int
		want  string
	}{
		{"abc", 5, "abc"}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"äöü", 2, "äö"}, {"äöü", 3, "äöü"}, {"", 0, ""}, {"a", 0, ""},
	} {
		if got := cut(c.s, c.limit); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.limit, got, c.want)
		}
	}
}

func TestAppendIDs(t *testing.T) {
	for n := range 256 {
		var id trace.TraceID
		for i := range id {
			id[i] = byte(n + 17*i)
		}
		h := hex.EncodeToString(id[:])
		if got, want := string(appendTraceID(nil, id)), `"1-`+h[:8]+"-"+h[8:]+`"`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := string(appendSpanID(nil, trace.SpanID(id[:8]))), `"`+h[:16]+`"`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
