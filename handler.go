package lambdaxray

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// tracing makes function spans.
type tracing struct {
	tracer   trace.Tracer
	provider trace.TracerProvider
	name     string // of the function
	config   config

	// cold: the next invocation is one that waited for the process to start. The
	// processor cannot know, as it sees sampled spans only.
	cold atomic.Bool
}

func (c config) newTracing() *tracing {
	t := &tracing{
		tracer:   c.provider.Tracer(packagePath),
		provider: c.provider,
		name:     os.Getenv("AWS_LAMBDA_FUNCTION_NAME"),
		config:   c,
	}
	if t.name == "" {
		t.name = "function" // a laptop: spans must have a name
	}
	switch os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE") {
	case "", "on-demand", "snap-start": // the others initialize ahead of requests
		t.cold.Store(true)
	}
	return t
}

// wrap returns handler with a function span around it, or without if t is nil. opts
// are for the aws-lambda-go handler that the result may be.
func (c config) wrap(handler any, t *tracing, opts []lambda.Option) lambda.Handler {
	if h, ok := handler.(lambda.Handler); ok { // a function type may be one, too
		if isAWSHandler(h) {
			h = newExclusive(h)
		}
		return &bufferedHandler{tracing: t, next: h}
	}
	f, ok := newFunction(handler)
	if !ok { // to have aws-lambda-go's error for it
		return &bufferedHandler{tracing: t, next: lambda.NewHandlerWithOptions(handler, c.lambda...)}
	}
	f.encoding = encodingOf(c.lambda)
	if f.mayStream() {
		return (&streaming{tracing: t, function: f}).handler(opts)
	}
	return &bufferedHandler{tracing: t, next: f}
}

// bufferedHandler traces a handler whose response is bytes. To the Runtime API
// it posts them as any lambda.Handler's, application/octet-stream, which Lambda
// reads no differently.
type bufferedHandler struct {
	*tracing
	next lambda.Handler // its responses are nobody else's
}

// Invoke runs the handler in a function span.
func (h *bufferedHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if h.tracing == nil {
		return h.next.Invoke(ctx, payload)
	}
	ctx, inv := h.begin(ctx, payload)
	defer inv.unwind()
	response, err := h.next.Invoke(ctx, payload)
	inv.end(err, func() (int, bool) { return lambdaevent.Status(response) })
	return response, err
}

// invocation is an open function span.
type invocation struct {
	*tracing
	ctx    context.Context
	span   trace.Span
	cold   bool
	http   bool // its response has an HTTP status
	status int  // of a response that names none; 0: unknown

	ended   bool
	streams bool // it ends with its stream
}

// begin starts the function span of an invocation. It never fails: a tracing
// header or an event that makes no sense is as good as none. A nil payload is not
// known.
func (t *tracing) begin(given context.Context, payload []byte) (ctx context.Context, inv *invocation) {
	ctx = given
	inv = &invocation{tracing: t, ctx: ctx, span: noSpan, cold: t.cold.Swap(false)}
	defer inv.contain()
	ctx = propagator.Lambda{}.Extract(ctx, nil)
	header, _ := propagator.HeaderFromContext(ctx)

	settings := serverSpan
	var event lambdaevent.Event
	if payload != nil && t.config.without != eventAll && (header.Sampled != propagator.SamplingNo || t.config.context == EventContextParent) {
		event = lambdaevent.Parse(payload)
		if t.wants(EventTrigger) && event.Trigger() == "pubsub" {
			settings = consumerSpan
		}
		var links []trace.Link
		if ctx, links = t.relate(ctx, &event); len(links) > 0 {
			settings = append(settings[:len(settings):len(settings)], trace.WithLinks(links...))
		}
	}
	ctx, inv.span = t.tracer.Start(ctx, t.name, settings...)
	inv.ctx = ctx
	if inv.span.IsRecording() {
		inv.describe(payload != nil, &event)
	}
	return ctx, inv
}

// noSpan stands in where a span could not be started.
var noSpan = trace.SpanFromContext(context.Background())

var (
	serverSpan   = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)}
	consumerSpan = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer)}
)

func (t *tracing) wants(p EventPart) bool { return t.config.without&p == 0 }

// describe sets the attributes that are known when the invocation begins. The
// event itself is not always.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
func (inv *invocation) describe(known bool, event *lambdaevent.Event) {
	// Not out of a pool: a tracer that is not the SDK's may keep the list.
	attrs := append(make([]attribute.KeyValue, 0, 16), semconv.FaaSColdstart(inv.cold))
	if lc, ok := lambdacontext.FromContext(inv.ctx); ok {
		account, resource := splitARN(lc.InvokedFunctionArn)
		attrs = appendString(attrs, semconv.FaaSInvocationIDKey, lc.AwsRequestID)
		attrs = appendString(attrs, semconv.AWSLambdaInvokedARNKey, lc.InvokedFunctionArn)
		attrs = appendString(attrs, semconv.CloudAccountIDKey, account)
		attrs = appendString(attrs, semconv.CloudResourceIDKey, resource)
	}
	if known {
		attrs = inv.appendEvent(attrs, event)
	}
	inv.span.SetAttributes(attrs...)
}

// appendString appends an attribute unless value is empty. It is out of line, as
// an attribute made in place is 100 bytes of code.
//
//go:noinline
func appendString(attrs []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return attrs
	}
	return append(attrs, key.String(value))
}

// splitARN returns the account of a function's ARN and the ARN without version
// or alias, which is what names the resource; both are empty if arn is none.
//
//	arn:aws:lambda:eu-west-1:123456789012:function:orders:live
func splitARN(arn string) (account, resource string) {
	end := 0
	for i := range 7 {
		field, _, more := strings.Cut(arn[end:], ":")
		switch {
		case !more && i < 6, field == "" && (i == 4 || i == 6):
			return "", ""
		case i == 4:
			account = field
		}
		end += len(field) + 1
	}
	return account, arn[:end-1]
}

// end records how the invocation went and ends its span. status tells the HTTP
// status of the response; it is asked only if the trigger is HTTP.
func (inv *invocation) end(err error, status func() (int, bool)) {
	inv.ended = true
	defer inv.contain()
	defer inv.close(inv.config.flush)
	switch {
	case !inv.span.IsRecording():
	case err != nil:
		recordError(inv.span, err)
	case inv.http:
		code, ok := status()
		if !ok {
			code = inv.status
		}
		if code != 0 {
			inv.span.SetAttributes(semconv.HTTPResponseStatusCode(code))
		}
		if code >= 500 {
			inv.span.SetStatus(codes.Error, "")
		}
	}
}

// unwind is deferred by every handler. If the handler panicked it records that,
// sends everything, since the process is about to exit, and lets the panic go on.
func (inv *invocation) unwind() {
	if inv.ended || inv.streams {
		return
	}
	value := recover()
	inv.panicked(value)
	if value != nil { // nil: runtime.Goexit
		panic(value)
	}
}

func (inv *invocation) panicked(value any) {
	defer inv.contain()
	defer inv.close(true)
	if value != nil {
		recordPanic(inv.span, value)
	} else if inv.span.IsRecording() {
		inv.span.SetStatus(codes.Error, "the handler called runtime.Goexit")
	}
}

// close ends the span, whatever went wrong in describing it.
func (inv *invocation) close(andFlush bool) {
	inv.span.End()
	if andFlush {
		flush(inv.ctx, inv.provider)
	}
}

// contain keeps a panic of tracing out of the function. It is deferred.
func (inv *invocation) contain() {
	if r := recover(); r != nil {
		otel.Handle(fmt.Errorf("lambdaxray: panic while tracing: %v", r))
	}
}
