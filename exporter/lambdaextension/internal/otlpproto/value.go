package otlpproto

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// maxDepth is how deep values may be in values. Their bytes could overflow the stack.
const maxDepth = 1000

// attribute appends a KeyValue.
func (d *decoder) attribute(message []byte) (err error) {
	var kv attribute.KeyValue
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			kv.Key = attribute.Key(d.text(&m))
		case 2:
			kv.Value, err = d.any(m.message())
			m.note(err)
		}
	}
	d.batch.Attributes = append(d.batch.Attributes, kv)
	return m.err
}

func (d *decoder) text(m *fields) string {
	s := m.text()
	if d.own {
		s = strings.Clone(s)
	}
	return s
}

// any reads an AnyValue.
func (d *decoder) any(message []byte) (v attribute.Value, err error) {
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			v = attribute.StringValue(d.text(&m))
		case 2:
			b, ok := m.Bool()
			v = attribute.BoolValue(take(&m, b, ok))
		case 3:
			i, ok := m.Int64()
			v = attribute.Int64Value(take(&m, i, ok))
		case 4:
			x, ok := m.Double()
			v = attribute.Float64Value(take(&m, x, ok))
		case 5, 6, 7:
			if b := m.bytes(); m.err == nil {
				v, err = d.remembered(m.FieldNum, b)
				m.note(err)
			}
		}
	}
	return v, m.err
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
	m := fields{rest: message}
	for m.next() {
		if m.FieldNum != 1 {
			continue
		}
		v, err := d.any(m.message())
		m.note(err)
		values = append(values, v)
	}
	return batch.List(values), m.err
}
