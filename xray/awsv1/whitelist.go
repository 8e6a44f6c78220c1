package awsv1

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go/aws/request"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray/xray/internal/params"
)

// whitelist is which parameters of a call are sent: by service, then operation.
// Its file is that of the X-Ray SDKs.
type whitelist struct {
	Services map[string]struct {
		Operations map[string]operation `json:"operations"`
	} `json:"services"`
}

type operation struct {
	Request             []string              `json:"request_parameters"`
	Response            []string              `json:"response_parameters"`
	RequestDescriptors  map[string]descriptor `json:"request_descriptors"`
	ResponseDescriptors map[string]descriptor `json:"response_descriptors"`
}

// descriptor says what of a parameter is sent: the keys of a map, the length of a
// list, or the value.
type descriptor struct {
	Map      bool   `json:"map"`
	List     bool   `json:"list"`
	RenameTo string `json:"rename_to"`
}

func readWhitelist(filename string) (list whitelist) {
	if filename == "" {
		return list
	}
	text, err := os.ReadFile(filename)
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		otel.Handle(err)
		return whitelist{}
	}
	return list
}

// values returns the members of the aws block.
func (l whitelist) values(r *request.Request) map[string]any {
	found := params.Of(r.Params)
	if found == nil {
		found = map[string]any{}
	}
	op := l.Services[r.ClientInfo.ServiceName].Operations[r.Operation.Name]
	take(found, r.Params, op.Request, op.RequestDescriptors)
	take(found, r.Data, op.Response, op.ResponseDescriptors)
	return found
}

func take(found map[string]any, from any, names []string, descriptors map[string]descriptor) {
	v := reflect.Indirect(reflect.ValueOf(from))
	if v.Kind() != reflect.Struct {
		return
	}
	for _, name := range names {
		if f := v.FieldByName(name); f.IsValid() && !f.IsZero() {
			found[snake(name)] = plain(f)
		}
	}
	for name, d := range descriptors {
		f := v.FieldByName(name)
		if !f.IsValid() || f.IsZero() {
			continue
		}
		key := d.RenameTo
		if key == "" {
			key = snake(name)
		}
		switch {
		case d.Map && f.Kind() == reflect.Map:
			var keys []string
			for _, k := range f.MapKeys() {
				keys = append(keys, k.String())
			}
			found[key] = keys
		case d.List && f.Kind() == reflect.Slice:
			found[key] = f.Len()
		default:
			found[key] = plain(f)
		}
	}
}

// plain returns the value behind a pointer.
func plain(v reflect.Value) any { return reflect.Indirect(v).Interface() }

// snake writes TableName as table_name.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if unicode.IsUpper(c) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
