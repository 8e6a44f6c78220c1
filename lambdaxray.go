package lambdaxray

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// packagePath is the instrumentation scope, and what this package's frames begin
// with in a stack trace.
const packagePath = "github.com/lambdaxray/lambdaxray"

// Start is lambda.Start, traced. It makes a provider with [NewTracerProvider]
// unless there is one (see [WithTracerProvider]), makes it and X-Ray's
// propagator OpenTelemetry's global ones, flushes at SIGTERM (see [WithSIGTERM]),
// and runs handler as [WrapHandler] does. It does not return.
//
// If the provider cannot be made, the error goes to OpenTelemetry's error handler
// and the function runs untraced.
//
// Spans made before Start appear in the first sampled invocation if their
// provider is the one that Start uses:
//
//	provider, err := lambdaxray.NewTracerProvider(ctx)
//	...
//	otel.SetTracerProvider(provider)
//	loadConfig(ctx) // makes spans
//	lambdaxray.Start(handler)
func Start(handler any, opts ...Option) {
	c := newConfig(opts)
	provider, err := c.startProvider()
	if err != nil {
		otel.Handle(err)
		c.disabled = true
	}
	if c.disabled {
		opts := c.lambda
		if len(c.onSIGTERM) > 0 { // these are the program's own
			opts = append(opts[:len(opts):len(opts)], c.handleSIGTERM()...)
		}
		lambda.StartWithOptions(handler, opts...)
		return
	}
	c.provider = provider
	if c.globals {
		otel.SetTracerProvider(provider)
		otel.SetTextMapPropagator(c.propagator)
	}
	outer := append(c.lambda[:len(c.lambda):len(c.lambda)], c.handleSIGTERM()...)
	lambda.StartWithOptions(c.wrap(handler, c.newTracing(), outer), outer...)
}

// started are the providers that Start has made in this process, and the processor
// of the last one. Only tests start more than once.
var started struct {
	sync.Mutex
	providers []*sdktrace.TracerProvider
	processor sdktrace.SpanProcessor
}

// startProvider returns the provider for Start: the option's, the global one if
// the program has set one, or a new one.
func (c config) startProvider() (trace.TracerProvider, error) {
	if c.disabled || c.provider != nil {
		return c.provider, nil
	}
	started.Lock()
	defer started.Unlock()
	global, ok := otel.GetTracerProvider().(*sdktrace.TracerProvider)
	if ok && !slices.Contains(started.providers, global) {
		return global, nil
	}
	provider, processor, err := newTracerProvider(context.Background(), c)
	if err != nil {
		return provider, err
	}
	// An earlier Start's provider writes to its own daemon, which may be gone. The
	// tracers that packages have of it go on with the new processor.
	for _, earlier := range started.providers {
		earlier.RegisterSpanProcessor(processor)
		earlier.UnregisterSpanProcessor(started.processor)
	}
	started.providers, started.processor = append(started.providers, provider), processor
	return provider, nil
}

// WrapHandler returns handler, of any signature that aws-lambda-go accepts, as
// one that makes a function span of every invocation. Use it with
// lambda.Start and a provider of your own; nothing global is changed.
//
// The function span is named after the function and has its request id, ARN and
// account, whether it is a cold start, what triggered it, and, for HTTP triggers,
// request and status. A returned error and a panic are recorded. Neither they nor
// the result are changed, but for [WithTraceHeader]: a panic goes on with its value, a
// response that streams goes on streaming, and its function span ends with the stream.
//
// Give WrapHandler the function itself. A handler that lambda.NewHandler has made
// cannot stream any more, and runs one invocation at a time, since its responses
// share memory. os.Exit and log.Fatal end the process before anything can be
// recorded.
//
// The result is safe for concurrent use, and so is its Invoke for those who call
// it: a response is its caller's own.
func WrapHandler(handler any, opts ...Option) lambda.Handler {
	c := newConfig(opts)
	if c.disabled {
		return c.wrap(handler, nil, c.lambda)
	}
	if c.provider == nil {
		c.provider = otel.GetTracerProvider()
	}
	return c.wrap(handler, c.newTracing(), c.lambda)
}
