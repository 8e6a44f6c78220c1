package extension

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/internal/initialization"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// initial are spans of initialization of one request, whose memory they keep.
type initial struct{ spans []mapping.Span }

// keepInitial takes the spans of initialization out of b, until a function span takes
// them along: those that ended before the first invocation and are of no function
// span's trace. It reports whether there are any.
func (x *Extension) keepInitial(b *batch.Batch) bool {
	c := &x.calls
	if c.sampled || x.getenv(envFunctionName) == "" {
		return false
	}
	functions, roots := map[trace.TraceID]bool{}, map[trace.TraceID]bool{}
	for i := range b.Spans {
		s := &b.Spans[i]
		if isFunction(b.Spans, s) {
			functions[s.TraceID] = true
		} else if !s.ParentSpanID.IsValid() {
			roots[s.TraceID] = true
		}
	}
	managed := x.managed()
	var kept []mapping.Span
	rest := 0
	for i := range b.Spans {
		s := &b.Spans[i]
		early := c.current == nil || s.EndTime < c.first.UnixNano() && s.TraceID != c.current.header.Root
		// Without events other invocations may be running: only a trace that began here
		// is of initialization then.
		if !early || functions[s.TraceID] || managed && !roots[s.TraceID] {
			b.Spans[rest] = *s
			rest++
			continue
		}
		if c.spans == initialization.MaxSpans {
			c.unkept++
			x.log.Once("initial", "more than %d spans of initialization; those above are lost", initialization.MaxSpans)
			continue
		}
		c.spans++
		kept = append(kept, *s)
	}
	clear(b.Spans[rest:])
	b.Spans = b.Spans[:rest]
	if len(kept) == 0 {
		return false
	}
	c.initial = append(c.initial, initial{kept})
	return true
}

// addInitial adds what ran before the handler to the trace of the function span
// b.Spans[i]: beneath one subsegment init where the platform owns the segment, and has
// an Initialization of its own, else beneath Initialization, which is there on every
// cold start. Spans of the function's own trace came before it and stay what they are.
// What is too old becomes metadata of the function span.
func (x *Extension) addInitial(b *batch.Batch, i int) {
	c := &x.calls
	if c.sampled {
		return
	}
	c.sampled = true
	function := b.Spans[i]
	var others []mapping.Span
	for _, in := range c.initial {
		for _, s := range in.spans {
			if s.TraceID == function.TraceID {
				b.Spans = append(b.Spans, s)
			} else {
				others = append(others, s)
			}
		}
	}
	c.initial = nil
	spans, old := initialization.Split(&function, others)
	if old.Valid() {
		f := &b.Spans[i]
		first := len(b.Attributes)
		b.Attributes = append(append(b.Attributes, f.Attributes...), old)
		f.Attributes = batch.Since(b.Attributes, first)
	}
	own := function.FunctionSegment == mapping.FunctionSegmentOwn || !function.ParentSpanID.IsValid()
	before := own && c.current != nil && c.current.cold && c.current.isOf(&function) && x.getenv(envInitializationType) == "on-demand"
	if len(spans) == 0 && !before {
		return
	}
	part := mapping.Span{
		Name:           mapping.PartInitialization,
		Initialization: true,
		TraceID:        function.TraceID,
		ParentSpanID:   function.SpanID,
		Parent:         mapping.ParentLocal,
		Kind:           trace.SpanKindInternal,
		Resource:       function.Resource,
	}
	part.StartTime, part.EndTime = initialization.Bounds(spans)
	switch {
	case !own:
		part.Name, part.ParentSpanID, part.Parent = "init", function.ParentSpanID, mapping.ParentRemote
	default:
		if v, ok := lookup(function.Attributes, keyResourceID, keyResourceIDOld, keyInvokedARN); ok {
			part.Attributes = []attribute.KeyValue{keyResourceID.String(v.AsString())}
		}
		if before {
			part.EndTime = function.StartTime - 1
			part.StartTime = min(x.start.UnixNano(), part.EndTime)
			if part.EndTime-part.StartTime > int64(initialization.MaxAge) {
				part.StartTime = part.EndTime
			}
		}
	}
	part.SpanID = mapping.DeriveID(function.SpanID, part.Name)
	b.Spans = append(b.Spans, part)
	retrace(b, spans, &part)
}

// retrace appends spans in the trace of part, and beneath it where their parent is not
// among them.
func retrace(b *batch.Batch, spans []mapping.Span, part *mapping.Span) {
	type key struct {
		trace trace.TraceID
		span  trace.SpanID
	}
	known := make(map[key]bool, len(spans))
	for i := range spans {
		known[key{spans[i].TraceID, spans[i].SpanID}] = true
	}
	for _, s := range spans {
		if !known[key{s.TraceID, s.ParentSpanID}] {
			s.ParentSpanID = part.SpanID
		}
		s.TraceID, s.Parent = part.TraceID, mapping.ParentLocal
		b.Spans = append(b.Spans, s)
	}
}

// takeInitial returns the spans of initialization that no function span took along.
func (c *calls) takeInitial() []mapping.Span {
	var all []mapping.Span
	for _, in := range c.initial {
		all = append(all, in.spans...)
	}
	c.initial, c.sampled = nil, true
	return all
}
