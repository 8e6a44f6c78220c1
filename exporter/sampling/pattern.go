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

func (p *pattern) match(text string) bool {
	if p.any || text == "" {
		return p.any || p.text == ""
	}
	return p.mayEnd(text[len(text)-1]) && match(p.text, text)
}

// mayEnd reports whether the pattern can stand for a text that ends in c. Most that
// do not match end here: eleven rules take half the time.
func (p *pattern) mayEnd(c byte) bool {
	if p.text == "" {
		return false
	}
	last := p.text[len(p.text)-1]
	return last == lower(c) || last == '*' || last == '?' || last >= utf8.RuneSelf || c >= utf8.RuneSelf
}

// match is the usual greedy matching: what a * stands for begins empty and grows
// by a rune whenever the rest does not fit; only the last * needs that.
func match[T string | []byte](pattern string, text T) bool {
	i, j := 0, 0
	star, mark := -1, 0 // behind the last *, and where in the text the rest was tried
	for j < len(text) {
		if i < len(pattern) {
			p, t := pattern[i], text[j]
			switch {
			case p == '*':
				i++
				star, mark = i, j
				continue
			case p < utf8.RuneSelf && t < utf8.RuneSelf: // nearly always
				if p == lower(t) || p == '?' {
					i, j = i+1, j+1
					continue
				}
			default:
				p, n := first(pattern[i:])
				t, m := first(text[j:])
				if p == fold(t) || p == '?' {
					i, j = i+n, j+m
					continue
				}
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
		return rune(lower(byte(r)))
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

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
