package otlpproto

import (
	"errors"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// Decode reads an ExportTraceServiceRequest into b, whose strings are body's. The
// error joins one for every span that was left out; with one that is
// [ErrMalformed], nothing was read.
func Decode(pool *batch.Pool, b *batch.Batch, body []byte) error {
	d := decoder{batch: b, pool: pool}
	if err := d.request(body); err != nil {
		clear(b.Spans)
		b.Spans = b.Spans[:0]
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return errors.Join(d.errs...)
}

// ErrMalformed is a request that is no ExportTraceServiceRequest.
var ErrMalformed = errors.New("no OTLP request")

type decoder struct {
	batch *batch.Batch
	pool  *batch.Pool
	own   bool // strings are to be copies, as the value is remembered
	depth int  // of values in values
	errs  []error
}

func (d *decoder) request(message []byte) error {
	m := fields{rest: message}
	for m.next() {
		if m.FieldNum == 1 {
			m.note(d.resourceSpans(m.message()))
		}
	}
	if m.err != nil {
		return fmt.Errorf("resource_spans: %w", m.err)
	}
	return nil
}

// resourceSpans reads the resource last: it may stand behind the spans.
func (d *decoder) resourceSpans(message []byte) error {
	first := len(d.batch.Spans)
	var resource []byte
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1: // one that comes in parts is their sum
			part := m.message()
			if resource == nil {
				resource = slices.Clip(part) // more goes to a copy
			} else {
				resource = append(resource, part...)
			}
		case 2:
			m.note(d.scopeSpans(m.message()))
		}
	}
	if m.err != nil {
		return fmt.Errorf("field %d: %w", m.FieldNum, m.err)
	}
	d.batch.Key = append(append(d.batch.Key[:0], 'p'), resource...)
	res, err := d.pool.Resource(d.batch.Key, func() ([]attribute.KeyValue, error) { return d.resource(resource) })
	if err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	for i := first; i < len(d.batch.Spans); i++ {
		d.batch.Spans[i].Resource = res
	}
	return nil
}

func (d *decoder) resource(message []byte) ([]attribute.KeyValue, error) {
	d.own = true
	defer func() { d.own = false }()
	first := len(d.batch.Attributes)
	err := d.attributes(message, 1)
	return batch.Since(d.batch.Attributes, first), err
}

// attributes appends the KeyValues that a message has as the field number.
func (d *decoder) attributes(message []byte, number uint32) error {
	m := fields{rest: message}
	for m.next() {
		if m.FieldNum == number {
			m.note(d.attribute(m.message()))
		}
	}
	return m.err
}

func (d *decoder) scopeSpans(message []byte) error {
	first := len(d.batch.Spans)
	var name, version string
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			m.note(scope(m.message(), &name, &version))
		case 2:
			span := m.message()
			spans := len(d.batch.Spans)
			if err := d.span(span); err != nil && m.err == nil {
				clear(d.batch.Spans[spans:])
				d.batch.Spans = d.batch.Spans[:spans]
				d.errs = append(d.errs, fmt.Errorf("span %d left out: %w", spans+len(d.errs), err))
			}
		}
	}
	for i := first; i < len(d.batch.Spans); i++ {
		d.batch.Spans[i].ScopeName, d.batch.Spans[i].ScopeVersion = name, version
	}
	return m.err
}

func scope(message []byte, name, version *string) error {
	m := fields{rest: message}
	for m.next() {
		switch m.FieldNum {
		case 1:
			*name = m.text()
		case 2:
			*version = m.text()
		}
	}
	return m.err
}
