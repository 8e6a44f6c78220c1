package otlpproto

import (
	"errors"

	"github.com/VictoriaMetrics/easyproto"
)

var errType = errors.New("another wire type than OTLP has there")

// fields are the fields of a message, one after the other:
//
//	m := fields{rest: message}
//	for m.next() {
//		switch m.FieldNum { … }
//	}
//	return m.err
//
// What cannot be read is the zero value, and ends them.
type fields struct {
	easyproto.FieldContext
	rest []byte
	err  error
}

// next goes on to the next field and reports whether there is one.
func (m *fields) next() bool {
	if len(m.rest) == 0 {
		return false
	}
	rest, err := m.NextField(m.rest)
	m.rest = rest
	if err != nil {
		m.note(err)
		return false
	}
	return true
}

// note keeps the first error. There is no field after it.
func (m *fields) note(err error) {
	if err != nil && m.err == nil {
		m.rest, m.err = nil, err
	}
}

// take returns v, or notes that the field has another type.
func take[T any](m *fields, v T, ok bool) T {
	if !ok {
		m.note(errType)
	}
	return v
}

func (m *fields) text() string {
	v, ok := m.String()
	return take(m, v, ok)
}

func (m *fields) bytes() []byte {
	v, ok := m.Bytes()
	return take(m, v, ok)
}

func (m *fields) message() []byte {
	v, ok := m.MessageData()
	return take(m, v, ok)
}

func (m *fields) int32() int32 {
	v, ok := m.Int32()
	return take(m, v, ok)
}

func (m *fields) count() int {
	v, ok := m.Uint32()
	return int(take(m, v, ok))
}

func (m *fields) fixed32() uint32 {
	v, ok := m.Fixed32()
	return take(m, v, ok)
}

func (m *fields) fixed64() uint64 {
	v, ok := m.Fixed64()
	return take(m, v, ok)
}
