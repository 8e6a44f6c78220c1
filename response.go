package lambdaxray

import (
	"encoding/json"
	"reflect"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

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

// statusOfValue is lambdaevent.Status for a response that is not encoded yet: the
// field StatusCode, as the response types of aws-lambda-go have it, the key
// statusCode of a map, or the member of raw JSON.
func statusOfValue(response any) (int, bool) {
	if raw, ok := response.(json.RawMessage); ok {
		return lambdaevent.Status(raw)
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
