package batch

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Batch holds the spans of one request. Their strings may be the request's; all
// other memory is the batch's, for the next request to use again. A decoder appends
// to the fields, and gives a span its part of them by [Since].
type Batch struct {
	Spans      []mapping.Span
	Events     []mapping.Event      // of all spans
	Links      []mapping.Link       // of all spans
	Attributes []attribute.KeyValue // of all spans, events and links
	Text       []byte               // of strings that the request spells otherwise
	Docs       [][]byte             // for the mapper to write to
	Key        []byte               // scratch of whoever looks into a [Cache]
}

// Since returns what was appended to all from first on. What is appended later does
// not touch it.
func Since[E any](all []E, first int) []E { return all[first:len(all):len(all)] }

// Pool hands out batches and remembers what requests repeat. It is safe for
// concurrent use.
type Pool struct {
	Resources Cache[*mapping.Resource]
	Lists     Cache[attribute.Value] // lists, maps and bytes, which allocate

	// MakeResource, if set, stands in for [mapping.NewResource]: it may add to the
	// attributes what the receiver knows and the sender does not say.
	MakeResource func(attrs []attribute.KeyValue) *mapping.Resource

	batches sync.Pool
}

// Resource returns what is kept for key, or makes and keeps it of what read returns.
func (p *Pool) Resource(key []byte, read func() ([]attribute.KeyValue, error)) (*mapping.Resource, error) {
	if res, ok := p.Resources.Get(key); ok {
		return res, nil
	}
	attrs, err := read()
	if err != nil {
		return nil, err
	}
	makeResource := p.MakeResource
	if makeResource == nil {
		makeResource = mapping.NewResource
	}
	res := makeResource(attrs)
	p.Resources.Put(key, res)
	return res, nil
}

// NewPool returns a Pool whose caches hold at most 1,024 entries each: resources of
// up to 16 KiB and lists of up to 1 KiB.
func NewPool() *Pool {
	p := &Pool{
		Resources: Cache[*mapping.Resource]{MaxEntries: 1024, MaxKey: 16 << 10},
		Lists:     Cache[attribute.Value]{MaxEntries: 1024, MaxKey: 1 << 10},
	}
	p.batches.New = func() any { return new(Batch) }
	return p
}

// Get returns an empty batch.
func (p *Pool) Get() *Batch { return p.batches.Get().(*Batch) }

// Above these a batch is left to the garbage collector, so that one large
// request does not hold its memory for good.
const (
	keepSpans    = 16 << 10
	keepDocBytes = 16 << 20
	keepText     = 64 << 10
)

const sliceHeader = 24 // bytes

// Put takes a batch back, without its references into the request.
func (p *Pool) Put(b *Batch) {
	size := 0
	for _, d := range b.Docs[:cap(b.Docs)] {
		size += cap(d)
	}
	if size+cap(b.Docs)*sliceHeader > keepDocBytes || cap(b.Spans) > keepSpans || cap(b.Attributes) > 32*keepSpans ||
		cap(b.Events) > 4*keepSpans || cap(b.Links) > 4*keepSpans || cap(b.Key) > keepText || cap(b.Text) > keepText {
		return
	}
	clear(b.Spans)
	clear(b.Events)
	clear(b.Links)
	clear(b.Attributes)
	b.Spans, b.Events, b.Links, b.Attributes, b.Text = b.Spans[:0], b.Events[:0], b.Links[:0], b.Attributes[:0], b.Text[:0]
	p.batches.Put(b)
}
