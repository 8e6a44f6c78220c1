package lambdaxray

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// inProcess is the global propagator of a function: X-Ray's header on outgoing
// calls, Lineage and all.
//
// Incoming, it serves what runs inside an invocation: a web framework behind an
// adapter gets the event's headers, whose tracing header names the gateway as
// the parent. In the invocation's own trace that says less than the span in the
// context, and would hang the framework's spans beside the function instead of
// beneath it.
type inProcess struct{ propagator.XRay }

var _ propagation.TextMapPropagator = inProcess{}

// Extract returns ctx with the carrier's tracing header, unless ctx has a span of
// this process in the same trace.
func (p inProcess) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	extracted := p.XRay.Extract(ctx, carrier)
	current, sent := trace.SpanContextFromContext(ctx), trace.SpanContextFromContext(extracted)
	if current.IsValid() && !current.IsRemote() && current.TraceID() == sent.TraceID() {
		return ctx
	}
	return extracted
}
