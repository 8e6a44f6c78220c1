package lambdaxray

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	lambdadetector "go.opentelemetry.io/contrib/detectors/aws/lambda"
	// Deprecated for its propagator; the generator has no successor.
	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// NewTracerProvider returns the SDK's provider, put together for Lambda: the
// function as resource, [exporter.Processor] over the daemon, ids with an X-Ray
// time part, and Lambda's sampling rule. It opens no socket and starts no
// goroutine. Nothing global is changed.
//
// With OTEL_SDK_DISABLED=true the provider makes no spans. The error names a
// setting that cannot be used; the provider is then nil.
func NewTracerProvider(ctx context.Context, opts ...Option) (*sdktrace.TracerProvider, error) {
	provider, _, err := newTracerProvider(ctx, newConfig(opts))
	return provider, err
}

// newTracerProvider also returns the provider's processor; nil if it is disabled.
func newTracerProvider(ctx context.Context, c config) (*sdktrace.TracerProvider, sdktrace.SpanProcessor, error) {
	if c.disabled {
		return sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), nil, nil
	}
	if c.exporter == nil {
		e, err := exporter.New()
		if err != nil {
			return nil, nil, err
		}
		c.exporter = e
	}
	var bad []string
	r, err := newResource(ctx, c.resource)
	if err != nil {
		otel.Handle(err)
		bad = append(bad, "OTEL_RESOURCE_ATTRIBUTES")
	}
	fromEnv := false
	if c.sampler == nil {
		c.sampler, err = samplerFromEnv()
		if err != nil {
			otel.Handle(err)
			bad = append(bad, "OTEL_TRACES_SAMPLER")
		}
		fromEnv = c.sampler != nil
	}
	reportSettings()
	processor := exporter.NewProcessor(c.exporter, c.processor...)
	defer hideVariables(bad)()
	own := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(r),
		sdktrace.WithSampler(&leavingOut{next: processor.Sampler(c.sampler), hosts: c.hosts, paths: c.paths, telling: fromEnv && debugging()}),
		sdktrace.WithIDGenerator(newIDGenerator()),
		sdktrace.WithSpanProcessor(processor),
	}
	return sdktrace.NewTracerProvider(append(own, c.sdk...)...), processor, nil
}

// limits are the SDK's variables that hold a number. It ignores what is none and says
// so to nobody who listens by default.
var limits = [...]string{
	"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
}

// reportSettings reports what of the environment makes no sense and would be ignored
// in silence.
func reportSettings() {
	for _, name := range limits {
		text := strings.TrimSpace(os.Getenv(name))
		if _, err := strconv.Atoi(text); text != "" && err != nil {
			otel.Handle(fmt.Errorf("%s is %q, want a whole number; ignored", name, text))
		}
	}
	switch text := strings.TrimSpace(os.Getenv("OTEL_SDK_DISABLED")); strings.ToLower(text) {
	case "", "true", "false":
	default:
		otel.Handle(fmt.Errorf("OTEL_SDK_DISABLED is %q, want true or false; taken for false", text))
	}
}

// hideVariables takes variables away until the function it returns is called: the SDK
// reads them as well while it makes a provider, and would report once more, without
// their names, what has been reported.
func hideVariables(names []string) (restore func()) {
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = os.Getenv(name)
		_ = os.Unsetenv(name)
	}
	return func() {
		for i, name := range names {
			_ = os.Setenv(name, values[i])
		}
	}
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

// newIDGenerator returns trace ids that start with the time in seconds. X-Ray's
// front doors replace a trace id whose time is not recent.
//
// A tracing header without Parent still names a trace; the SDK keeps the trace
// id of the span context that the propagator makes of it and asks for a span id
// only.
func newIDGenerator() sdktrace.IDGenerator { return xray.NewIDGenerator() }

// newResource describes the function: contrib's Lambda detector, what it leaves
// out, OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, then extra, if not nil; the
// later win. The error is about what of OTEL_RESOURCE_ATTRIBUTES is left out.
func newResource(ctx context.Context, extra *resource.Resource) (*resource.Resource, error) {
	r, bad := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithDetectors(lambdadetector.NewResourceDetector()),
		resource.WithAttributes(lambdaAttributes()...),
		resource.WithFromEnv(),
	)
	if bad != nil {
		bad = fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES is %q, want key=value,key=value; the rest counts: %w", os.Getenv("OTEL_RESOURCE_ATTRIBUTES"), bad)
	}
	if extra == nil {
		return r, bad
	}
	merged, err := resource.Merge(r, extra)
	// Two versions of the conventions: the attributes are merged all the same.
	if err != nil && !errors.Is(err, resource.ErrSchemaURLConflict) {
		otel.Handle(fmt.Errorf("lambdaxray: WithResource: %w", err))
	}
	return merged, bad
}

// lambdaAttributes are the resource attributes that the detector does not set.
func lambdaAttributes() []attribute.KeyValue {
	name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	if name == "" {
		return nil
	}
	attrs := []attribute.KeyValue{
		semconv.CloudPlatformAWSLambda,
		semconv.ServiceName(name),
	}
	if group := os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME"); group != "" {
		attrs = append(attrs, semconv.AWSLogGroupNames(group))
	}
	return attrs
}

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
