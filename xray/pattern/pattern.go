// Package pattern matches texts with * and ? as X-Ray's sampling rules do.
package pattern

import "strings"

// WildcardMatchCaseInsensitive is WildcardMatch that ignores case.
func WildcardMatchCaseInsensitive(pattern, text string) bool {
	return WildcardMatch(pattern, text, true)
}

// WildcardMatch reports whether all of text fits pattern, in which * stands for
// any number of bytes and ? for one. An empty pattern fits an empty text.
func WildcardMatch(pattern, text string, caseInsensitive bool) bool {
	if caseInsensitive {
		pattern, text = strings.ToLower(pattern), strings.ToLower(text)
	}
	// After a mismatch the last star takes one byte more; those before it need not
	// change, so this never takes more than len(pattern) * len(text) steps.
	p, star, mark := 0, -1, 0
	for i := 0; i < len(text); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
