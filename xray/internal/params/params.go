// Package params finds out of the input of an AWS call what it works on.
package params

import (
	"reflect"
	"slices"
)

// members are the fields of inputs that name a resource, and what a segment
// document calls them.
var members = map[string]string{
	"TableName":       "table_name",
	"Bucket":          "bucket_name",
	"Key":             "key",
	"QueueUrl":        "queue_url",
	"TopicArn":        "topic_arn",
	"FunctionName":    "function_name",
	"SecretId":        "secret_id",
	"StreamName":      "stream_name",
	"StateMachineArn": "state_machine_arn",
}

// Of returns the members of the aws block that the input of a call fills: a
// pointer to a struct, of either SDK. Fields that are not set are left out.
func Of(input any) map[string]any {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return nil
	}
	found := map[string]any{}
	for field, key := range members {
		if text, ok := Text(v.FieldByName(field)); ok {
			found[key] = text
		}
	}
	// BatchGetItem and BatchWriteItem: requests by table.
	if m := v.FieldByName("RequestItems"); m.IsValid() && m.Kind() == reflect.Map && m.Type().Key().Kind() == reflect.String {
		var tables []string
		for _, k := range m.MapKeys() {
			tables = append(tables, k.String())
		}
		if slices.Sort(tables); len(tables) > 0 {
			found["table_names"] = tables
		}
	}
	return found
}

// Text returns the text of a string or a pointer to one, unless it is empty.
func Text(v reflect.Value) (string, bool) {
	if v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() != reflect.String || v.String() == "" {
		return "", false
	}
	return v.String(), true
}
