package exporter

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// batch collects spans for one export, and keeps the memory for the next. The
// attributes stay where the SDK has them; everything else of a span is a value.
type batch struct {
	spans  []mapping.Span
	events []mapping.Event      // of all spans
	links  []mapping.Link       // of all spans
	attrs  []attribute.KeyValue // of spans to which the Processor adds some
	docs   [][]byte
	size   int // bytes that the spans hold in memory, roughly

	// after is held while an export runs that has to come before this one; nil:
	// there is none.
	after *sync.Mutex

	// invocation says that a function span is in it, so that the response waits.
	invocation bool

	// shared says that spans of another batch use this one's memory, so that it
	// is not to be reused.
	shared bool
}

var batches = sync.Pool{New: func() any { return new(batch) }}

// A batch above these is left to the garbage collector: one large export must
// not hold its memory for ever.
const (
	keepSpans = 2 * maxBufferedSpans
	keepDocs  = 64 // of 48 KiB by default
)

func newBatch() *batch { return batches.Get().(*batch) }

// free returns b for reuse.
func (b *batch) free() {
	if b.shared || cap(b.spans) > keepSpans || cap(b.events) > keepSpans || cap(b.links) > keepSpans || cap(b.docs) > keepDocs {
		return
	}
	b.reset()
	batches.Put(b)
}

// reset empties b and lets go of all that its spans refer to.
func (b *batch) reset() {
	clear(b.spans)
	clear(b.events)
	clear(b.links)
	clear(b.attrs)
	b.spans, b.events, b.links, b.attrs = b.spans[:0], b.events[:0], b.links[:0], b.attrs[:0]
	b.size, b.after, b.invocation = 0, nil, false
}

// wait returns when it is the turn of b.
func (b *batch) wait() {
	if b.after != nil {
		b.after.Lock()
		//lint:ignore SA2001 there is nothing to guard
		b.after.Unlock()
	}
}

// orNew returns b, or a new batch if there is none.
func (b *batch) orNew() *batch {
	if b == nil {
		return newBatch()
	}
	return b
}

// move appends the spans of other. They share its memory, so other is not to be
// used or freed any more. Moving nil does nothing.
func (b *batch) move(other *batch) {
	if other != nil {
		b.spans = append(b.spans, other.spans...)
		b.size += other.size
	}
}

// full reports whether b has what is kept at most of one invocation.
func (b *batch) full() bool {
	return len(b.spans) >= maxBufferedSpans || b.size >= maxBufferedBytes
}

// grow appends a zero span. The result is valid until the next.
func (b *batch) grow() *mapping.Span {
	n := len(b.spans)
	if n < cap(b.spans) {
		b.spans = b.spans[:n+1] // zero, see reset
	} else {
		b.spans = append(b.spans, mapping.Span{})
	}
	return &b.spans[n]
}

// add appends s. The result is valid until the next add.
func (b *batch) add(s sdktrace.ReadOnlySpan, res *mapping.Resource) *mapping.Span {
	span := b.grow()
	sc := s.SpanContext()
	span.Name = s.Name()
	span.TraceID = sc.TraceID()
	span.SpanID = sc.SpanID()
	span.TraceState = sc.TraceState().String()
	span.Kind = s.SpanKind()
	span.StartTime = mapping.UnixNano(s.StartTime())
	span.EndTime = mapping.UnixNano(s.EndTime())
	status := s.Status()
	span.Status, span.StatusMessage = status.Code, status.Description
	span.Attributes = s.Attributes()
	span.DroppedAttributes = s.DroppedAttributes()
	span.Resource = res
	scope := s.InstrumentationScope()
	span.ScopeName, span.ScopeVersion = scope.Name, scope.Version
	parent := s.Parent()
	if id := parent.SpanID(); id.IsValid() {
		span.ParentSpanID, span.Parent = id, mapping.ParentLocal
		if parent.IsRemote() {
			span.Parent = mapping.ParentRemote
		}
	}
	b.size += spanSize + attributesSize(span.Attributes)
	// The SDK counts dropped events and links only where it kept some.
	if events := s.Events(); len(events) > 0 {
		span.DroppedEvents = s.DroppedEvents()
		span.Events = b.addEvents(events)
	}
	if links := s.Links(); len(links) > 0 {
		span.DroppedLinks = s.DroppedLinks()
		span.Links = b.addLinks(links)
	}
	return span
}

// addAttributes adds attrs to those of span.
func (b *batch) addAttributes(span *mapping.Span, attrs ...attribute.KeyValue) {
	first := len(b.attrs)
	b.attrs = append(append(b.attrs, span.Attributes...), attrs...)
	span.Attributes = b.attrs[first:len(b.attrs):len(b.attrs)]
}

func (b *batch) addEvents(events []sdktrace.Event) []mapping.Event {
	first := len(b.events)
	for i := range events {
		e := &events[i]
		b.events = append(b.events, mapping.Event{
			Name:       e.Name,
			Time:       mapping.UnixNano(e.Time),
			Attributes: e.Attributes,
			Dropped:    e.DroppedAttributeCount,
		})
		b.size += attributesSize(e.Attributes)
	}
	return b.events[first:len(b.events):len(b.events)]
}

func (b *batch) addLinks(links []sdktrace.Link) []mapping.Link {
	first := len(b.links)
	for i := range links {
		l := &links[i]
		b.links = append(b.links, mapping.Link{
			TraceID:    l.SpanContext.TraceID(),
			SpanID:     l.SpanContext.SpanID(),
			TraceState: l.SpanContext.TraceState().String(),
			Attributes: l.Attributes,
			Dropped:    l.DroppedAttributeCount,
		})
		b.size += attributesSize(l.Attributes)
	}
	return b.links[first:len(b.links):len(b.links)]
}

const (
	spanSize      = 512 // a mapping.Span, its place in the tracker, and the like
	attributeSize = 64
	listSize      = 256 // guessed: to look into a list is to copy it
)

// attributesSize returns what attrs hold in memory, roughly, in bytes.
func attributesSize(attrs []attribute.KeyValue) int {
	n := attributeSize * len(attrs)
	for i := range attrs {
		switch attrs[i].Value.Type() {
		case attribute.STRING:
			n += len(attrs[i].Value.AsString())
		case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		default:
			n += listSize
		}
	}
	return n
}
