package jsonenc

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendString(t *testing.T) {
	for _, s := range []string{
		"", "plain", "exactly8", "a quote \" and a \\ slash", "tab\tline\nreturn\r", "\x00\x01\x1f\x7f",
		"é ü 日本", "\xff", "ok\xc3", "long enough to use the eight byte path, with a \" in it", "<script>&amp;</script>",
	} {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\uFFFD"); !utf8.ValidString(s) && utf8.RuneCountInString(got) < utf8.RuneCountInString(want) || utf8.ValidString(s) && got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

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
					"AppendString":       string(AppendString(nil, string(s))),
					"AppendStringMember": strings.TrimPrefix(string(AppendStringMember(nil, "key", string(s))), `"key":`),
					"AppendText":         `"` + string(AppendText(nil, string(s))) + `"`,
				} {
					var got string
					if err := json.Unmarshal([]byte(text), &got); err != nil || got != want || !utf8.ValidString(text) {
						t.Fatalf("%s: %q became %s", what, s, text)
					}
				}
			}
		}
	}
}

// FuzzAppendString holds the fast path to encoding/json.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c\x00", "12345678\"", "1234567\\", "é\xff\xc3(", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := AppendString(nil, s)
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
