package otlpjson

import (
	"encoding/base64"
	"math"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// attributes reads a list of KeyValue.
func (n *node) attributes() ([]attribute.KeyValue, error) {
	elements, err := n.list()
	if err != nil || len(elements) == 0 {
		return nil, err
	}
	out := make([]attribute.KeyValue, len(elements))
	for i := range elements {
		at := n.element(elements, i)
		if err := at.object(); err != nil {
			return nil, err
		}
		key := at.field("key")
		name, err := key.text()
		if err != nil {
			return nil, err
		}
		value := at.field("value")
		v, err := value.any()
		if err != nil {
			return nil, err
		}
		out[i] = attribute.KeyValue{Key: attribute.Key(name), Value: v}
	}
	return out, nil
}

// any reads an AnyValue: an object with one member, whose name is the type. One
// without a member is the empty value.
func (n *node) any() (attribute.Value, error) {
	members, ok := n.value.(map[string]any)
	if !ok && n.value != nil {
		return attribute.Value{}, n.wrong("an object")
	}
	for _, kind := range [...]struct {
		name string
		read func(*node) (attribute.Value, error)
	}{
		{"stringValue", stringValue},
		{"boolValue", boolValue},
		{"intValue", intValue},
		{"doubleValue", doubleValue},
		{"arrayValue", arrayValue},
		{"kvlistValue", kvlistValue},
		{"bytesValue", bytesValue},
	} {
		if v, ok := members[kind.name]; ok && v != nil {
			at := n.field(kind.name)
			return kind.read(&at)
		}
	}
	return attribute.Value{}, nil
}

func stringValue(n *node) (attribute.Value, error) {
	s, err := n.text()
	return attribute.StringValue(s), err
}

func boolValue(n *node) (attribute.Value, error) {
	b, err := n.boolean()
	return attribute.BoolValue(b), err
}

func intValue(n *node) (attribute.Value, error) {
	i, err := n.integer(math.MinInt64, math.MaxInt64)
	return attribute.Int64Value(i), err
}

func doubleValue(n *node) (attribute.Value, error) {
	f, err := n.double()
	return attribute.Float64Value(f), err
}

func kvlistValue(n *node) (attribute.Value, error) {
	if err := n.object(); err != nil {
		return attribute.Value{}, err
	}
	values := n.field("values")
	kvs, err := values.attributes()
	return attribute.MapValue(kvs...), err
}

// bytesValue reads base64 in either alphabet, with padding or without.
func bytesValue(n *node) (attribute.Value, error) {
	s, err := n.text()
	if err != nil {
		return attribute.Value{}, err
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return attribute.Value{}, n.wrong("base64")
	}
	return attribute.ByteSliceValue(b), nil
}

// arrayValue reads a list. One whose elements are all of one simple type
// becomes a value of that type, as the SDK's attributes are.
func arrayValue(n *node) (attribute.Value, error) {
	if err := n.object(); err != nil {
		return attribute.Value{}, err
	}
	values := n.field("values")
	elements, err := values.list()
	if err != nil {
		return attribute.Value{}, err
	}
	list := make([]attribute.Value, len(elements))
	for i := range elements {
		at := values.element(elements, i)
		if list[i], err = at.any(); err != nil {
			return attribute.Value{}, err
		}
	}
	if len(list) == 0 {
		return attribute.SliceValue(), nil
	}
	kind := list[0].Type()
	for _, v := range list {
		if v.Type() != kind {
			return attribute.SliceValue(list...), nil
		}
	}
	switch kind {
	case attribute.STRING:
		return attribute.StringSliceValue(collect(list, attribute.Value.AsString)), nil
	case attribute.BOOL:
		return attribute.BoolSliceValue(collect(list, attribute.Value.AsBool)), nil
	case attribute.INT64:
		return attribute.Int64SliceValue(collect(list, attribute.Value.AsInt64)), nil
	case attribute.FLOAT64:
		return attribute.Float64SliceValue(collect(list, attribute.Value.AsFloat64)), nil
	}
	return attribute.SliceValue(list...), nil
}

func collect[T any](list []attribute.Value, as func(attribute.Value) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = as(v)
	}
	return out
}
