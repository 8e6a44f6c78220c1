package mapping

import (
	"reflect"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
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

func appendList(dst []byte, v *attribute.Value) []byte {
	l := list(v)
	dst = append(dst, '[')
	for i := range l.Len() {
		dst = appendComma(dst)
		switch e := l.Index(i); e.Kind() {
		case reflect.String:
			dst = appendString(dst, e.String())
		case reflect.Int64:
			dst = strconv.AppendInt(dst, e.Int(), 10)
		case reflect.Bool:
			dst = strconv.AppendBool(dst, e.Bool())
		case reflect.Float64:
			dst = appendFloat(dst, e.Float())
		}
	}
	return append(dst, ']')
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
