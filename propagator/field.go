package propagator

import (
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// cutField splits a field at its first equals sign.
func cutField(field string) (key, value string) {
	key, value, _ = strings.Cut(field, "=")
	return trim(key), trim(value)
}

func trim(s string) string {
	s = s[leading(s):]
	for s != "" && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// leading counts the blanks that s starts with.
func leading(s string) int {
	i := 0
	for i < len(s) && blank(s[i]) {
		i++
	}
	return i
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// keeps reports whether a field goes on in outgoing headers.
func keeps(key, field string) bool {
	if field == "" || key == "Self" {
		return false
	}
	for i := range len(field) {
		if field[i] < ' ' && field[i] != '\t' || field[i] > '~' {
			return false
		}
	}
	return true
}

// nextField cuts the first field off s.
func nextField(s string) (field, rest string) {
	field, rest, _ = strings.Cut(s, ";")
	return trim(field), rest
}

// joinFields returns the other fields of s in wire form. Where they are too long it
// keeps Lineage first, then as many of the rest as fit, from the front.
func joinFields(s string) string {
	room := maxFieldsLen
	lineage := fieldNamed(s, keyLineage)
	if len(lineage) > room {
		lineage = ""
	}
	if lineage != "" {
		room -= len(lineage) + 1
	}
	dst := make([]byte, 0, maxFieldsLen)
	full := false
	for s != "" {
		var field string
		field, s = nextField(s)
		key, _ := cutField(field)
		switch {
		case key == "Root", key == "Parent", key == "Sampled", !keeps(key, field):
			continue
		case field == lineage:
			lineage = ""
		case full || len(field) > room:
			full = true
			continue
		default:
			room -= len(field) + 1
		}
		if len(dst) > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, field...)
	}
	return string(dst)
}

// fieldNamed returns the first field of s with that key that is kept, "" if there
// is none.
func fieldNamed(s, name string) string {
	for s != "" {
		var field string
		field, s = nextField(s)
		if key, _ := cutField(field); key == name && keeps(key, field) {
			return field
		}
	}
	return ""
}

func parseTraceID(s string) (id trace.TraceID, ok bool) {
	if len(s) != len("1-01234567-0123456789abcdef01234567") || s[0] != '1' || s[1] != '-' || s[10] != '-' {
		return id, false
	}
	ok = decodeHex(id[:4], s[2:10]) && decodeHex(id[4:], s[11:])
	return id, ok && id.IsValid()
}

func parseSpanID(s string) (id trace.SpanID, ok bool) {
	ok = decodeHex(id[:], s)
	return id, ok && id.IsValid()
}

// decodeHex fills dst from s, which must be exactly twice as long.
func decodeHex(dst []byte, s string) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

func parseSampling(s string) Sampling {
	switch s {
	case "0":
		return SamplingNo
	case "1":
		return SamplingYes
	case "?":
		return SamplingRequested
	default:
		return SamplingUnset
	}
}
