package mapping

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

func TestAppendString(t *testing.T) {
	for _, s := range []string{
		"", "plain", "exactly8", "a quote \" and a \\ slash", "tab\tline\nreturn\r", "\x00\x01\x1f\x7f",
		"é ü 日本", "\xff", "ok\xc3", "long enough to use the eight byte path, with a \" in it", "<script>&amp;</script>",
	} {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\uFFFD"); !utf8.ValidString(s) && utf8.RuneCountInString(got) < utf8.RuneCountInString(want) || utf8.ValidString(s) && got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

// FuzzAppendString holds the fast path to encoding/json.
// TestAppendStringEscapesAnywhere has one byte that cannot stay as it is at every
// place of strings of every length: the copy goes by words of four and eight.
func TestAppendStringEscapesAnywhere(t *testing.T) {
	for n := range 26 {
		for at := range n {
			for _, c := range []byte{0, 0x1f, '"', '\\', 0x80, 0xff} {
				s := []byte(strings.Repeat("x", n))
				s[at] = c
				want := strings.ToValidUTF8(string(s), "\ufffd")
				for what, text := range map[string]string{
					"appendString": string(appendString(nil, string(s))),
					"appendField":  strings.TrimPrefix(string(appendField(nil, `,"key":`, string(s))), `"key":`),
					"appendText":   `"` + string(appendText(nil, string(s))) + `"`,
				} {
					var got string
					if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
						t.Fatalf("%s: %q became %s", what, s, text)
					}
				}
			}
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c\x00", "12345678\"", "1234567\\", "é\xff\xc3(", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := appendString(nil, s)
		if !utf8.Valid(out) {
			t.Fatalf("%q: not UTF-8: %q", s, out)
		}
		var got, want string
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q: %v in %s", s, err, out)
		}
		std, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%q: got %q, want %q", s, got, want)
		}
	})
}

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
