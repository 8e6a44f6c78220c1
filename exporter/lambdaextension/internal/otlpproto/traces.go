package otlpproto

import (
	"errors"
	"fmt"

	"github.com/VictoriaMetrics/easyproto"
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

var errType = errors.New("another wire type than OTLP has there")

// value returns what a method of FieldContext returns, or an error.
func value[T any](v T, ok bool) (T, error) {
	if !ok {
		return v, errType
	}
	return v, nil
}

// next reads the next field of a message. A loop in each function, and no function
// that is handed to one: that would put a FieldContext a message on the heap.
func next(f *easyproto.FieldContext, message *[]byte) (err error) {
	*message, err = f.NextField(*message)
	return err
}

func (d *decoder) request(message []byte) error {
	var f easyproto.FieldContext
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return err
		}
		if f.FieldNum == 1 { // resource_spans
			m, err := value(f.MessageData())
			if err == nil {
				err = d.resourceSpans(m)
			}
			if err != nil {
				return fmt.Errorf("resource_spans: %w", err)
			}
		}
	}
	return nil
}

// resourceSpans reads the resource last: it may stand behind the spans.
func (d *decoder) resourceSpans(message []byte) error {
	first := len(d.batch.Spans)
	var (
		f        easyproto.FieldContext
		resource []byte
		parts    int
	)
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return err
		}
		if f.FieldNum != 1 && f.FieldNum != 2 {
			continue
		}
		m, err := value(f.MessageData())
		switch {
		case err != nil:
		case f.FieldNum == 2:
			err = d.scopeSpans(m)
		default:
			if parts++; parts > 1 { // one that comes in parts is their sum
				m = append(resource[:len(resource):len(resource)], m...)
			}
			resource = m
		}
		if err != nil {
			return fmt.Errorf("%s: %w", [...]string{"resource", "scope_spans"}[f.FieldNum-1], err)
		}
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
	var f easyproto.FieldContext
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return err
		}
		if f.FieldNum == number {
			if err := d.attribute(&f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *decoder) scopeSpans(message []byte) error {
	first := len(d.batch.Spans)
	var f easyproto.FieldContext
	var name, version string
	for len(message) > 0 {
		if err := next(&f, &message); err != nil {
			return err
		}
		if f.FieldNum != 1 && f.FieldNum != 2 {
			continue
		}
		m, err := value(f.MessageData())
		if err != nil {
			return err
		}
		if f.FieldNum == 1 {
			if err := scope(m, &name, &version); err != nil {
				return fmt.Errorf("scope: %w", err)
			}
			continue
		}
		spans := len(d.batch.Spans)
		if err := d.span(m); err != nil {
			clear(d.batch.Spans[spans:])
			d.batch.Spans = d.batch.Spans[:spans]
			d.errs = append(d.errs, fmt.Errorf("span %d left out: %w", spans+len(d.errs), err))
		}
	}
	for i := first; i < len(d.batch.Spans); i++ {
		d.batch.Spans[i].ScopeName, d.batch.Spans[i].ScopeVersion = name, version
	}
	return nil
}

func scope(message []byte, name, version *string) error {
	var f easyproto.FieldContext
	for len(message) > 0 {
		err := next(&f, &message)
		if err != nil {
			return err
		}
		switch f.FieldNum {
		case 1:
			*name, err = value(f.String())
		case 2:
			*version, err = value(f.String())
		}
		if err != nil {
			return err
		}
	}
	return nil
}
