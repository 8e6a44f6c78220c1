package awsxraylambdaexporter

import (
	"math"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// converter makes the mapper's spans of pdata and keeps what repeats.
type converter struct {
	resources cache[*mapping.Resource]
	lists     cache[attribute.Value]
	pool      sync.Pool // *batch
	portion   int       // spans
}

func newConverter(portion int) *converter {
	return &converter{
		portion:   portion,
		resources: cache[*mapping.Resource]{maxEntries: 1024, maxKey: 16 << 10},
		lists:     cache[attribute.Value]{maxEntries: 1024, maxKey: 1 << 10},
		pool:      sync.Pool{New: func() any { return &batch{portion: portion} }},
	}
}

// batch holds the spans of one request. Their strings are pdata's; all other
// memory is the batch's, for the next request to use again.
type batch struct {
	spans  []mapping.Span
	events []mapping.Event      // of all spans
	links  []mapping.Link       // of all spans
	attrs  []attribute.KeyValue // of all spans, events and links
	docs   [][]byte
	key    []byte

	portion int // spans of a portion, unless a trace has more
}

// Above these a batch is left to the garbage collector, so that one large
// request does not hold its memory for good.
const (
	keepSpans    = 16 << 10
	keepDocBytes = 16 << 20
	keepKey      = 64 << 10
)

const sliceHeader = 24 // bytes

// portions returns the spans in portions to be mapped one after the other, so
// that a request whose time is up ends between two of them. The spans of a trace
// are in one portion, however many they are: each other's documents depend on
// them.
func (b *batch) portions() [][]mapping.Span {
	if len(b.spans) <= b.portion {
		return [][]mapping.Span{b.spans}
	}
	sizes := map[trace.TraceID]int{}
	for i := range b.spans {
		sizes[b.spans[i].TraceID]++
	}
	var (
		place = make(map[trace.TraceID]int, len(sizes)) // trace -> portion
		out   [][]mapping.Span
		size  int // of the last portion
	)
	for i := range b.spans {
		id := b.spans[i].TraceID
		p, ok := place[id]
		if !ok {
			n := sizes[id]
			if size+n > b.portion || len(out) == 0 {
				out = append(out, make([]mapping.Span, 0, max(n, min(b.portion, len(b.spans)))))
				size = 0
			}
			size += n
			p = len(out) - 1
			place[id] = p
		}
		out[p] = append(out[p], b.spans[i])
	}
	return out
}

// convert returns the spans of td. The batch is valid until td changes; free
// gives it back.
func (c *converter) convert(td ptrace.Traces) *batch {
	b := c.pool.Get().(*batch)
	for _, rs := range td.ResourceSpans().All() {
		res := c.resource(rs.Resource(), b)
		for _, ss := range rs.ScopeSpans().All() {
			scope := ss.Scope()
			for _, s := range ss.Spans().All() {
				b.add(s, &c.lists)
				span := &b.spans[len(b.spans)-1]
				span.Resource = res
				span.ScopeName = scope.Name()
				span.ScopeVersion = scope.Version()
			}
		}
	}
	return b
}

// free gives a batch back, without its references into pdata.
func (c *converter) free(b *batch) {
	size := 0
	for _, d := range b.docs[:cap(b.docs)] {
		size += cap(d)
	}
	if size+cap(b.docs)*sliceHeader > keepDocBytes || cap(b.spans) > keepSpans || cap(b.attrs) > 32*keepSpans ||
		cap(b.events) > 4*keepSpans || cap(b.links) > 4*keepSpans || cap(b.key) > keepKey {
		return
	}
	clear(b.spans)
	clear(b.events)
	clear(b.links)
	clear(b.attrs)
	b.spans, b.events, b.links, b.attrs = b.spans[:0], b.events[:0], b.links[:0], b.attrs[:0]
	c.pool.Put(b)
}

// resource returns the prepared resource with r's attributes.
func (c *converter) resource(r pcommon.Resource, b *batch) *mapping.Resource {
	b.key = appendMapKey(b.key[:0], r.Attributes())
	res, ok := c.resources.get(b.key)
	if !ok {
		res = mapping.NewResource(ownAttributes(r.Attributes()))
		c.resources.put(b.key, res)
	}
	return res
}

// Bits of a span's flags that say where its parent ran.
//
// Source: https://github.com/open-telemetry/opentelemetry-proto (SpanFlags)
const (
	flagHasRemote = 0x100
	flagIsRemote  = 0x200
)

// add appends s, without resource and scope.
func (b *batch) add(s ptrace.Span, lists *cache[attribute.Value]) {
	status := s.Status()
	b.spans = append(b.spans, mapping.Span{
		Name:              s.Name(),
		TraceID:           trace.TraceID(s.TraceID()),
		SpanID:            trace.SpanID(s.SpanID()),
		TraceState:        s.TraceState().AsRaw(),
		ParentSpanID:      trace.SpanID(s.ParentSpanID()),
		Parent:            parentOrigin(s.Flags()),
		Kind:              kind(s.Kind()),
		StartTime:         nanoseconds(s.StartTimestamp()),
		EndTime:           nanoseconds(s.EndTimestamp()),
		Status:            code(status.Code()),
		StatusMessage:     status.Message(),
		Attributes:        b.attributes(s.Attributes(), lists),
		Events:            b.addEvents(s.Events(), lists),
		Links:             b.addLinks(s.Links(), lists),
		DroppedAttributes: int(s.DroppedAttributesCount()),
		DroppedEvents:     int(s.DroppedEventsCount()),
		DroppedLinks:      int(s.DroppedLinksCount()),
	})
}

func (b *batch) addEvents(events ptrace.SpanEventSlice, lists *cache[attribute.Value]) []mapping.Event {
	first := len(b.events)
	for _, e := range events.All() {
		b.events = append(b.events, mapping.Event{
			Name:       e.Name(),
			Time:       nanoseconds(e.Timestamp()),
			Attributes: b.attributes(e.Attributes(), lists),
			Dropped:    int(e.DroppedAttributesCount()),
		})
	}
	return b.events[first:len(b.events):len(b.events)]
}

func (b *batch) addLinks(links ptrace.SpanLinkSlice, lists *cache[attribute.Value]) []mapping.Link {
	first := len(b.links)
	for _, l := range links.All() {
		b.links = append(b.links, mapping.Link{
			TraceID:    trace.TraceID(l.TraceID()),
			SpanID:     trace.SpanID(l.SpanID()),
			TraceState: l.TraceState().AsRaw(),
			Attributes: b.attributes(l.Attributes(), lists),
			Dropped:    int(l.DroppedAttributesCount()),
		})
	}
	return b.links[first:len(b.links):len(b.links)]
}

func (b *batch) attributes(m pcommon.Map, lists *cache[attribute.Value]) []attribute.KeyValue {
	first := len(b.attrs)
	b.attrs = slices.Grow(b.attrs, m.Len())
	for k, v := range m.All() {
		n := len(b.attrs)
		b.attrs = b.attrs[:n+1]
		kv := &b.attrs[n]
		kv.Key = attribute.Key(k)
		b.key = setValue(&kv.Value, v, lists, b.key)
	}
	return b.attrs[first:len(b.attrs):len(b.attrs)]
}

func parentOrigin(flags uint32) mapping.ParentOrigin {
	switch {
	case flags&flagHasRemote == 0:
		return mapping.ParentUnknown
	case flags&flagIsRemote == 0:
		return mapping.ParentLocal
	}
	return mapping.ParentRemote
}

func kind(k ptrace.SpanKind) trace.SpanKind {
	switch k {
	case ptrace.SpanKindInternal:
		return trace.SpanKindInternal
	case ptrace.SpanKindServer:
		return trace.SpanKindServer
	case ptrace.SpanKindClient:
		return trace.SpanKindClient
	case ptrace.SpanKindProducer:
		return trace.SpanKindProducer
	case ptrace.SpanKindConsumer:
		return trace.SpanKindConsumer
	}
	return trace.SpanKindUnspecified
}

func code(c ptrace.StatusCode) codes.Code {
	switch c {
	case ptrace.StatusCodeOk:
		return codes.Ok
	case ptrace.StatusCodeError:
		return codes.Error
	}
	return codes.Unset
}

// nanoseconds converts a time; those after the year 2262 become the last moment
// that fits.
func nanoseconds(t pcommon.Timestamp) int64 {
	return int64(min(uint64(t), math.MaxInt64))
}
