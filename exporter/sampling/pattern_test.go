package sampling

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"**", "", true},
		{"*", "anything", true},
		{"", "", true},
		{"", "a", false},
		{"?", "", false},
		{"?*", "", false},
		{"a", "", false},
		{"/health", "/health", true},
		{"/health", "/api/healthz", false},
		{"order", "orders", false},
		{"order?", "orders", true},
		{"order??", "orders", false},
		{"/shop*", "/shop", true},
		{"/shop*", "/shop/1/2", true},
		{"/shop*", "/x/shop", false},
		{"*shop", "/x/shop/shop", true},
		{"*a*b*", "xxaxxbxx", true},
		{"*a*b*", "xxbxxaxx", false},
		{"*.example.com", "api.EXAMPLE.com", true},
		{"GET", "get", true},
		{"quiz", "QUIZ", true},
		{"QUIZ", "quiz", true},
		{"a.c", "abc", false},
		{"[ab]+(c)", "[AB]+(C)", true},
		{"?", "é", true},
		{"caf?", "café", true},
		{"CAFÉ*", "café au lait", true},
		{"ΣΑΣ", "σας", true}, // three letters in one orbit
		{"kelvin", "\u212Aelvin", true},
		{"é", "e", false},
		{"?", "\xff", true},
		{"a*\nb", "a\n\nb", true},
	} {
		p := newPattern(c.pattern)
		if got := p.match(c.text); got != c.want {
			t.Errorf("%q matches %q: %t", c.pattern, c.text, got)
		}
		if got := p.any || match(p.text, []byte(c.text)); got != c.want {
			t.Errorf("%q matches the bytes of %q: %t", c.pattern, c.text, got)
		}
	}
}

// FuzzPattern holds match against a regular expression.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"*", ""}, {"a*b?c", "aXXbYc"}, {"*ab*ab", "abab"}, {"K?ſ", "\u212A\xffS"}, {"**?*", "é"}, {"/api/*", "/API/v1"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		if !utf8.ValidString(text) || len(text)+len(s) > 1000 {
			return
		}
		expr := regexp.QuoteMeta(text)
		expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
		want := regexp.MustCompile(`(?is)\A(?:` + expr + `)\z`).MatchString(s)
		p := newPattern(text)
		if got := p.match(s); got != want {
			t.Errorf("%q matches %q: %t, the expression %t", text, s, got, want)
		}
		if got := p.any || match(p.text, []byte(s)); got != want {
			t.Errorf("%q matches the bytes of %q: %t", text, s, got)
		}
	})
}
