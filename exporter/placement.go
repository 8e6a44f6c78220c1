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
	if !parent.SpanID().IsValid() {
		current := trace.SpanContextFromContext(ctx)
		if current.IsValid() && !current.IsRemote() {
			r.function = false // it starts a trace of its own on purpose, within an invocation
		}
		r.orphan = !current.IsValid() && !(r.function && hasLambdaValue(ctx))
		r.apart = !r.function
	}
	if !r.function && (!p.config.lambda || p.invoked.Load()) {
		return r
	}
	h, found, unknown := p.headerOf(ctx)
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
	switch r.owner = p.config.functionSegment; {
	case !parent.SpanID().IsValid():
		r.owner = mapping.FunctionSegmentOwn // there is nothing to be beneath
	case r.owner != mapping.FunctionSegmentAuto:
	case found && h.Sampled == propagator.SamplingYes && h.Root == sc.TraceID() && h.Parent == parent.SpanID(),
		unknown:
		r.owner = mapping.FunctionSegmentPlatform
	default:
		r.owner = mapping.FunctionSegmentOwn
	}
	if found && h.Root.IsValid() && h.Root != sc.TraceID() && h.Parent.IsValid() {
		r.link = mapping.Link{TraceID: h.Root, SpanID: h.Parent}
	}
	return r
}

// headerOf returns the tracing header of the invocation of ctx, if there is one, and
// whether that is unknown: a web server behind Lambda Web Adapter is a process of its
// own, and the header is in the adapter's requests. There it counts if propagator.XRay
// has taken it from the request; another propagator leaves only a parent.
func (p *Processor) headerOf(ctx context.Context) (h propagator.Header, found, unknown bool) {
	h, found = propagator.HeaderFromLambda(ctx)
	if found || !p.config.lambda || hasLambdaValue(ctx) {
		return h, found, false
	}
	h, found = propagator.HeaderFromContext(ctx)
	return h, found, !found
}

// hasLambdaValue reports whether ctx comes from aws-lambda-go, which puts the
// tracing header into it, empty where there is none.
func hasLambdaValue(ctx context.Context) bool {
	_, ok := ctx.Value("x-amzn-trace-id").(string)
	return ok
}
