package mapping

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

const hexDigits = "0123456789abcdef"

// needsEscape reports whether appendText cannot copy c as it is: controls, quote,
// backslash, and everything outside ASCII (checked as UTF-8).
func needsEscape(c byte) bool { return c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf }

// appendKey writes key, which is a member's key as JSON with a comma before it and
// a colon behind it, and maybe what opens the value: `,"http":{`. Where the last
// byte wants no comma the comma stays out.
//
//go:noinline
func appendKey(dst []byte, key string) []byte {
	if n := len(dst); n == 0 || opens(dst[n-1]) {
		key = key[1:]
	}
	return append(dst, key...)
}

// opens reports whether a value may follow c without a comma.
func opens(c byte) bool { return c == '{' || c == '[' || c == ':' || c == ',' }

// extend returns dst with n more bytes, which are not cleared: one look at the
// capacity for all that a caller is going to write.
func extend(dst []byte, n int) []byte {
	if cap(dst)-len(dst) < n {
		dst = grow(dst, n)
	}
	return dst[:len(dst)+n]
}

//go:noinline
func grow(dst []byte, n int) []byte { return slices.Grow(dst, n) }

// appendComma writes a comma unless dst ends where a value may start. The last
// byte decides, so that no caller keeps a "first" flag.
//
//go:noinline
func appendComma(dst []byte) []byte {
	if n := len(dst); n > 0 && !opens(dst[n-1]) {
		return append(dst, ',')
	}
	return dst
}

// appendField writes a member whose value is a string.
//
//go:noinline
func appendField(dst []byte, key, value string) []byte {
	return appendString(appendKey(dst, key), value)
}

// appendString writes s as a JSON string. Invalid UTF-8 becomes U+FFFD.
//
//go:noinline
func appendString(dst []byte, s string) []byte {
	n := len(dst)
	dst = extend(dst, len(s)+2)
	dst[n] = '"'
	if !copyPlain(dst[n+1:], s) {
		return append(appendEscaped(dst[:n+1], s), '"')
	}
	dst[len(dst)-1] = '"'
	return dst
}

// appendText writes the inside of a JSON string.
//
//go:noinline
func appendText(dst []byte, s string) []byte {
	n := len(dst)
	dst = extend(dst, len(s))
	if !copyPlain(dst[n:], s) {
		return appendEscaped(dst[:n], s)
	}
	return dst
}

// appendEscaped is appendText for a string that needs an escape somewhere.
func appendEscaped(dst []byte, s string) []byte {
	for {
		i := plainPrefix(s)
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

// plainPrefix returns how many bytes of s need no escape.
func plainPrefix(s string) int {
	i := 0
	for i+8 <= len(s) && special(load64(s, i)) == 0 {
		i += 8
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

// cut returns at most limit characters of s, on a rune boundary.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for i := range s {
		if limit == 0 {
			return s[:i]
		}
		limit--
	}
	return s
}

// appendValue writes an attribute value of any type.
func appendValue(dst []byte, v *attribute.Value) []byte {
	switch v.Type() {
	case attribute.STRING:
		return appendString(dst, v.AsString())
	case attribute.INT64:
		return strconv.AppendInt(dst, v.AsInt64(), 10)
	case attribute.BOOL:
		return strconv.AppendBool(dst, v.AsBool())
	case attribute.FLOAT64:
		return appendFloat(dst, v.AsFloat64())
	case attribute.STRINGSLICE, attribute.INT64SLICE, attribute.BOOLSLICE, attribute.FLOAT64SLICE:
		return appendList(dst, v)
	case attribute.BYTESLICE:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.AsByteSlice())
		return append(dst, '"')
	case attribute.SLICE:
		dst = append(dst, '[')
		for _, e := range v.AsSlice() {
			dst = appendValue(appendComma(dst), &e)
		}
		return append(dst, ']')
	case attribute.MAP:
		return appendMap(dst, v.AsMap())
	}
	return append(dst, "null"...)
}

// appendMap writes a map value. Its keys come sorted; of equal ones the last
// counts, as everywhere in OpenTelemetry.
func appendMap(dst []byte, kvs []attribute.KeyValue) []byte {
	dst = append(dst, '{')
	for i := range kvs {
		if i+1 < len(kvs) && kvs[i].Key == kvs[i+1].Key {
			continue
		}
		dst = appendString(appendComma(dst), string(kvs[i].Key))
		dst = append(dst, ':')
		dst = appendValue(dst, &kvs[i].Value)
	}
	return append(dst, '}')
}

// appendCompact appends valid JSON without white space. It checks the UTF-8,
// which json.Valid does not.
func appendCompact(dst []byte, text string) []byte {
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += size - 1
			continue
		case inString && c == '\\':
			dst = append(dst, c)
			i++
			c = text[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			continue
		}
		dst = append(dst, c)
	}
	return dst
}
