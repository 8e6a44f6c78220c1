package otlpjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// Unmarshal reads the spans of data, which holds OTLP JSON documents one after
// the other, with or without line ends between them; no data is no spans. The
// spans of one resourceSpans entry share one [mapping.Resource].
//
// One bad span does not take the others along: the error joins one for
// everything that could not be read, each with the path of the field at fault,
// and the spans that could be read are returned beside it. Text that is not
// JSON ends the reading. Where a document has a member twice, the last counts.
//
// Unmarshal keeps no reference to data. It is safe for concurrent use.
func Unmarshal(data []byte) ([]mapping.Span, error) {
	var b batch.Batch
	d := decoder{data: string(data), batch: &b}
	err := d.documents()
	return b.Spans, err
}

// Decode is [Unmarshal] into a batch, for programs that read request after request:
// the memory is the batch's, and resources and lists that repeat are looked up in
// pool. The spans' strings are data's, which must stay as it is as long as they are
// used.
func Decode(pool *batch.Pool, b *batch.Batch, data []byte) error {
	d := decoder{data: unsafe.String(unsafe.SliceData(data), len(data)), batch: b, pool: pool}
	return d.documents()
}

// decoder reads text in one pass. What it cannot understand, a *fieldError, costs the
// span or the entry at hand; what is no JSON, errSyntax, costs the document.
type decoder struct {
	data  string
	at    int // the next byte to read
	depth int // of objects and lists around it

	batch *batch.Batch
	pool  *batch.Pool // nil: nothing is remembered
	own   bool        // strings are to be copies, as the value is remembered

	document int
	level    int    // of entry: how many of its numbers count
	entry    [3]int // resourceSpans[0].scopeSpans[1].spans[2]
	errs     []error
}

var errSyntax = errors.New("not what JSON allows")

func (d *decoder) documents() error {
	for {
		start := d.at
		if d.space(); d.at == len(d.data) {
			break
		}
		d.document++
		spans, errs := len(d.batch.Spans), len(d.errs)
		if err := d.readDocument(); err != nil {
			d.takeBack(spans, errs)
			d.errs = append(d.errs, fmt.Errorf("document %d, from byte %d on: no JSON: %w", d.document, start, whyNot(d.data[start:])))
			break
		}
	}
	if err := errors.Join(d.errs...); err != nil {
		return fmt.Errorf("otlpjson: %w", err)
	}
	return nil
}

// whyNot returns the standard library's words for what is wrong with text.
func whyNot(text string) error {
	var value json.RawMessage
	if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&value); err != nil {
		return err
	}
	return errSyntax
}

// takeBack forgets spans and errors above these numbers.
func (d *decoder) takeBack(spans, errs int) {
	clear(d.batch.Spans[spans:])
	d.batch.Spans, d.errs = d.batch.Spans[:spans], d.errs[:errs]
}

// readDocument returns errSyntax or nil.
func (d *decoder) readDocument() error {
	d.level, d.depth = 0, 0
	start := d.at
	var err error
	if d.isNull() {
		err = d.wrong("an object with resourceSpans")
	} else {
		err = d.resourceSpansOf()
	}
	return d.forgive(err, start, 0)
}

// forgive notes a *fieldError and goes to the end of the value that it is in, which
// begins at start. Any other error it returns.
func (d *decoder) forgive(err error, start, depth int) error {
	field, ok := err.(*fieldError)
	if !ok {
		return err
	}
	d.errs = append(d.errs, d.place(field))
	d.at, d.depth = start, depth
	return d.skip()
}

// each reads the elements of a list; one that read cannot read is noted and left out.
func (d *decoder) each(key string, read func(*decoder) error) error {
	more, err := d.enter('[', "a list")
	for i := 0; more; i++ {
		start, depth := d.at, d.depth
		d.entry[d.level] = i
		d.level++
		spans, errs := len(d.batch.Spans), len(d.errs)
		err = read(d)
		if err != nil {
			d.takeBack(spans, errs)
			err = d.forgive(err, start, depth)
		}
		d.level--
		if err != nil {
			return err
		}
		more, err = d.next(']')
	}
	return under(key, err)
}

func (d *decoder) resourceSpansOf() error {
	return d.members(func(d *decoder, key string) error {
		if key == "resourceSpans" {
			return d.each(key, (*decoder).resourceSpans)
		}
		return d.skip()
	})
}

func (d *decoder) resourceSpans() error {
	first := len(d.batch.Spans)
	var res *mapping.Resource
	err := d.members(func(d *decoder, key string) (err error) {
		switch key {
		case "resource":
			res, err = d.resource()
			return under(key, err)
		case "scopeSpans":
			return d.each(key, (*decoder).scopeSpans)
		}
		return d.skip()
	})
	if err == nil && res == nil {
		res = d.noResource()
	}
	for i := first; i < len(d.batch.Spans); i++ {
		d.batch.Spans[i].Resource = res
	}
	return err
}

func (d *decoder) noResource() *mapping.Resource {
	if d.pool == nil {
		return mapping.NewResource(nil)
	}
	res, _ := d.pool.Resource(nil, func() ([]attribute.KeyValue, error) { return nil, nil })
	return res
}

func (d *decoder) resource() (*mapping.Resource, error) {
	if d.pool == nil {
		attrs, err := d.resourceAttributes()
		return mapping.NewResource(attrs), err
	}
	start, depth := d.at, d.depth
	if err := d.skip(); err != nil {
		return nil, err
	}
	d.batch.Key = append(append(d.batch.Key[:0], 'j'), d.data[start:d.at]...)
	return d.pool.Resource(d.batch.Key, func() ([]attribute.KeyValue, error) {
		d.at, d.depth, d.own = start, depth, true
		defer func() { d.own = false }()
		return d.resourceAttributes()
	})
}

func (d *decoder) resourceAttributes() ([]attribute.KeyValue, error) {
	first := len(d.batch.Attributes)
	err := d.members(func(d *decoder, key string) error {
		if key == "attributes" {
			d.batch.Attributes = d.batch.Attributes[:first]
			return under(key, d.attributes())
		}
		return d.skip()
	})
	return batch.Since(d.batch.Attributes, first), err
}

func (d *decoder) scopeSpans() error {
	first := len(d.batch.Spans)
	var name, version string
	err := d.members(func(d *decoder, key string) error {
		switch key {
		case "scope":
			name, version = "", ""
			return under(key, d.members(func(d *decoder, key string) (err error) {
				switch key {
				case "name":
					name, err = d.text()
				case "version":
					version, err = d.text()
				default:
					return d.skip()
				}
				return under(key, err)
			}))
		case "spans":
			return d.each(key, (*decoder).span)
		}
		return d.skip()
	})
	for i := first; i < len(d.batch.Spans); i++ {
		d.batch.Spans[i].ScopeName, d.batch.Spans[i].ScopeVersion = name, version
	}
	return err
}
