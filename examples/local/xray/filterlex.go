package xray

import (
	"fmt"
	"strconv"
	"strings"
)

// lexer cuts a filter expression into tokens.
type lexer struct {
	text string
	at   int
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenString
	tokenNumber
	tokenSign
)

type token struct {
	kind     tokenKind
	text     string // without the quotes of a string
	number   float64
	position int // of the first character, from 1
}

// is reports whether the token is a sign or a word, whose case does not matter.
func (t token) is(text string) bool {
	return (t.kind == tokenSign || t.kind == tokenWord) && strings.EqualFold(t.text, text)
}

// String describes the token in an error.
func (t token) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

func (l *lexer) next() (token, *FilterError) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	t := token{position: len([]rune(l.text[:start])) + 1}
	if start == len(l.text) {
		return t, nil
	}
	rest := l.text[start:]
	switch c := rest[0]; {
	case c == '"':
		t.kind = tokenString
		return t, l.quoted(&t)
	case isLetter(c):
		t.kind, t.text = tokenWord, leading(rest, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '.' })
	case isDigit(c) || c == '-' || c == '.':
		t.kind, t.text = tokenNumber, rest[:1]+leading(rest[1:], func(c byte) bool { return isDigit(c) || c == '.' })
		number, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return t, &FilterError{t.position, "bad number " + t.text}
		}
		t.number = number
	default:
		t.kind = tokenSign
		for _, sign := range []string{"!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "{", "}", "[", "]", ",", ":"} {
			if strings.HasPrefix(rest, sign) {
				t.text = sign
				break
			}
		}
		if t.text == "" {
			return t, &FilterError{t.position, fmt.Sprintf("unexpected character %q", []rune(rest)[0])}
		}
	}
	l.at = start + len(t.text)
	return t, nil
}

// quoted reads a string in quotes; a backslash takes the next character as it is.
func (l *lexer) quoted(t *token) *FilterError {
	var b strings.Builder
	for i := l.at + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '"':
			t.text, l.at = b.String(), i+1
			return nil
		case c == '\\' && i+1 < len(l.text):
			i++
			b.WriteByte(l.text[i])
		default:
			b.WriteByte(c)
		}
	}
	return &FilterError{t.position, "string without a closing quote"}
}

func leading(s string, ok func(byte) bool) string {
	for i := range len(s) {
		if !ok(s[i]) {
			return s[:i]
		}
	}
	return s
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
