package awsxraylambdaexporter

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// converter makes the mapper's spans of pdata.
type converter struct {
	pool    *batch.Pool
	portion int // spans
}

func newConverter(portion int) *converter {
	return &converter{pool: batch.NewPool(), portion: portion}
}

// portions returns spans in portions of at most most, to be mapped one after the
// other, so that a request whose time is up ends between two of them. The spans of a
// trace are in one portion, however many they are: each other's documents depend on
// them.
func portions(spans []mapping.Span, most int) [][]mapping.Span {
	if len(spans) <= most {
		return [][]mapping.Span{spans}
	}
	sizes := map[trace.TraceID]int{}
	for i := range spans {
		sizes[spans[i].TraceID]++
	}
	var (
		place = make(map[trace.TraceID]int, len(sizes)) // trace -> portion
		out   [][]mapping.Span
		size  int // of the last portion
	)
	for i := range spans {
		id := spans[i].TraceID
		p, ok := place[id]
		if !ok {
			n := sizes[id]
			if size+n > most || len(out) == 0 {
				out = append(out, make([]mapping.Span, 0, max(n, min(most, len(spans)))))
				size = 0
			}
			size += n
			p = len(out) - 1
			place[id] = p
		}
		out[p] = append(out[p], spans[i])
	}
	return out
}

// convert returns the spans of td. The batch is valid until td changes; the pool
// takes it back.
func (c *converter) convert(td ptrace.Traces) *batch.Batch {
	b := c.pool.Get()
	for _, rs := range td.ResourceSpans().All() {
		res := c.resource(rs.Resource(), b)
		for _, ss := range rs.ScopeSpans().All() {
			scope := ss.Scope()
			for _, s := range ss.Spans().All() {
				c.add(b, s)
				span := &b.Spans[len(b.Spans)-1]
				span.Resource = res
				span.ScopeName = scope.Name()
				span.ScopeVersion = scope.Version()
			}
		}
	}
	return b
}

// resource returns the prepared resource with r's attributes.
func (c *converter) resource(r pcommon.Resource, b *batch.Batch) *mapping.Resource {
	b.Key = appendMapKey(b.Key[:0], r.Attributes())
	res, _ := c.pool.Resource(b.Key, func() ([]attribute.KeyValue, error) { return ownAttributes(r.Attributes()), nil })
	return res
}

// add appends s, without resource and scope.
func (c *converter) add(b *batch.Batch, s ptrace.Span) {
	status := s.Status()
	b.Spans = append(b.Spans, mapping.Span{
		Name:              s.Name(),
		TraceID:           trace.TraceID(s.TraceID()),
		SpanID:            trace.SpanID(s.SpanID()),
		TraceState:        s.TraceState().AsRaw(),
		ParentSpanID:      trace.SpanID(s.ParentSpanID()),
		Parent:            batch.ParentOrigin(s.Flags()),
		Kind:              batch.Kind(int32(s.Kind())),
		StartTime:         batch.Nanoseconds(uint64(s.StartTimestamp())),
		EndTime:           batch.Nanoseconds(uint64(s.EndTimestamp())),
		Status:            batch.Status(int32(status.Code())),
		StatusMessage:     status.Message(),
		Attributes:        c.attributes(b, s.Attributes()),
		Events:            c.events(b, s.Events()),
		Links:             c.links(b, s.Links()),
		DroppedAttributes: int(s.DroppedAttributesCount()),
		DroppedEvents:     int(s.DroppedEventsCount()),
		DroppedLinks:      int(s.DroppedLinksCount()),
	})
}

func (c *converter) events(b *batch.Batch, events ptrace.SpanEventSlice) []mapping.Event {
	first := len(b.Events)
	for _, e := range events.All() {
		b.Events = append(b.Events, mapping.Event{
			Name:       e.Name(),
			Time:       batch.Nanoseconds(uint64(e.Timestamp())),
			Attributes: c.attributes(b, e.Attributes()),
			Dropped:    int(e.DroppedAttributesCount()),
		})
	}
	return batch.Since(b.Events, first)
}

func (c *converter) links(b *batch.Batch, links ptrace.SpanLinkSlice) []mapping.Link {
	first := len(b.Links)
	for _, l := range links.All() {
		b.Links = append(b.Links, mapping.Link{
			TraceID:    trace.TraceID(l.TraceID()),
			SpanID:     trace.SpanID(l.SpanID()),
			TraceState: l.TraceState().AsRaw(),
			Attributes: c.attributes(b, l.Attributes()),
			Dropped:    int(l.DroppedAttributesCount()),
		})
	}
	return batch.Since(b.Links, first)
}

func (c *converter) attributes(b *batch.Batch, m pcommon.Map) []attribute.KeyValue {
	first := len(b.Attributes)
	b.Attributes = slices.Grow(b.Attributes, m.Len())
	for k, v := range m.All() {
		n := len(b.Attributes)
		b.Attributes = b.Attributes[:n+1]
		kv := &b.Attributes[n]
		kv.Key = attribute.Key(k)
		b.Key = setValue(&kv.Value, v, &c.pool.Lists, b.Key)
	}
	return batch.Since(b.Attributes, first)
}
