package sampling

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a text of a rule with the wildcards * and ?. It stands for whole
// texts, with letters in either case.
type pattern struct {
	any  bool // matches everything
	text string
}

func newPattern(text string) pattern {
	if text != "" && strings.Trim(text, "*") == "" {
		return pattern{any: true}
	}
	return pattern{text: strings.Map(fold, text)}
}

func (p *pattern) match(text string) bool { return p.any || match(p.text, text) }

// match is the usual greedy matching: what a * stands for begins empty and grows
// by a rune whenever the rest does not fit; only the last * needs that.
func match[T string | []byte](pattern string, text T) bool {
	i, j := 0, 0
	star, mark := -1, 0 // behind the last *, and where in the text the rest was tried
	for j < len(text) {
		if i < len(pattern) && pattern[i] == '*' {
			i++
			star, mark = i, j
			continue
		}
		if i < len(pattern) {
			if n, m, ok := same(pattern[i:], text[j:]); ok {
				i, j = i+n, j+m
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, n := first(text[mark:])
		mark += n
		i, j = star, mark
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// same reports whether the first rune of the folded pattern stands for the text's,
// and how many bytes they have.
func same[T string | []byte](pattern string, text T) (n, m int, ok bool) {
	if p, t := pattern[0], text[0]; p < utf8.RuneSelf && t < utf8.RuneSelf { // nearly always
		if 'A' <= t && t <= 'Z' {
			t += 'a' - 'A'
		}
		return 1, 1, p == t || p == '?'
	}
	p, n := first(pattern)
	t, m := first(text)
	return n, m, p == '?' || p == fold(t)
}

// first decodes a rune as a range over a string does.
func first[T string | []byte](text T) (rune, int) {
	if c := text[0]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(string(text[:min(len(text), utf8.UTFMax)]))
}

// fold returns the one rune that stands for all that differ in case only.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	// The orbit of a letter leads from any of its forms through all others.
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least < utf8.RuneSelf { // such as the Kelvin sign's
		return fold(least)
	}
	return least
}
