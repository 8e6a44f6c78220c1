package otlpjson

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// fields reads the members of an object. After the first error it reads
// nothing more: the callers look at err once, at the end.
type fields struct {
	node *node
	err  error
}

// read returns what read makes of a member.
func read[T any](f *fields, key string, read func(*node) (T, error)) (v T) {
	if f.err != nil {
		return v
	}
	at := f.node.field(key)
	got, err := read(&at)
	if err != nil {
		f.err = err
		return v
	}
	return got
}

func (f *fields) text(key string) string { return read(f, key, (*node).text) }

func (f *fields) attributes(key string) []attribute.KeyValue {
	return read(f, key, (*node).attributes)
}

func (f *fields) integer(key string, highest int64) int64 {
	return read(f, key, func(n *node) (int64, error) { return n.integer(0, highest) })
}

func (f *fields) count(key string) int { return int(f.integer(key, math.MaxUint32)) }

// enum reads the name of an enum's value. A number that is not known is the
// default, as for any reader that is older than the writer.
func (f *fields) enum(key string, names []string) string {
	return read(f, key, func(n *node) (string, error) {
		if name, ok := n.value.(string); ok {
			for _, known := range names {
				if name == known {
					return name, nil
				}
			}
		}
		i, err := n.integer(math.MinInt32, math.MaxInt32)
		if err != nil {
			return "", n.wrong(fmt.Sprintf("a number or one of %q", names))
		}
		if i < 0 || i >= int64(len(names)) {
			i = 0
		}
		return names[i], nil
	})
}

func (f *fields) id16(key string) (id [16]byte) {
	f.id(key, id[:], false)
	return id
}

func (f *fields) id8(key string, optional bool) (id [8]byte) {
	f.id(key, id[:], optional)
	return id
}

// id reads an id from hex digits of either case.
func (f *fields) id(key string, id []byte, optional bool) {
	read(f, key, func(n *node) (struct{}, error) {
		s, ok := n.value.(string)
		if optional && (n.value == nil || ok && s == "") {
			return struct{}{}, nil
		}
		if ok && len(s) == hex.EncodedLen(len(id)) {
			if _, err := hex.Decode(id, []byte(s)); err == nil {
				return struct{}{}, nil
			}
		}
		if b, err := base64.StdEncoding.Strict().DecodeString(s); ok && len(s) == base64.StdEncoding.EncodedLen(len(id)) && err == nil && len(b) == len(id) {
			copy(id, b)
			return struct{}{}, nil
		}
		return struct{}{}, n.wrong(fmt.Sprintf("%d hex digits", hex.EncodedLen(len(id))))
	})
}

// object reads the members of an object that may be absent.
func (f *fields) object(key string, members func(*fields)) {
	read(f, key, func(n *node) (struct{}, error) {
		inner := fields{node: n, err: n.object()}
		members(&inner)
		return struct{}{}, inner.err
	})
}

// each reads the members of every object in a list.
func (f *fields) each(key string, members func(*fields)) {
	read(f, key, func(n *node) (struct{}, error) {
		elements, err := n.list()
		for i := 0; i < len(elements) && err == nil; i++ {
			at := n.element(elements, i)
			inner := fields{node: &at, err: at.object()}
			members(&inner)
			err = inner.err
		}
		return struct{}{}, err
	})
}

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
