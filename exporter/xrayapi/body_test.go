package xrayapi

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whatever a document holds, the quoted text is JSON that reads back as the
// document, with the replacement character for what is not UTF-8.
func FuzzAppendQuoted(f *testing.F) {
	for _, s := range []string{"", `{"name":"n"}`, `\"`, "\x00\x1f\x7f", "é\u2028\U0001F600<&>", "\xff{\xc3", "\\u0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		quoted := appendQuoted([]byte("before"), []byte(doc))
		rest, ok := strings.CutPrefix(string(quoted), "before")
		if !ok {
			t.Fatalf("%q has lost what was before it", quoted)
		}
		var got string
		if err := json.Unmarshal([]byte(rest), &got); err != nil {
			t.Fatalf("%q: %v", rest, err)
		}
		if want := strings.ToValidUTF8(doc, "\uFFFD"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A document that is quoted into a buffer with room for it allocates nothing.
func TestAppendQuotedAllocations(t *testing.T) {
	doc := []byte(strings.Repeat(`{"name":"n"}`, 100))
	dst := make([]byte, 0, 2*len(doc))
	if n := testing.AllocsPerRun(100, func() { dst = appendQuoted(dst[:0], doc) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAppendQuoted(b *testing.B) {
	doc := []byte(strings.Repeat(`"http":{"request":{"method":"GET","url":"https://example.com/a"}},`, 100))
	var dst []byte
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		dst = appendQuoted(dst[:0], doc)
	}
}
