package lambdaxray

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// sampler is Lambda's sampling rule. A span below another one of this process
// follows it. Else the invocation's tracing header decides, if it does; if it
// leaves the decision open, the configured sampler does. Without a header there
// is no Lambda around, and OpenTelemetry's ordinary rule holds.
type sampler struct {
	open     sdktrace.Sampler // the header leaves the decision open
	ordinary sdktrace.Sampler // there is no header
}

var (
	followParent = sdktrace.ParentBased(sdktrace.AlwaysSample())
	always       = sdktrace.AlwaysSample()
	never        = sdktrace.NeverSample()
)

// newSampler returns the rule with the configured sampler, nil if there is none.
// An open decision is then no: a function whose callers do not trace, at 1000
// requests a second, would cost hundreds of dollars a day.
func newSampler(configured sdktrace.Sampler) sdktrace.Sampler {
	if configured == nil {
		return &sampler{open: never, ordinary: followParent}
	}
	return &sampler{open: configured, ordinary: configured}
}

func (s *sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	if parent.IsValid() && !parent.IsRemote() { // as followParent, which looks twice more
		r := sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
		if parent.IsSampled() {
			r.Decision = sdktrace.RecordAndSample
		}
		return r
	}
	return s.choose(&p, parent).ShouldSample(p)
}

// choose returns the sampler that decides about a span without a parent in this
// process, and may hide an undecided parent from it.
func (s *sampler) choose(p *sdktrace.SamplingParameters, parent trace.SpanContext) sdktrace.Sampler {
	header, ok := propagator.HeaderFromLambda(p.ParentContext)
	if !ok || parent.IsValid() && parent.TraceID() != header.Root {
		return s.ordinary
	}
	switch header.Sampled {
	case propagator.SamplingYes:
		return always
	case propagator.SamplingNo:
		return never
	default:
		// The flag of an undecided parent reads as no; a parent-based sampler
		// must not see it.
		p.ParentContext = trace.ContextWithSpanContext(p.ParentContext, trace.SpanContext{})
		return s.open
	}
}

func (s *sampler) Description() string {
	return "LambdaXRay{open:" + s.open.Description() + ",ordinary:" + s.ordinary.Description() + "}"
}

// samplerFromEnv reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; nil if
// the first is not set. As the specification wants, a value that makes no sense is
// an error to be reported, and is ignored.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func samplerFromEnv() (s sdktrace.Sampler, err error) {
	name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER")))
	if name == "" {
		return nil, nil
	}
	root, parentBased := strings.CutPrefix(name, "parentbased_")
	switch root {
	case "always_on":
		s = sdktrace.AlwaysSample()
	case "always_off":
		s = sdktrace.NeverSample()
	case "traceidratio":
		var ratio float64
		ratio, err = ratioFromEnv()
		s = sdktrace.TraceIDRatioBased(ratio)
	case "xray": // X-Ray's rules, for services that ask for them themselves
		return nil, errors.New("OTEL_TRACES_SAMPLER is xray, which Lambda does already: the platform samples by X-Ray's rules and the tracing header says what it decided; ignored")
	default:
		return nil, fmt.Errorf("OTEL_TRACES_SAMPLER is %q, want always_on, always_off or traceidratio, each with or without parentbased_ before it; ignored", name)
	}
	if parentBased {
		s = sdktrace.ParentBased(s)
	}
	return s, err
}

func ratioFromEnv() (float64, error) {
	arg := strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if arg == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(arg, 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) {
		return 1, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q, want a number from 0 to 1; 1 is used", arg)
	}
	return ratio, nil
}
