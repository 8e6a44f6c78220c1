package pattern

import (
	"regexp"
	"strings"
	"testing"
)

func TestWildcardMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "anything", true}, {"?", "", false},
		{"*.example.com", "WWW.Example.com", true}, {"a*b?c", "axxbyc", true}, {"a*b?c", "axxbc", false},
		{"*a*b*", "xxaxxbxx", true}, {"**", "x", true}, {"a**", "a", true}, {"a?", "a", false},
	} {
		if got := WildcardMatchCaseInsensitive(test.pattern, test.text); got != test.want {
			t.Errorf("%q fits %q: %v", test.text, test.pattern, got)
		}
	}
	if WildcardMatch("A", "a", false) {
		t.Error("a fits A")
	}
}

// FuzzWildcardMatch compares with a regular expression.
func FuzzWildcardMatch(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**?", "x")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 100 || strings.ContainsFunc(pattern+text, func(r rune) bool { return r >= 0x80 }) {
			t.Skip()
		}
		quoted := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`\A` + quoted + `\z`).MatchString(text)
		if got := WildcardMatch(pattern, text, false); got != want {
			t.Errorf("%q fits %q: %v, want %v", text, pattern, got, want)
		}
	})
}
