package exporter

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// addInitialization adds what ran before the handler to the trace of the
// function span b.spans[i]. In an own function segment that is the subsegment
// Initialization, as Lambda writes it: from the start of the process to just
// before the segment, and there on every cold start. Where the platform has
// written its own, only spans that were made are added, beneath one subsegment
// init.
func (p *Processor) addInitialization(b *batch, i int, inv *invocation, cold bool) {
	var spans []mapping.Span
	if inv.initial != nil {
		spans = inv.initial.spans
	}
	before := cold && p.config.lambda && p.config.onDemand()
	platform := inv.owner == mapping.FunctionSegmentPlatform && b.spans[i].ParentSpanID.IsValid()
	if len(spans) == 0 && (platform || !before) {
		return
	}
	part := b.grow()
	function := &b.spans[i]
	part.Name, part.Initialization = mapping.PartInitialization, true
	part.TraceID = function.TraceID
	part.ParentSpanID, part.Parent = function.SpanID, mapping.ParentLocal
	part.Kind = trace.SpanKindInternal
	part.Resource = function.Resource
	part.StartTime, part.EndTime = bounds(spans)
	if platform {
		part.Name = "init"
		part.ParentSpanID, part.Parent = function.ParentSpanID, mapping.ParentRemote
	} else {
		if arn := functionARN(function); arn != "" {
			part.Attributes = []attribute.KeyValue{keyResourceID.String(arn)}
		}
		if before {
			part.EndTime = function.StartTime - 1
			part.StartTime = min(p.processStart(), part.EndTime)
		}
	}
	part.SpanID = mapping.DeriveID(function.SpanID, part.Name)
	b.addRetraced(spans, part.TraceID, part.SpanID)
}

// bounds returns the first start and the last end of spans.
//
//go:noinline
func bounds(spans []mapping.Span) (start, end int64) {
	for i := range spans {
		if i == 0 {
			start = spans[i].StartTime
		}
		start = min(start, spans[i].StartTime)
		end = max(end, spans[i].EndTime)
	}
	return start, end
}

// addRetraced appends copies of spans that are in the trace id, and beneath
// parent where theirs is not among them.
func (b *batch) addRetraced(spans []mapping.Span, id trace.TraceID, parent trace.SpanID) {
	known := make(map[spanKey]bool, len(spans))
	for i := range spans {
		known[spanKey{spans[i].TraceID, spans[i].SpanID}] = true
	}
	for i := range spans {
		s := b.grow()
		*s = spans[i]
		if !known[spanKey{s.TraceID, s.ParentSpanID}] {
			s.ParentSpanID = parent
		}
		s.TraceID, s.Parent = id, mapping.ParentLocal
	}
}

//go:noinline
func functionARN(s *mapping.Span) string {
	for _, key := range []attribute.Key{keyResourceID, "faas.id", keyInvokedARN} {
		if v, ok := lookup(s.Attributes, key); ok {
			return v.AsString()
		}
	}
	return ""
}
