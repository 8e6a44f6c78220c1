package exporter

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// Sampler returns Lambda's sampling rule for the provider that p is given to:
//
//   - A span beneath another one of this process follows it.
//   - Else the invocation's tracing header decides, if it does.
//   - If the header leaves the decision open, the sampler open does; nil says no: a
//     function whose callers do not trace would cost hundreds of dollars a day at
//     1000 requests a second. The same goes for what runs beside invocations that
//     have a header, and has none itself.
//   - Without any header there is no Lambda around, on a laptop or during
//     initialization. Then open decides too, and nil is OpenTelemetry's own default:
//     to follow the parent, and sample without one.
//
// It tells p of invocations that are not sampled, which p could not see. The
// provider that lambdaxray.NewTracerProvider makes has it already.
func (p *Processor) Sampler(open sdktrace.Sampler) sdktrace.Sampler {
	s := &sampler{processor: p, open: open, ordinary: open}
	if open == nil {
		s.open, s.ordinary = never, followParent
	}
	return s
}

type sampler struct {
	processor *Processor
	open      sdktrace.Sampler // the header leaves the decision open
	ordinary  sdktrace.Sampler // there is no header
}

var (
	followParent = sdktrace.ParentBased(sdktrace.AlwaysSample())
	always       = sdktrace.AlwaysSample()
	never        = sdktrace.NeverSample()
)

func (s *sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	if parent.IsValid() && !parent.IsRemote() { // as followParent, which looks twice more
		r := sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
		if parent.IsSampled() {
			r.Decision = sdktrace.RecordAndSample
		}
		return r
	}
	header, found, _ := s.processor.headerOf(p.ParentContext)
	if found {
		s.processor.headerSeen.Store(true)
		s.processor.invoked.Store(true)
	}
	r := s.choose(&p, parent, header, found).ShouldSample(p)
	if found && r.Decision == sdktrace.Drop && (p.Kind == trace.SpanKindServer || p.Kind == trace.SpanKindConsumer) {
		s.processor.started.Store(true) // the cold start was this one's
	}
	return r
}

// choose returns the sampler that decides about a span without a parent in this
// process, and may hide an undecided parent from it.
func (s *sampler) choose(p *sdktrace.SamplingParameters, parent trace.SpanContext, header propagator.Header, found bool) sdktrace.Sampler {
	switch {
	case !found && !parent.IsValid() && s.processor.headerSeen.Load() && !hasLambdaValue(p.ParentContext):
		return s.open // beside the invocations
	case !found, parent.IsValid() && parent.TraceID() != header.Root:
		return s.ordinary
	case header.Sampled == propagator.SamplingYes:
		return always
	case header.Sampled == propagator.SamplingNo:
		return never
	}
	// The flag of an undecided parent reads as no; a parent-based sampler must not
	// see it.
	p.ParentContext = trace.ContextWithSpanContext(p.ParentContext, trace.SpanContext{})
	return s.open
}

func (s *sampler) Description() string {
	return "LambdaXRay{open:" + s.open.Description() + ",ordinary:" + s.ordinary.Description() + "}"
}
