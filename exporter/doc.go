// Package exporter takes finished spans out of the OpenTelemetry SDK and sends
// X-Ray segment documents.
//
// A [Processor] collects the spans of each Lambda invocation and hands them on
// in one go when it ends; an [Exporter] has the mapping package write documents
// of them; an [Emitter] carries the documents out: to the X-Ray daemon by
// default.
//
//	e, err := exporter.New()
//	if err != nil {
//		return err
//	}
//	p := exporter.NewProcessor(e)
//	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p), sdktrace.WithSampler(p.Sampler(nil)))
//
// Outside Lambda the same Processor exports each local root as it ends, and the
// Exporter works behind the SDK's batch processor as well.
//
// # What happens when
//
// Initialization. Spans that end before the first function span starts are kept,
// 512 of them at most, and go out with the first sampled invocation, in its
// trace and at their own times. What ended more than a minute before is metadata of
// the function span instead: name, offset and duration in seconds, in the namespace
// initialization.
//
// The end of an invocation. The function span's OnEnd maps and writes all that
// is finished, before it returns.
//
// A context that was lost. A span without a parent that starts while one invocation
// runs is put beneath it, in its trace, and reported once by name. While several run
// it is a segment of its own, as between invocations: none of them is Lambda's, so the
// function's node counts invocations.
//
// Open spans. One that is open at the end of its invocation goes out as in progress if
// a span beneath it has ended.
//
// Late. A span that ends after its invocation, and a root of another kind that
// ends while the function runs or idles, goes out with the next sampled
// invocation, in its own trace and beneath its own parent.
//
// The deadline. Shortly before it, the open spans are sent as in progress;
// see [WithDeadlineMargin].
//
// Long invocations. From 2,048 finished spans or about 4 MiB on, what has
// finished is sent, so memory is bounded by the spans that are open, of which 8,192
// are followed beneath each of 1,024 local roots: what exceeds that goes out by itself.
// In a process whose local root stays open for hours, call ForceFlush now and then.
//
// Shutdown. What has ended goes out. Spans that end later are lost and counted.
//
// Concurrency. Spans are grouped by local root and not by trace, so invocations
// that run at the same time, even in one trace, stay apart. Everything in this
// package is safe for concurrent use.
//
// What it costs. An invocation of seven spans is one datagram and no allocation
// over the SDK's own (with another emitter four, the context that ends its Emit);
// BenchmarkInvocation has the time, with the daemon present, blackholed and absent.
// [WithExportTimeout] bounds an export if the way out is blocked; UDP to a daemon
// that is slow or not there does not block.
//
// # Errors
//
// The Exporter returns its errors. The Processor's OnEnd has nobody to return
// them to and calls OpenTelemetry's error handler: once for each span that
// cannot be mapped, once for an emitter that fails, until it works again, once for
// spans of initialization above the limit, and at Shutdown for all that was lost.
// [Exporter.Stats] counts every loss. An export makes no spans: an [Emitter] may have
// a client that is instrumented.
//
// UDP is silent about loss. A daemon that is not there is noticed at the next
// document; one that drops documents is not noticed at all, which is why a burst
// takes half of what the daemon's socket holds unread (46 documents of 1.5 KB, 12 of
// 5 KB, 2 of 40 KB), and what exceeds it is spread out, at 100 µs and 10 ns a byte
// for each. The first document of an export does not wait in Lambda, nor behind a
// Processor; elsewhere it does.
//
// # Environment
//
// AWS_XRAY_DAEMON_ADDRESS is where the daemon listens: host:port, or
// tcp:host:port udp:host:port in either order. The default is 127.0.0.1:2000. A
// name is looked up at the first document, after an error, and every 30 s.
//
// AWS_LAMBDA_FUNCTION_NAME, if not empty, says that the process is a Lambda
// function; [WithLambda] overrides it. It and AWS_REGION, AWS_LAMBDA_FUNCTION_VERSION,
// AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_LOG_GROUP_NAME and
// AWS_LAMBDA_LOG_STREAM_NAME complete a resource that does not say so.
//
// AWS_LAMBDA_INITIALIZATION_TYPE says why the process was started. The first
// function span is a cold start if a request waited for it: on-demand (also
// when the variable is not set) and snap-start. With provisioned-concurrency and
// lambda-managed-instances none is. A faas.coldstart that the span has already
// is kept.
//
// _X_AMZN_TRACE_ID holds the tracing header where the context of the function
// span does not; see package propagator.
//
// LAMBDA_TASK_ROOT, if not empty, makes [New] touch /tmp/.aws-xray/initialized,
// which tells the sandbox that an X-Ray library is loaded.
package exporter
