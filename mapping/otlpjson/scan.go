package otlpjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// maxDepth is encoding/json's. A text of nothing but brackets must not overflow the
// stack.
const maxDepth = 10_000

func (d *decoder) space() {
	for d.at < len(d.data) {
		switch d.data[d.at] {
		case ' ', '\n', '\t', '\r':
			d.at++
		default:
			return
		}
	}
}

// peek returns the first byte of the next value or mark, 0 at the end.
func (d *decoder) peek() byte {
	d.space()
	if d.at == len(d.data) {
		return 0
	}
	return d.data[d.at]
}

// isNull reports whether the next value is null, which OTLP takes for the default.
func (d *decoder) isNull() bool { return d.peek() == 'n' }

func (d *decoder) literal(word string) error {
	if !strings.HasPrefix(d.data[d.at:], word) {
		return errSyntax
	}
	d.at += len(word)
	return nil
}

// enter reads the bracket of an object or a list and reports whether anything is in
// it. Null is as good as nothing in it.
func (d *decoder) enter(bracket byte, want string) (more bool, err error) {
	switch d.peek() {
	case 'n':
		return false, d.literal("null")
	case bracket:
	default:
		return false, d.wrong(want)
	}
	d.at++
	if d.depth++; d.depth > maxDepth {
		return false, errSyntax
	}
	if d.peek() == bracket+2 { // ASCII has } and ] there
		d.at++
		d.depth--
		return false, nil
	}
	return true, nil
}

// next reads the comma before another element, or the bracket at the end.
func (d *decoder) next(bracket byte) (more bool, err error) {
	switch d.peek() {
	case ',':
		d.at++
		d.space()
		return true, nil
	case bracket:
		d.at++
		d.depth--
		return false, nil
	}
	return false, errSyntax
}

// members reads an object, or null. read gets each member's key and must read its
// value.
func (d *decoder) members(read func(d *decoder, key string) error) error {
	more, err := d.enter('{', "an object")
	for more {
		if d.peek() != '"' {
			return errSyntax
		}
		key, err := d.str()
		if err != nil {
			return err
		}
		if d.peek() != ':' {
			return errSyntax
		}
		d.at++
		d.space()
		if err := read(d, key); err != nil {
			return err
		}
		if more, err = d.next('}'); err != nil {
			return err
		}
	}
	return err
}

// skip reads a value of any kind and returns nil or errSyntax.
func (d *decoder) skip() error {
	switch c := d.peek(); c {
	case '{':
		return d.members(func(d *decoder, _ string) error { return d.skip() })
	case '[':
		return d.list((*decoder).skip)
	case '"':
		_, err := d.scanString()
		return err
	case 't':
		return d.literal("true")
	case 'f':
		return d.literal("false")
	case 'n':
		return d.literal("null")
	}
	_, err := d.number()
	return err
}

// number reads a number as JSON spells it.
func (d *decoder) number() (string, error) {
	s, i := d.data[d.at:], 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := digits(s[i:])
	if whole == 0 {
		return "", errSyntax
	}
	if s[i] == '0' {
		whole = 1 // a digit after it is no part of the number
	}
	i += whole
	if i < len(s) && s[i] == '.' {
		n := digits(s[i+1:])
		if n == 0 {
			return "", errSyntax
		}
		i += 1 + n
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n := digits(s[i:])
		if n == 0 {
			return "", errSyntax
		}
		i += n
	}
	d.at += i
	return s[:i], nil
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// scanString reads a string's bytes and reports whether they are its text.
func (d *decoder) scanString() (plain bool, err error) {
	plain = true
	s := d.data
	for i := d.at + 1; ; {
		i += jsonenc.PlainPrefix(s[i:])
		if i == len(s) {
			return false, errSyntax
		}
		switch c := s[i]; {
		case c == '"':
			d.at = i + 1
			return plain, nil
		case c == '\\':
			plain = false
			n := escapeLen(s[i:])
			if n == 0 {
				return false, errSyntax
			}
			i += n
		case c < ' ':
			return false, errSyntax
		default:
			_, n := utf8.DecodeRuneInString(s[i:])
			plain = plain && n > 1
			i += n
		}
	}
}

// escapeLen returns the length of the escape that s begins with, 0 if it is none.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && hexDigit(s[2])|hexDigit(s[3])|hexDigit(s[4])|hexDigit(s[5]) < 16 {
			return 6
		}
	}
	return 0
}

// str reads a string. What stands in the text as it is meant is returned in place.
func (d *decoder) str() (string, error) {
	start := d.at + 1
	plain, err := d.scanString()
	if err != nil {
		return "", err
	}
	s := d.data[start : d.at-1]
	if plain {
		return s, nil
	}
	first := len(d.batch.Text)
	d.batch.Text = appendUnescaped(d.batch.Text, s)
	text := d.batch.Text[first:]
	return unsafe.String(unsafe.SliceData(text), len(text)), nil
}

// appendUnescaped appends what s means, a string's text that scanString has read.
// What is no character becomes U+FFFD, as with encoding/json.
func appendUnescaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		case c != '\\':
			n := jsonenc.PlainPrefix(s[i:])
			dst = append(dst, s[i:i+n]...)
			i += n
		case s[i+1] == 'u':
			r := unicodeEscape(s[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				both := rune(utf8.RuneError)
				if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
					both = utf16.DecodeRune(r, unicodeEscape(s[i:]))
				}
				if r = both; r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, unescaped[s[i+1]])
			i += 2
		}
	}
	return dst
}

var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func unicodeEscape(s string) rune {
	return rune(hexDigit(s[2]))<<12 | rune(hexDigit(s[3]))<<8 | rune(hexDigit(s[4]))<<4 | rune(hexDigit(s[5]))
}
