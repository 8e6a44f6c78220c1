package jsonenc

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// needsEscape reports whether a string cannot have c as it is: controls, quote,
// backslash, and everything outside ASCII (checked as UTF-8).
func needsEscape(c byte) bool { return c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf }

// extend returns dst with n more bytes, which are not cleared: one look at the
// capacity for all that a caller is going to write.
func extend(dst []byte, n int) []byte {
	return slices.Grow(dst, n)[:len(dst)+n]
}

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	n := len(dst)
	dst = extend(dst, len(s)+2)
	dst[n] = '"'
	if !copyPlain(dst[n+1:], s) {
		return append(appendEscaped(dst[:n+1], s), '"')
	}
	dst[len(dst)-1] = '"'
	return dst
}

// AppendText appends the inside of a JSON string, without the quotes.
func AppendText(dst []byte, s string) []byte {
	n := len(dst)
	dst = extend(dst, len(s))
	if !copyPlain(dst[n:], s) {
		return appendEscaped(dst[:n], s)
	}
	return dst
}

// appendEscaped is AppendText for a string that needs an escape somewhere.
func appendEscaped(dst []byte, s string) []byte {
	for {
		i := PlainPrefix(s)
		dst = append(dst, s[:i]...)
		if s = s[i:]; s == "" {
			return dst
		}
		if s[0] < utf8.RuneSelf {
			dst = appendEscape(dst, s[0])
			s = s[1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s) // U+FFFD where it is none
		dst = utf8.AppendRune(dst, r)
		s = s[size:]
	}
}

const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// special has a high bit set where one of eight bytes needs an escape: the classic
// zero-byte tests find a byte below 0x20, a quote, a backslash or one above 0x7f.
func special(v uint64) uint64 {
	return (v | (v - ' '*ones) | ((v ^ '"'*ones) - ones) | ((v ^ '\\'*ones) - ones)) & high
}

// copyPlain copies s to dst and reports whether it may stay so: whether nothing
// in it needs an escape. It checks what it copies, eight bytes at a time, the
// last eight once more for what is left over: a second pass over the text costs
// more than the rare one over a text that has to be escaped.
func copyPlain(dst []byte, s string) bool {
	if len(s) < 8 {
		return copyShort(dst, s)
	}
	var found uint64
	last := len(s) - 8
	dst = dst[:len(s)]
	for i := 0; i < last; i += 8 {
		v := load64(s, i)
		binary.LittleEndian.PutUint64(dst[i:], v)
		found |= special(v)
	}
	v := load64(s, last)
	binary.LittleEndian.PutUint64(dst[last:], v)
	return found|special(v) == 0
}

// copyShort is copyPlain for fewer than eight bytes.
func copyShort(dst []byte, s string) bool {
	var v uint64
	if n := len(s); n >= 4 {
		head, tail := load32(s, 0), load32(s, n-4)
		binary.LittleEndian.PutUint32(dst, head)
		binary.LittleEndian.PutUint32(dst[n-4:], tail)
		v = uint64(head) | uint64(tail)<<32
	} else {
		v = ' ' * ones
		for i := range n {
			dst[i] = s[i]
			v = v<<8 | uint64(s[i])
		}
	}
	return special(v) == 0
}

// PlainPrefix returns how many bytes s begins with that a JSON string has as they are:
// of ASCII, no control, no quote, no backslash.
func PlainPrefix(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if found := special(load64(s, i)); found != 0 {
			return i + bits.TrailingZeros64(found)/8 // what it subtracts borrows upward alone: the first is right
		}
	}
	for i < len(s) && !needsEscape(s[i]) {
		i++
	}
	return i
}

// load32 reads four bytes of s.
func load32(s string, i int) uint32 {
	_ = s[i+3]
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

// load64 reads eight bytes of s; the compiler makes one load of it.
func load64(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c < ' ' {
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, c)
}
