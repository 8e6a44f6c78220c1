package otlpproto

import (
	"fmt"
	"strings"

	"github.com/VictoriaMetrics/easyproto"
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// maxDepth is how deep values may be in values. Their bytes could overflow the stack.
const maxDepth = 1000

// attribute appends the KeyValue in field.
func (d *decoder) attribute(field *easyproto.FieldContext) error {
	message, err := value(field.MessageData())
	if err != nil {
		return err
	}
	n := len(d.batch.Attributes)
	d.batch.Attributes = append(d.batch.Attributes, attribute.KeyValue{})
	var f easyproto.FieldContext
	for len(message) > 0 {
		err := next(&f, &message)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case 1:
			var key string
			key, err = d.text(&f)
			d.batch.Attributes[n].Key = attribute.Key(key)
		case 2:
			var v attribute.Value
			v, err = d.any(&f)
			d.batch.Attributes[n].Value = v
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) text(f *easyproto.FieldContext) (string, error) {
	s, err := value(f.String())
	if d.own {
		s = strings.Clone(s)
	}
	return s, err
}

// any reads the AnyValue in field.
func (d *decoder) any(field *easyproto.FieldContext) (v attribute.Value, err error) {
	message, err := value(field.MessageData())
	if err != nil {
		return v, err
	}
	var f easyproto.FieldContext
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return v, err
		}
		switch f.FieldNum {
		case 1:
			var s string
			s, err = d.text(&f)
			v = attribute.StringValue(s)
		case 2:
			var b bool
			b, err = value(f.Bool())
			v = attribute.BoolValue(b)
		case 3:
			var i int64
			i, err = value(f.Int64())
			v = attribute.Int64Value(i)
		case 4:
			var x float64
			x, err = value(f.Double())
			v = attribute.Float64Value(x)
		case 5, 6, 7:
			var m []byte
			if m, err = value(f.Bytes()); err == nil {
				v, err = d.remembered(f.FieldNum, m)
			}
		}
		if err != nil {
			return v, err
		}
	}
	return v, nil
}

// remembered returns what was made of the same bytes before, or makes it: a list, a
// map, or bytes.
func (d *decoder) remembered(kind uint32, message []byte) (attribute.Value, error) {
	if d.own {
		return d.complex(kind, message)
	}
	d.batch.Key = append(append(d.batch.Key[:0], 'p', byte(kind)), message...)
	if v, ok := d.pool.Lists.Get(d.batch.Key); ok {
		return v, nil
	}
	d.own = true
	v, err := d.complex(kind, message)
	d.own = false
	if err == nil {
		d.pool.Lists.Put(d.batch.Key, v)
	}
	return v, err
}

func (d *decoder) complex(kind uint32, message []byte) (attribute.Value, error) {
	if d.depth++; d.depth > maxDepth {
		return attribute.Value{}, fmt.Errorf("a value nested deeper than %d", maxDepth)
	}
	defer func() { d.depth-- }()
	switch kind {
	case 5:
		return d.list(message)
	case 6:
		first := len(d.batch.Attributes)
		err := d.attributes(message, 1)
		v := attribute.MapValue(d.batch.Attributes[first:]...)
		clear(d.batch.Attributes[first:])
		d.batch.Attributes = d.batch.Attributes[:first]
		return v, err
	}
	return attribute.ByteSliceValue(message), nil
}

func (d *decoder) list(message []byte) (attribute.Value, error) {
	var values []attribute.Value
	var f easyproto.FieldContext
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return attribute.Value{}, err
		}
		if f.FieldNum != 1 {
			continue
		}
		v, err := d.any(&f)
		if err != nil {
			return attribute.Value{}, err
		}
		values = append(values, v)
	}
	return batch.List(values), nil
}
