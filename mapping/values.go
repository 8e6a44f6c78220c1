package mapping

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// sliceField is where attribute.Value keeps its list, -1 if it is not where it
// was. The accessors of attribute.Value copy the list at every call, one
// allocation a list; reading the elements through reflection needs none. If a
// release of OpenTelemetry moves the field, appendList and listStrings fall
// back to the accessors (a test says so).
var sliceField = func() int {
	t := reflect.TypeFor[attribute.Value]()
	for i := range t.NumField() { // FieldByName is 4 KB of code
		if f := t.Field(i); f.Name == "slice" && f.Type.Kind() == reflect.Interface {
			return i
		}
	}
	return -1
}()

// list returns v's elements as a reflected array, in place. v is a list value.
func list(v *attribute.Value) reflect.Value {
	if sliceField >= 0 {
		if l := reflect.ValueOf(v).Elem().Field(sliceField).Elem(); l.Kind() == reflect.Array {
			return l
		}
	}
	return reflect.ValueOf(v.AsInterface())
}

// appendValue writes an attribute value of any type.
func appendValue(dst []byte, v *attribute.Value) []byte {
	switch v.Type() {
	case attribute.STRING:
		return jsonenc.AppendString(dst, v.AsString())
	case attribute.INT64:
		return strconv.AppendInt(dst, v.AsInt64(), 10)
	case attribute.BOOL:
		return strconv.AppendBool(dst, v.AsBool())
	case attribute.FLOAT64:
		return jsonenc.AppendFloat(dst, v.AsFloat64())
	case attribute.STRINGSLICE, attribute.INT64SLICE, attribute.BOOLSLICE, attribute.FLOAT64SLICE:
		return appendList(dst, v)
	case attribute.BYTESLICE:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.AsByteSlice())
		return append(dst, '"')
	case attribute.SLICE:
		dst = append(dst, '[')
		for _, e := range v.AsSlice() {
			dst = appendNested(jsonenc.AppendComma(dst), &e)
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
		dst = jsonenc.AppendString(jsonenc.AppendComma(dst), string(kvs[i].Key))
		dst = append(dst, ':')
		if isSecretKey(string(kvs[i].Key)) {
			dst = jsonenc.AppendString(dst, redacted)
			continue
		}
		dst = appendNested(dst, &kvs[i].Value)
	}
	return append(dst, '}')
}

// appendNested writes a value within another one, without the secrets of its texts.
func appendNested(dst []byte, v *attribute.Value) []byte {
	if clean, ok := publicValue(v, false); ok {
		v = &clean
	}
	return appendValue(dst, v)
}

func appendList(dst []byte, v *attribute.Value) []byte {
	dst, _ = appendListUpTo(dst, v, math.MaxInt)
	return dst
}

// appendListUpTo writes the first items of a list, as many as end before the
// length, and returns how many are left.
func appendListUpTo(dst []byte, v *attribute.Value, length int) (_ []byte, left int) {
	l := list(v)
	dst = append(dst, '[')
	for i := range l.Len() {
		mark := len(dst)
		dst = jsonenc.AppendComma(dst)
		switch e := l.Index(i); e.Kind() {
		case reflect.String:
			dst = jsonenc.AppendString(dst, e.String())
		case reflect.Int64:
			dst = strconv.AppendInt(dst, e.Int(), 10)
		case reflect.Bool:
			dst = strconv.AppendBool(dst, e.Bool())
		case reflect.Float64:
			dst = jsonenc.AppendFloat(dst, e.Float())
		}
		if len(dst) >= length {
			return append(dst[:mark], ']'), l.Len() - i
		}
	}
	return append(dst, ']'), 0
}

// isList reports whether list reads a value of that type.
func isList(t attribute.Type) bool {
	switch t {
	case attribute.STRINGSLICE, attribute.INT64SLICE, attribute.BOOLSLICE, attribute.FLOAT64SLICE:
		return true
	}
	return false
}

// appendMemberUpTo is appendMember for a list that may have that many bytes, with
// its key. It returns how many items are left out; dst as it was if there is room
// for none.
func appendMemberUpTo(dst []byte, kv *attribute.KeyValue, room int) (_ []byte, left int) {
	mark := len(dst)
	dst = jsonenc.AppendForeignKey(dst, memberKey(kv))
	open := len(dst) + len("[")
	dst, left = appendListUpTo(dst, &kv.Value, mark+room)
	if len(dst) == open+len("]") {
		return dst[:mark], left
	}
	return dst, left
}

// appendListStrings appends the strings of a list (or a single string) to dst.
func appendListStrings(dst []string, v *attribute.Value) []string {
	switch v.Type() {
	case attribute.STRING:
		return append(dst, v.AsString())
	case attribute.STRINGSLICE:
		l := list(v)
		for i := range l.Len() {
			dst = append(dst, l.Index(i).String())
		}
	case attribute.SLICE: // a list of unlike values: its strings count
		for _, e := range v.AsSlice() {
			if e.Type() == attribute.STRING {
				dst = append(dst, e.AsString())
			}
		}
	}
	return dst
}
