package lambdaevent

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The scanner walks JSON text by member and skips the values nobody asks for.
// encoding/json would read a 6 MB event in full, at a tenth of the speed. It checks
// only the structure it walks over; on valid JSON it sees what encoding/json sees.

// object walks the members of a JSON object.
type object struct {
	text  []byte
	pos   int    // where the current value starts, or the next token
	key   []byte // decoded
	state walkState
}

// array walks the elements of a JSON array.
type array struct {
	text  []byte
	pos   int
	state walkState
}

type walkState uint8

const (
	walkDone       walkState = iota
	walkStart                // after the opening bracket
	walkAtValue              // at a value
	walkAfterValue           // after a value that has been read
)

// openObject starts a walk over text; there are no members if it holds no object.
func openObject(text []byte) object {
	if i := skipSpace(text, 0); i < len(text) && text[i] == '{' {
		return object{text: text, pos: i + 1, state: walkStart}
	}
	return object{}
}

// next moves to the next member: key is set, and value reads the value.
func (o *object) next() bool {
	i, ok := separator(o.text, o.pos, &o.state, '}')
	if !ok || o.text[i] != '"' {
		o.state = walkDone
		return false
	}
	end := skipString(o.text, i)
	colon := skipSpace(o.text, end)
	if colon >= len(o.text) || o.text[colon] != ':' {
		o.state = walkDone
		return false
	}
	o.key = decoded(o.text[i:end])
	o.pos = skipSpace(o.text, colon+1)
	return true
}

// value returns the raw text of the current value. It is called once: the walk
// goes on behind it.
func (o *object) value() []byte {
	raw := rawValue(o.text, o.pos)
	o.pos, o.state = o.pos+len(raw), walkAfterValue
	return raw
}

// rest returns the raw text from the current value on, without looking for its end.
func (o *object) rest() []byte { return o.text[min(o.pos, len(o.text)):] }

// openArray starts a walk over text; there are no elements if it holds no array.
func openArray(text []byte) array {
	if i := skipSpace(text, 0); i < len(text) && text[i] == '[' {
		return array{text: text, pos: i + 1, state: walkStart}
	}
	return array{}
}

// next moves to the next element.
func (a *array) next() bool {
	i, ok := separator(a.text, a.pos, &a.state, ']')
	a.pos = i
	return ok
}

// value returns the raw text of the current element. It is called once, as an
// object's.
func (a *array) value() []byte {
	raw := rawValue(a.text, a.pos)
	a.pos, a.state = a.pos+len(raw), walkAfterValue
	return raw
}

func (a *array) rest() []byte { return a.text[min(a.pos, len(a.text)):] }

// separator skips the current value and the comma after it, and returns where the
// next member or element starts.
func separator(b []byte, i int, state *walkState, closing byte) (int, bool) {
	switch *state {
	case walkDone:
		return i, false
	case walkAtValue, walkAfterValue:
		if *state == walkAtValue {
			i = skipValue(b, i)
		}
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != ',' {
			*state = walkDone
			return i, false
		}
		i = skipSpace(b, i+1)
	case walkStart:
		i = skipSpace(b, i)
	}
	if i >= len(b) || b[i] == closing {
		*state = walkDone
		return i, false
	}
	*state = walkAtValue
	return i, true
}

// members returns the raw values of up to six members of the object in raw, nil
// where there is none. Of a repeated key the last counts.
func members(raw []byte, keys ...string) (values [6][]byte) {
	for o := openObject(raw); o.next(); {
		for i, key := range keys {
			if string(o.key) == key {
				values[i] = o.value()
				break
			}
		}
	}
	return values
}

// member is members for one.
func member(raw []byte, key string) []byte { return members(raw, key)[0] }

// firstOf returns the raw first element of the list in raw, nil if there is none.
func firstOf(raw []byte) []byte {
	a := openArray(raw)
	if !a.next() {
		return nil
	}
	return a.value()
}

// text decodes a JSON string; of anything else it returns "".
func text(raw []byte) string { return string(decoded(raw)) }

// decoded is text without a copy where the string has no escapes.
func decoded(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return nil
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	return []byte(s)
}

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

func rawValue(b []byte, i int) []byte {
	return b[min(i, len(b)):min(skipValue(b, i), len(b))]
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipValue returns the index after the value at i, len(b) if it does not end.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipContainer(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}

// skipContainer does not recurse: the depth of foreign text has no bound.
func skipContainer(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}

// skipString returns the index after the string whose opening quote is at i.
//
// In JSON within JSON escaped quotes are close together: behind one, a loop over 16
// bytes spares a call of bytes.IndexByte. A body of JSON takes 0.6 to 0.75 of the
// time.
func skipString(b []byte, i int) int {
	i++
	for i < len(b) {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			return len(b)
		}
		// An odd number of backslashes before it escapes the quote.
		slash := i + quote
		for slash > i && b[slash-1] == '\\' {
			slash--
		}
		escaped := (i+quote-slash)%2 == 1
		i += quote + 1
		if !escaped {
			return i
		}
		for near := min(i+16, len(b)); i < near; i++ {
			switch b[i] {
			case '"':
				return i + 1
			case '\\':
				i++
			}
		}
	}
	return len(b)
}
