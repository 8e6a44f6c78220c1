// Package lambdaxray traces Lambda functions with OpenTelemetry and puts every
// span where the Lambda X-Ray model wants it.
//
// [Start] takes the place of lambda.Start: each invocation becomes a function
// span, spans made inside it become its subsegments, and all of them go to the
// X-Ray daemon before the response is posted. Nothing runs between invocations.
//
//	func main() {
//		lambdaxray.Start(func(ctx context.Context, order Order) (Receipt, error) {
//			lambdaxray.Annotate(ctx, "customer", order.Customer)
//			...
//		})
//	}
//
// Instrumentation for OpenTelemetry, such as otelaws and otelhttp, does the rest:
// Start sets the global provider and propagator. Those who assemble a provider
// themselves use [WrapHandler] and package exporter.
//
// # What happens when
//
// Before the first invocation. Spans made in main before Start are kept and
// appear in the first sampled invocation, if their provider is the one that Start
// uses; see there. Spans of the global provider before it is set do not exist.
//
// Invocation. The function span's parent is the tracing header. A header that
// says Sampled=1 or Sampled=0 is obeyed. One that leaves it open is answered by
// the configured sampler and else with no. Without a header, on a laptop, all is
// sampled. A header with a Root only keeps its trace.
//
// Event. HTTP requests give the span method, route, path, host, client and the
// status of the response; 500 and above is a fault. Queue batches give a link to
// the sender of each message, and [ForEachMessage] a span for each; there is one of
// its kind for Kinesis, DynamoDB streams and Kafka. A trace context of another trace
// becomes a link. [WithoutEvent] turns each off. All of it is there when the sampler
// is asked.
//
// Result. It stays as it is and is not recorded, but for the status. [WithResult]
// keeps it in metadata, [WithTraceHeader] adds a header to HTTP responses.
//
// Error. The function span is a fault with the error's type, message and stack,
// if it knows one, and the errors it wraps. URLs in the messages of HTTP clients lose
// user and query. The error goes on unchanged.
//
// Panic. The same, with the Go stack from the panic to the handler; all is sent;
// the panic goes on with its value, and aws-lambda-go ends the process.
//
// os.Exit and log.Fatal end the process at once, and so does a panic in a goroutine
// that the handler has started: nobody can recover it from outside. Nothing can be
// recorded then, and the invocation's spans are lost. Return an error instead.
//
// Deadline. Shortly before it the open spans are sent as in progress, so that an
// invocation that is killed shows where it was; see
// [exporter.WithDeadlineMargin].
//
// End. All documents are written before the response is posted. A response that
// streams ends its function span with its last byte.
//
// SIGTERM. What has ended is sent, and the signal takes its course. Lambda sends
// it only to functions with an extension or with [WithSIGTERM].
//
// # Invocations at the same time
//
// On Lambda Managed Instances one process runs several invocations at once. What
// they share, and why neither data nor spans pass from one to another:
//
// Responses. Each is encoded into memory that is made for it, or is the reader or
// the bytes that the handler returned. aws-lambda-go's own pool of response buffers
// is not used; a handler that lambda.NewHandler made cannot do without, and runs
// one invocation at a time. A lambda.Handler of the program's own is run as it is:
// if it calls the Invoke of lambda.NewHandler's, as otellambda.WrapHandler does with
// one, answers get mixed up, and nobody further out can prevent it.
//
// Events. An event lies in a buffer of aws-lambda-go's until the response is
// posted. Nothing here refers to it longer: what becomes an attribute is a copy.
//
// The handler, its options, tracer and provider do not change once made. Whether
// the next invocation is a cold start is one atomic flag.
//
// The tracing header is taken from the context. The environment's, which is the
// process's, only counts where the context has none; aws-lambda-go sets that
// variable only where invocations come one by one.
//
// The Processor keeps spans by trace id and span id under one lock, and a batch of
// spans belongs to one export at a time. Batches, the mapper's scratch and the
// documents are used again, after the emitter has returned, which keeps nothing of
// them; the UDP emitter's one buffer has one writer at a time. Invocations in one
// trace stay apart, as what counts is the topmost span in the process.
//
// [Annotate] and [Metadata] share a lock and no data.
//
// # Environment
//
// OTEL_SDK_DISABLED=true turns everything off: the handler runs as lambda.Start
// would run it.
//
// OTEL_TRACES_SAMPLER is the sampler for invocations whose header leaves the
// decision open or is missing: always_on, always_off or traceidratio. With
// parentbased_ before it, it follows the trace context in the event where there is
// one and no header. OTEL_TRACES_SAMPLER_ARG is the ratio, from 0 to 1.
// [WithSampler] takes precedence. A header that has decided comes before all of them,
// which is logged once where AWS_LAMBDA_LOG_LEVEL or OTEL_LOG_LEVEL is debug; sdktrace.WithSampler among
// [WithProviderOptions] replaces the rule.
//
// OTEL_SERVICE_NAME is the service in annotations; the default is the function's
// name.
//
// OTEL_RESOURCE_ATTRIBUTES adds attributes to the resource and takes precedence
// over what is detected: service.version=7,team=orders.
//
// OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and the SDK's other limits hold as everywhere.
//
// A value that makes no sense is reported once to OpenTelemetry's error handler, with
// the variable's name, and ignored.
//
// AWS_XRAY_DAEMON_ADDRESS is where the daemon listens; Lambda sets it. See package
// exporter.
//
// AWS_LAMBDA_FUNCTION_NAME names the function span and makes the process a
// function. AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
// AWS_LAMBDA_LOG_GROUP_NAME, AWS_LAMBDA_LOG_STREAM_NAME and AWS_REGION become the
// resource. Lambda sets all of them.
//
// AWS_LAMBDA_INITIALIZATION_TYPE tells whether the first invocation is a cold
// start, sampled or not; see package exporter.
//
// _X_AMZN_TRACE_ID is the tracing header where the context does not have it; see
// package propagator.
package lambdaxray
