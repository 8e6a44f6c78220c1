package lambdaxray

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
)

// statusOfJSON finds the member statusCode of a response object, in which API
// Gateway, load balancers and function URLs look for the HTTP status. It stops
// there: nothing is decoded, and what is no JSON object has no status.
func statusOfJSON(response []byte) (int, bool) {
	b := bytes.TrimLeft(response, " \t\r\n")
	if len(b) == 0 || b[0] != '{' {
		return 0, false
	}
	depth := 0
	for len(b) > 0 {
		switch b[0] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			var s []byte
			s, b = cutString(b)
			if depth != 1 || string(s) != "statusCode" {
				continue
			}
			b = bytes.TrimLeft(b, " \t\r\n")
			if len(b) > 0 && b[0] == ':' { // else it is a value
				return leadingInt(bytes.TrimLeft(b[1:], " \t\r\n\""))
			}
			continue
		}
		b = b[1:]
	}
	return 0, false
}

// cutString returns the JSON string that b begins with, escapes as they are, and
// what follows it.
func cutString(b []byte) (s, rest []byte) {
	for end := 1; end < len(b); end++ {
		i := bytes.IndexByte(b[end:], '"')
		if i < 0 {
			break
		}
		end += i
		escapes := 0
		for b[end-1-escapes] == '\\' { // ends at the opening quote
			escapes++
		}
		if escapes%2 == 0 {
			return b[1:end], b[end+1:]
		}
	}
	return nil, nil
}

func leadingInt(b []byte) (int, bool) {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	code, err := strconv.Atoi(string(b[:n]))
	return code, err == nil && isStatus(code)
}

// isStatus reports whether code is an HTTP status. The handler of a function
// behind HTTP may return an object whose statusCode means something else.
func isStatus(code int) bool { return 100 <= code && code <= 599 }

// fieldNamed is v.FieldByName without embedded structs, and without 8 KB of code
// that nothing else in a function needs.
func fieldNamed(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Name == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// statusOfValue is statusOfJSON for a response that is not encoded yet: the
// field StatusCode, as the response types of aws-lambda-go have it, the key
// statusCode of a map, or the member of raw JSON.
func statusOfValue(response any) (int, bool) {
	if raw, ok := response.(json.RawMessage); ok {
		return statusOfJSON(raw)
	}
	v := reflect.Indirect(reflect.ValueOf(response))
	switch v.Kind() {
	case reflect.Struct:
		v = fieldNamed(v, "StatusCode")
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return 0, false
		}
		v = v.MapIndex(reflect.ValueOf("statusCode").Convert(v.Type().Key()))
	default:
		return 0, false
	}
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	code := 0
	switch {
	case v.CanInt():
		code = int(v.Int())
	case v.CanFloat():
		code = int(v.Float())
	}
	return code, isStatus(code)
}
