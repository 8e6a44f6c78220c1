package otlpjson

import (
	"encoding/base64"
	"math"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// attributes appends a list of KeyValue.
func (d *decoder) attributes() error { return d.list((*decoder).attribute) }

func (d *decoder) attribute() error {
	n := len(d.batch.Attributes)
	d.batch.Attributes = append(d.batch.Attributes, attribute.KeyValue{})
	return d.members(func(d *decoder, key string) error {
		switch key {
		case "key":
			name, err := d.text()
			d.batch.Attributes[n].Key = attribute.Key(name)
			return under(key, err)
		case "value":
			v, err := d.any()
			d.batch.Attributes[n].Value = v
			return under(key, err)
		}
		return d.skip()
	})
}

// any reads an AnyValue: an object with one member, whose name is the type. One
// without a member is the empty value.
func (d *decoder) any() (v attribute.Value, err error) {
	err = d.members(func(d *decoder, key string) error {
		var read attribute.Value
		var err error
		if d.isNull() {
			return d.literal("null")
		}
		switch key {
		case "stringValue":
			var s string
			s, err = d.text()
			read = attribute.StringValue(s)
		case "boolValue":
			var b bool
			b, err = d.boolean()
			read = attribute.BoolValue(b)
		case "intValue":
			var i int64
			i, err = d.integer(math.MinInt64, math.MaxInt64)
			read = attribute.Int64Value(i)
		case "doubleValue":
			var f float64
			f, err = d.double()
			read = attribute.Float64Value(f)
		case "arrayValue":
			read, err = d.remembered('a', (*decoder).arrayValue)
		case "kvlistValue":
			read, err = d.remembered('k', (*decoder).kvlistValue)
		case "bytesValue":
			read, err = d.remembered('b', (*decoder).bytesValue)
		default:
			return d.skip()
		}
		v = read
		return under(key, err)
	})
	return v, err
}

// remembered returns what was made of the same text before, or makes it.
func (d *decoder) remembered(kind byte, read func(*decoder) (attribute.Value, error)) (attribute.Value, error) {
	if d.pool == nil || d.own {
		return read(d)
	}
	start, depth := d.at, d.depth
	if err := d.skip(); err != nil {
		return attribute.Value{}, err
	}
	d.batch.Key = append(append(d.batch.Key[:0], 'j', kind), d.data[start:d.at]...)
	if v, ok := d.pool.Lists.Get(d.batch.Key); ok {
		return v, nil
	}
	d.at, d.depth, d.own = start, depth, true
	v, err := read(d)
	d.own = false
	if err == nil {
		d.pool.Lists.Put(d.batch.Key, v)
	}
	return v, err
}

// arrayValue reads a list.
func (d *decoder) arrayValue() (attribute.Value, error) {
	var values []attribute.Value
	err := d.members(func(d *decoder, key string) error {
		if key != "values" {
			return d.skip()
		}
		values = values[:0]
		return under(key, d.list(func(d *decoder) error {
			v, err := d.any()
			values = append(values, v)
			return err
		}))
	})
	return batch.List(values), err
}

func (d *decoder) kvlistValue() (attribute.Value, error) {
	first := len(d.batch.Attributes)
	// The values of the list are behind the attribute that it belongs to.
	err := d.members(func(d *decoder, key string) error {
		if key != "values" {
			return d.skip()
		}
		d.batch.Attributes = d.batch.Attributes[:first]
		return under(key, d.attributes())
	})
	v := attribute.MapValue(d.batch.Attributes[first:]...)
	clear(d.batch.Attributes[first:])
	d.batch.Attributes = d.batch.Attributes[:first]
	return v, err
}

// bytesValue reads base64 in either alphabet, with padding or without.
func (d *decoder) bytesValue() (attribute.Value, error) {
	start := d.at
	s, err := d.text()
	if err != nil {
		return attribute.Value{}, err
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		d.at = start
		return attribute.Value{}, d.wrong("base64")
	}
	return attribute.ByteSliceValue(b), nil
}
