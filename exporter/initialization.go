package exporter

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/internal/initialization"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// initializing reports whether t is part of the initialization, as far as is known
// by now.
func (t *tree) initializing(p *Processor) bool {
	return t.early && !p.invoked.Load()
}

// keepInitial counts a span of initialization and reports whether there is room
// for it.
func (p *Processor) keepInitial() bool {
	if p.initCount == initialization.MaxSpans {
		p.exporter.lostSpans.Add(1)
		p.reports.unkept.Add(1)
		return false
	}
	p.initCount++
	return true
}

// addInitialization adds what ran before the handler to the trace of the
// function span b.spans[i]. In an own function segment that is the subsegment
// Initialization, as Lambda writes it: from the start of the process to just
// before the segment, and there on every cold start. Where the platform has
// written its own, only spans that were made are added, beneath one subsegment
// init. What is too old becomes metadata of the function span.
func (p *Processor) addInitialization(b *batch, i int, inv *tree, cold bool) {
	var spans []mapping.Span
	if inv.initial != nil {
		var old attribute.KeyValue
		spans, old = initialization.Split(&b.spans[i], inv.initial.spans)
		if old.Valid() {
			b.addAttributes(&b.spans[i], old)
		}
	}
	platform := inv.owner == mapping.FunctionSegmentPlatform
	before := !platform && cold && p.config.lambda && p.config.onDemand()
	if len(spans) == 0 && !before || inv.sent {
		return
	}
	part := b.grow()
	function := &b.spans[i]
	part.Name, part.Initialization = mapping.PartInitialization, true
	part.TraceID = function.TraceID
	part.ParentSpanID, part.Parent = function.SpanID, mapping.ParentLocal
	part.Kind = trace.SpanKindInternal
	part.Resource = function.Resource
	part.StartTime, part.EndTime = initialization.Bounds(spans)
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
			if part.EndTime-part.StartTime > int64(initialization.MaxAge) {
				part.StartTime = part.EndTime // a container that waited for its first request
			}
		}
	}
	part.SpanID = mapping.DeriveID(function.SpanID, part.Name)
	b.addRetraced(spans, part.TraceID, part.SpanID)
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

func functionARN(s *mapping.Span) string {
	for _, key := range []attribute.Key{keyResourceID, "faas.id", keyInvokedARN} {
		if v, ok := lookup(s.Attributes, key); ok {
			return v.AsString()
		}
	}
	return ""
}
