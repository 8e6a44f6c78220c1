package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lexer cuts an expression into tokens.
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
	tokenJSON
)

type token struct {
	kind     tokenKind
	text     string // without the quotes of a string or the # of JSON
	number   float64
	position int // of the first character, from 1
	end      int // of the character behind it
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

// next returns the next token. After an error it is at the end.
func (l *lexer) next() (t token, err *SyntaxError) {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	t.position = l.column(start)
	err = l.read(&t)
	if err != nil {
		l.at = len(l.text)
	}
	t.end = l.column(l.at)
	return t, err
}

// column counts characters, from 1.
func (l *lexer) column(at int) int { return utf8.RuneCountInString(l.text[:at]) + 1 }

var signs = []string{"!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "{", "}", "[", "]", ",", ":"}

func (l *lexer) read(t *token) *SyntaxError {
	rest := l.text[l.at:]
	if rest == "" {
		return nil
	}
	switch c := rest[0]; {
	case c == '"':
		t.kind = tokenString
		return l.quoted(t)
	case c == '#':
		t.kind = tokenJSON
		return l.json(t)
	case isLetter(c):
		t.kind, t.text = tokenWord, leading(rest, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '.' })
	case isDigit(c) || c == '-' || c == '.':
		t.kind, t.text = tokenNumber, rest[:1]+leading(rest[1:], func(c byte) bool { return isDigit(c) || c == '.' || c|0x20 == 'e' })
		number, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return &SyntaxError{t.position, "bad number " + t.text}
		}
		t.number = number
	default:
		t.kind = tokenSign
		for _, sign := range signs {
			if strings.HasPrefix(rest, sign) {
				t.text = sign
				break
			}
		}
		if t.text == "" {
			return &SyntaxError{t.position, fmt.Sprintf("unexpected character %q", []rune(rest)[0])}
		}
	}
	l.at += len(t.text)
	return nil
}

// quoted reads a string in quotes; a backslash takes the next character as it is.
func (l *lexer) quoted(t *token) *SyntaxError {
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
	return &SyntaxError{t.position, "string without a closing quote"}
}

// json reads # and the JSON value behind it.
func (l *lexer) json(t *token) *SyntaxError {
	dec := json.NewDecoder(strings.NewReader(l.text[l.at+1:]))
	var value json.RawMessage
	if err := dec.Decode(&value); err != nil {
		return &SyntaxError{t.position, "JSON is needed behind #: " + err.Error()}
	}
	t.text = string(bytes.TrimSpace(value))
	l.at += 1 + int(dec.InputOffset())
	return nil
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
