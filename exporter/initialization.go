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
	function := &b.spans[i]
	part := mapping.Span{
		Name:         "Initialization",
		TraceID:      function.TraceID,
		ParentSpanID: function.SpanID,
		Parent:       mapping.ParentLocal,
		Kind:         trace.SpanKindInternal,
		Resource:     function.Resource,
	}
	var spans []mapping.Span
	if inv.initial != nil {
		spans = inv.initial.spans
	}
	before := cold && p.config.lambda && p.config.onDemand()
	platform := inv.owner == mapping.FunctionSegmentPlatform && function.ParentSpanID.IsValid()
	switch {
	case platform && len(spans) > 0:
		part.Name = "init"
		part.ParentSpanID, part.Parent = function.ParentSpanID, mapping.ParentRemote
	case platform || len(spans) == 0 && !before:
		return
	default:
		if arn := functionARN(function); arn != "" {
			part.Attributes = []attribute.KeyValue{keyResourceID.String(arn)}
		}
	}
	part.StartTime, part.EndTime = bounds(spans)
	if !platform && before {
		part.EndTime = function.StartTime - 1
		part.StartTime = min(p.processStart(), part.EndTime)
	}
	part.SpanID = mapping.DeriveID(function.SpanID, part.Name)
	b.spans = append(b.spans, part)
	b.spans = appendRetraced(b.spans, spans, part.TraceID, part.SpanID)
}

// bounds returns the first start and the last end of spans.
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

// appendRetraced appends copies of spans that are in the trace id, and beneath
// parent where theirs is not among them.
func appendRetraced(dst, spans []mapping.Span, id trace.TraceID, parent trace.SpanID) []mapping.Span {
	known := make(map[spanKey]bool, len(spans))
	for i := range spans {
		known[spanKey{spans[i].TraceID, spans[i].SpanID}] = true
	}
	for _, s := range spans {
		if !known[spanKey{s.TraceID, s.ParentSpanID}] {
			s.ParentSpanID = parent
		}
		s.TraceID, s.Parent = id, mapping.ParentLocal
		dst = append(dst, s)
	}
	return dst
}

func functionARN(s *mapping.Span) string {
	for _, key := range []attribute.Key{keyResourceID, "faas.id", keyInvokedARN} {
		if v, ok := lookup(s.Attributes, key); ok {
			return v.AsString()
		}
	}
	return ""
}
