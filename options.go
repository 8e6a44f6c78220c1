package lambdaxray

import (
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
)

// Option configures [Start], [WrapHandler] and [NewTracerProvider]. Each says
// which of them it is for; elsewhere it does nothing.
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	disabled bool

	// The provider.
	sampler   sdktrace.Sampler
	resource  *resource.Resource
	exporter  *exporter.Exporter
	processor []exporter.ProcessorOption
	sdk       []sdktrace.TracerProviderOption

	// The handler.
	provider trace.TracerProvider
	flush    bool
	without  EventPart
	context  EventContext
	lambda   []lambda.Option

	// Both are nil by default, so that a function without them does not link them.
	keep      func(s *functionSpan, key string, result []byte)
	addHeader func(s *functionSpan, response []byte) []byte

	// The sampler.
	hosts, paths []string // patterns of what is left out

	// The process.
	propagator propagation.TextMapPropagator
	globals    bool
	sigterm    sigterm
	onSIGTERM  []func()
}

func newConfig(opts []Option) config {
	c := config{
		disabled:   strings.EqualFold(strings.TrimSpace(os.Getenv("OTEL_SDK_DISABLED")), "true"),
		propagator: inProcess{},
		globals:    true,
	}
	for _, o := range opts {
		c = o.apply(c)
	}
	return c
}

// WithSampler decides where the tracing header leaves it open (no Sampled
// field, or Sampled=?) and where there is no header. It takes precedence over
// OTEL_TRACES_SAMPLER. A header that says Sampled=1 or Sampled=0 is obeyed, and
// spans below another span of this process follow it, whatever s says.
//
// For [Start] and [NewTracerProvider].
func WithSampler(s sdktrace.Sampler) Option {
	return optionFunc(func(c config) config {
		c.sampler = s
		return c
	})
}

// WithResource adds r to what is known about the function; where both say
// something, r counts.
//
// For [Start] and [NewTracerProvider].
func WithResource(r *resource.Resource) Option {
	return optionFunc(func(c config) config {
		c.resource = r
		return c
	})
}

// WithExporter sends the spans through e, which then belongs to the provider
// and is shut down with it. The default is [exporter.New] without options: the
// X-Ray daemon over UDP.
//
// For [Start] and [NewTracerProvider].
func WithExporter(e *exporter.Exporter) Option {
	return optionFunc(func(c config) config {
		c.exporter = e
		return c
	})
}

// WithProcessorOptions configures the [exporter.Processor].
//
// For [Start] and [NewTracerProvider].
func WithProcessorOptions(opts ...exporter.ProcessorOption) Option {
	return optionFunc(func(c config) config {
		c.processor = append(c.processor[:len(c.processor):len(c.processor)], opts...)
		return c
	})
}

// WithProviderOptions passes options to the SDK's provider after lambdaxray's
// own: span limits, more processors. A resource, a sampler or an id generator
// given here replaces lambdaxray's.
//
// For [Start] and [NewTracerProvider].
func WithProviderOptions(opts ...sdktrace.TracerProviderOption) Option {
	return optionFunc(func(c config) config {
		c.sdk = append(c.sdk[:len(c.sdk):len(c.sdk)], opts...)
		return c
	})
}

// WithTracerProvider makes the function span with p. The default is, for
// [WrapHandler], the global provider; for [Start], the global provider if it is
// one of the SDK's, else a new one from [NewTracerProvider].
//
// For [Start] and [WrapHandler].
func WithTracerProvider(p trace.TracerProvider) Option {
	return optionFunc(func(c config) config {
		c.provider = p
		return c
	})
}

// WithFlush calls the provider's ForceFlush after every invocation, before the
// response is posted. A provider with the SDK's batch processor needs it, since
// Lambda freezes the process between invocations; [exporter.Processor] does not.
//
// For [Start] and [WrapHandler].
func WithFlush() Option {
	return optionFunc(func(c config) config {
		c.flush = true
		return c
	})
}

// EventPart is a part of the invocation's event that becomes trace data.
type EventPart uint8

const (
	// EventTrigger: faas.trigger, and the CONSUMER kind for queues and topics.
	EventTrigger EventPart = 1 << iota
	// EventHTTP: method, route, path, host, client address and user agent of an
	// HTTP request, and the status of the response.
	EventHTTP
	// EventMessages: a link to the sender of each message of a batch of SQS, Kafka,
	// Amazon MQ, Kinesis or Firehose, to the first 128 senders at most.
	EventMessages
	// EventTraceContext: a tracing header or a W3C traceparent inside the event, or in
	// the client context of a call of Invoke.
	EventTraceContext

	eventAll = EventTrigger | EventHTTP | EventMessages | EventTraceContext
)

// WithoutEvent leaves parts of the event alone; without arguments, all of them.
// An event of which nothing is wanted is not looked at.
//
// For [Start] and [WrapHandler].
func WithoutEvent(parts ...EventPart) Option {
	return optionFunc(func(c config) config {
		if len(parts) == 0 {
			c.without = eventAll
		}
		for _, p := range parts {
			c.without |= p
		}
		return c
	})
}

// EventContext says what a trace context inside the event is worth beside the
// invocation's own tracing header.
type EventContext uint8

const (
	// EventContextLink: the tracing header wins, and a context of another trace
	// becomes a link of the function span. Without a header the context in the
	// event is the parent. The senders of a batch are links in any case.
	EventContextLink EventContext = iota
	// EventContextParent: the context in the event wins, and the tracing header's
	// becomes the link. The function span is then an own segment in the event's
	// trace. That goes for a batch too if all its messages have the same sender,
	// as one message alone does; different senders are links.
	EventContextParent
)

// WithEventContext says how a trace context inside the event is used. The
// default is [EventContextLink].
//
// For [Start] and [WrapHandler].
func WithEventContext(c EventContext) Option {
	return optionFunc(func(cfg config) config {
		cfg.context = c
		return cfg
	})
}

// WithResult keeps what the invocation returned in the function span's metadata, in
// the namespace "lambda": the response as "response", an error, as its caller gets
// it, as "error". What is longer than limit bytes is cut to a text of limit bytes,
// with the length beside it: X-Ray takes 64 KB a document, 8192 is a good limit.
// Responses that stream are not kept. The default is 0: responses hold customers'
// data, and X-Ray shows metadata to all who may read traces.
//
// For [Start] and [WrapHandler].
func WithResult(limit int) Option {
	return optionFunc(func(c config) config {
		if c.keep = nil; limit > 0 {
			c.keep = func(s *functionSpan, key string, result []byte) { s.keep(key, result, limit) }
		}
		return c
	})
}

// WithTraceHeader adds the trace's id, as [TraceID] spells it, as a header of that
// name to the HTTP responses of sampled invocations, so that who sees a failed
// request can say which trace it is. It stays away from responses without a
// statusCode, from those that stream, and from a header that is there.
//
// For [Start] and [WrapHandler].
func WithTraceHeader(name string) Option {
	return optionFunc(func(c config) config {
		c.addHeader = func(s *functionSpan, response []byte) []byte { return s.withTraceHeader(response, name) }
		return c
	})
}

// WithoutHosts leaves out the calls to hosts: CLIENT spans whose server.address, or
// host in url.full, is one of them. In a pattern * stands for any text and ? for one
// character; case does not matter. What is called so is told that the trace is not
// sampled.
//
// For [Start] and [NewTracerProvider].
func WithoutHosts(patterns ...string) Option {
	return optionFunc(func(c config) config {
		for _, p := range patterns {
			c.hosts = append(c.hosts[:len(c.hosts):len(c.hosts)], strings.ToLower(p))
		}
		return c
	})
}

// WithoutPaths leaves out requests by the path that the client sent, such as
// /health: SERVER spans whose url.path is one of patterns, with all that is beneath
// them. Patterns are as in [WithoutHosts], but case matters. The function span is one
// of them, unless [WithoutEvent] leaves the request alone; the platform's own segments
// stay.
//
// For [Start] and [NewTracerProvider].
func WithoutPaths(patterns ...string) Option {
	return optionFunc(func(c config) config {
		c.paths = append(c.paths[:len(c.paths):len(c.paths)], patterns...)
		return c
	})
}

// WithLambdaOptions passes options to aws-lambda-go's handler. For SIGTERM use
// [WithSIGTERM]: lambda.WithEnableSIGTERM given here would register twice.
//
// For [Start] and [WrapHandler].
func WithLambdaOptions(opts ...lambda.Option) Option {
	return optionFunc(func(c config) config {
		c.lambda = append(c.lambda[:len(c.lambda):len(c.lambda)], opts...)
		return c
	})
}

// WithPropagator is what [Start] sets as the global propagator. The default is
// X-Ray's header in both directions. It does not change where the function
// span's parent comes from.
//
// For [Start].
func WithPropagator(p propagation.TextMapPropagator) Option {
	return optionFunc(func(c config) config {
		c.propagator = p
		return c
	})
}

// WithoutGlobals leaves OpenTelemetry's global provider and propagator as they
// are.
//
// For [Start].
func WithoutGlobals() Option {
	return optionFunc(func(c config) config {
		c.globals = false
		return c
	})
}

// WithSIGTERM has Lambda send SIGTERM before it ends the process, and runs
// callbacks after the flush. Lambda sends it only where an extension is
// registered, so this registers an internal one, which costs start-up two calls
// to the Extensions API; without it spans that end after the last response may
// be lost. All of it shares what Lambda gives, about 500 ms from SIGTERM to
// SIGKILL, and the signal does not end the process.
//
// For [Start].
func WithSIGTERM(callbacks ...func()) Option {
	return optionFunc(func(c config) config {
		c.sigterm = sigtermRegister
		c.onSIGTERM = append(c.onSIGTERM[:len(c.onSIGTERM):len(c.onSIGTERM)], callbacks...)
		return c
	})
}

// WithoutSIGTERM leaves the signal alone, for a program that handles it itself:
// that should call the provider's ForceFlush.
//
// For [Start].
func WithoutSIGTERM() Option {
	return optionFunc(func(c config) config {
		c.sigterm = sigtermIgnore
		return c
	})
}
