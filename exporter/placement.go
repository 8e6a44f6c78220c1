package exporter

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// rootOf looks at a span without a known local parent. It calls into foreign
// contexts, so it must not hold the Processor's lock.
func (p *Processor) rootOf(ctx context.Context, s sdktrace.ReadWriteSpan, sc, parent trace.SpanContext, local bool) root {
	r := root{key: keyOf(sc)}
	lambda := p.config.lambda || p.resources.get(s.Resource()).lambda
	if !lambda {
		return r
	}
	kind := s.SpanKind()
	r.function = !local && (kind == trace.SpanKindServer || kind == trace.SpanKindConsumer)
	given := hasLambdaValue(ctx)
	if !parent.SpanID().IsValid() {
		// One that starts a trace of its own on purpose has a span in its context.
		r.orphan = !trace.SpanContextFromContext(ctx).IsValid() && !(r.function && given)
		r.apart = !r.function
	}
	if !r.function && (!p.config.lambda || p.invoked.Load()) {
		return r
	}
	h, found := propagator.HeaderFromLambda(ctx)
	// There is no header during initialization.
	r.early = !r.function && !found
	if !r.early {
		p.invoked.Store(true)
	}
	if !r.function {
		return r
	}
	r.scope = s.InstrumentationScope().Name
	r.deadline, _ = ctx.Deadline()
	unknown := p.config.lambda && !found && !given
	if unknown {
		h, found = propagator.HeaderFromContext(ctx) // the request's
	}
	switch r.owner = p.config.functionSegment; {
	case !parent.SpanID().IsValid():
		r.owner = mapping.FunctionSegmentOwn // there is nothing to be beneath
	case r.owner != mapping.FunctionSegmentAuto:
	case found && h.Sampled == propagator.SamplingYes && h.Root == sc.TraceID() && h.Parent == parent.SpanID(),
		unknown && !found:
		r.owner = mapping.FunctionSegmentPlatform
	default:
		r.owner = mapping.FunctionSegmentOwn
	}
	if found && h.Root.IsValid() && h.Root != sc.TraceID() && h.Parent.IsValid() {
		r.link = mapping.Link{TraceID: h.Root, SpanID: h.Parent}
	}
	return r
}

// hasLambdaValue reports whether ctx comes from aws-lambda-go, which puts the
// tracing header into it, empty where there is none. Without it nobody knows: a web
// server behind Lambda Web Adapter is a process of its own, and the header is in the
// adapter's requests, from where any propagator may have taken it.
func hasLambdaValue(ctx context.Context) bool {
	_, ok := ctx.Value("x-amzn-trace-id").(string)
	return ok
}
