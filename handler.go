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
			if t == nil {
				return h // lambda.Start runs it safely; those who call Invoke do not
			}
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
	ctx, span := h.begin(ctx, payload)
	defer span.unwind()
	response, err := h.next.Invoke(ctx, payload)
	return span.respond(response, err), err
}

// functionSpan is the open span of one invocation.
type functionSpan struct {
	*tracing
	ctx    context.Context
	span   trace.Span
	http   bool // its response has an HTTP status
	status int  // of a response that names none; 0: unknown

	ended   bool
	streams bool // it ends with its stream
}

// begin starts the function span of an invocation. It never fails: a tracing
// header or an event that makes no sense is as good as none. A nil payload is not
// known.
func (t *tracing) begin(given context.Context, payload []byte) (ctx context.Context, s *functionSpan) {
	ctx = given
	s = &functionSpan{tracing: t, ctx: ctx, span: noSpan}
	cold := t.cold.Swap(false)
	defer s.contain()
	ctx = propagator.Lambda{}.Extract(ctx, nil)
	header, _ := propagator.HeaderFromContext(ctx)
	// An invocation that is not to be sampled is not looked at, unless a sampler of
	// the user's own has other ideas.
	passed := header.Sampled == propagator.SamplingNo && t.config.context != EventContextParent
	var d description
	settings := serverSpan
	if !passed {
		ctx = s.describe(ctx, &d, payload, cold)
		settings = d.settings()
	}
	ctx, s.span = t.tracer.Start(ctx, t.name, settings...)
	s.ctx = ctx
	if passed && s.span.IsRecording() {
		s.describe(ctx, &d, payload, cold)
		s.span.SetAttributes(d.attrs...)
		for _, l := range d.links {
			s.span.AddLink(l)
		}
	}
	return ctx, s
}

// noSpan stands in where a span could not be started.
var noSpan = trace.SpanFromContext(context.Background())

func (t *tracing) wants(p EventPart) bool { return t.config.without&p == 0 }

// description is what is known of an invocation when it begins: in time for the
// sampler.
type description struct {
	consumer bool // the event is of a queue or topic
	attrs    []attribute.KeyValue
	links    []trace.Link
}

var (
	serverSpan   = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)}
	consumerSpan = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer)}
)

func (d *description) settings() []trace.SpanStartOption {
	settings := serverSpan
	if d.consumer {
		settings = consumerSpan
	}
	settings = append(settings[:1:1], trace.WithAttributes(d.attrs...))
	if len(d.links) > 0 {
		settings = append(settings, trace.WithLinks(d.links...))
	}
	return settings
}

// describe fills in d and returns ctx with the function span's parent.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
func (s *functionSpan) describe(ctx context.Context, d *description, payload []byte, cold bool) context.Context {
	// Not out of a pool: a sampler or a tracer may keep the list.
	d.attrs = append(make([]attribute.KeyValue, 0, 16), semconv.FaaSColdstart(cold))
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		account, resource := splitARN(lc.InvokedFunctionArn)
		d.attrs = appendStrings(d.attrs, []keyString{
			{semconv.FaaSInvocationIDKey, lc.AwsRequestID},
			{semconv.AWSLambdaInvokedARNKey, lc.InvokedFunctionArn},
			{semconv.CloudAccountIDKey, account},
			{semconv.CloudResourceIDKey, resource},
		})
	}
	if payload == nil || s.config.without == eventAll {
		return ctx
	}
	event := lambdaevent.Parse(payload)
	d.consumer = s.wants(EventTrigger) && event.Trigger() == "pubsub"
	ctx, d.links = s.relate(ctx, &event)
	d.attrs = s.appendEvent(d.attrs, &event)
	return ctx
}

// keyString is an attribute that may be empty.
type keyString struct {
	key   attribute.Key
	value string
}

// appendStrings appends those attributes that are not empty.
func appendStrings(attrs []attribute.KeyValue, texts []keyString) []attribute.KeyValue {
	for _, t := range texts {
		if t.value != "" {
			attrs = append(attrs, t.key.String(t.value))
		}
	}
	return attrs
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

// respond ends the span of an invocation whose response is bytes, and returns the
// response, to which a header may have come.
func (s *functionSpan) respond(response []byte, err error) []byte {
	s.ended = true
	defer s.contain()
	defer s.close(s.config.flush)
	if !s.span.IsRecording() {
		return response
	}
	if err != nil {
		s.failed(err)
		return response
	}
	if s.config.keep != nil {
		s.config.keep(s, "response", response)
	}
	if s.http {
		code, _ := lambdaevent.Status(response)
		s.setStatus(code)
		if s.config.addHeader != nil {
			return s.config.addHeader(s, response)
		}
	}
	return response
}

func (s *functionSpan) failed(err error) {
	recordError(s.span, err)
	if s.config.keep != nil {
		s.config.keep(s, "error", errorResponse(err))
	}
}

// setStatus records the HTTP status of the response; 0: the response has none.
func (s *functionSpan) setStatus(code int) {
	if code == 0 {
		code = s.status
	}
	if code != 0 {
		s.span.SetAttributes(semconv.HTTPResponseStatusCode(code))
	}
	if code >= 500 {
		s.span.SetStatus(codes.Error, "")
	}
}

// unwind is deferred by every handler. If the handler panicked it records that,
// sends everything, since the process is about to exit, and lets the panic go on.
func (s *functionSpan) unwind() {
	if s.ended || s.streams {
		return
	}
	value := recover()
	s.panicked(value)
	if value != nil { // nil: runtime.Goexit
		panic(value)
	}
}

func (s *functionSpan) panicked(value any) {
	defer s.contain()
	defer s.close(true)
	if value != nil {
		recordPanic(s.span, value)
	} else if s.span.IsRecording() {
		s.span.SetStatus(codes.Error, "the handler called runtime.Goexit")
	}
}

// close ends the span, whatever went wrong in describing it.
func (s *functionSpan) close(andFlush bool) {
	s.span.End()
	if andFlush {
		// What was the global provider when the handler was wrapped may stand for the one
		// that is now.
		if !flush(s.ctx, s.provider) {
			flush(s.ctx, otel.GetTracerProvider())
		}
	}
}

// contain keeps a panic of tracing out of the function. It is deferred.
func (s *functionSpan) contain() {
	if r := recover(); r != nil {
		otel.Handle(fmt.Errorf("lambdaxray: panic while tracing: %v", r))
	}
}
