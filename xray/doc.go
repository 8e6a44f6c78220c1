// Package xray has the API of aws-xray-sdk-go, on OpenTelemetry spans that go to
// X-Ray through lambdaxray. Changing the import path
// github.com/aws/aws-xray-sdk-go/v2/xray to this one is the migration; spans of
// OpenTelemetry's own API mix with segments in one trace, so the rest can follow
// call by call.
//
//	err := xray.Capture(ctx, "price", func(ctx context.Context) error {
//		return xray.AddAnnotation(ctx, "tier", "gold")
//	})
//
// A Lambda function needs nothing but lambda.Start: the tracing header is taken from
// the context. Elsewhere [BeginSegment] and [Handler] begin segments.
//
// # Where spans go
//
// If the program has set a global OpenTelemetry provider, segments are its spans,
// and its exporter decides where they go. If not, the first segment makes one that
// writes to the X-Ray daemon, and makes it and X-Ray's propagator the global ones.
// A segment without a parent in the process is sent, with all that has ended
// beneath it, before its Close returns. Nothing runs between segments.
//
// # What differs from the SDK
//
// What cannot be the same, what happens instead, and why. What the table calls
// logged is logged once a process, as a warning, to [SetLogger]'s logger.
//
//	BeginSegment in a function     a subsegment of the invocation, logged: Lambda writes the
//	                               segment, and a second one is a second node
//	writing TraceID, ID, ParentID, not sent, logged: a span has them from its start; Begin
//	StartTime, EndTime             and NewSegmentFromHeader fill them
//	Segment.ParentID               the parent's id; the SDK's is the topmost segment's
//	Origin, ResourceARN,           metadata: of spans only the resource has them
//	PrecursorIDs written
//	Dummy = true written           without effect; Sampled = false of a segment, or
//	                               BeginSubsegmentWithoutSampling, keeps it from being sent
//	AWS members nobody knows       metadata namespace aws
//	StreamingStrategy              not called, logged: documents are packed by size, nothing
//	                               is lost above 64 KB
//	Emitter of the program's own   is called with the tree, which then is in no span
//	ContextWithConfig, DaemonAddr  for Emitter and SamplingStrategy of that Config; without an
//	                               Emitter logged
//	Configure, ServiceVersion      after the first segment it is metadata: a resource is fixed
//	sql: version, driver           metadata: db.version, db.driver
//	BeginSubsegment without a      a Segment that does nothing, not nil; in a function it
//	context                        hangs beneath the invocation
//	CaptureAsync in a function     what ends after the invocation is sent with the next one;
//	                               the SDK loses it
//	metadata with an error in it   its text; the SDK writes {}
//	DSN, passwords                 parameters such as sslpassword go too
//	sampling rule's name           not sent, except that of a SamplingStrategy of the program's own
//
// Packages utils, utils/awserr, internal and resources of the SDK are not here, nor
// are the types of package sampling that mirror its calls to the daemon. Programs
// that use these do not compile.
//
// # Environment
//
// AWS_XRAY_SDK_DISABLED=true and OTEL_SDK_DISABLED=true turn everything off.
//
// AWS_XRAY_CONTEXT_MISSING is RUNTIME_ERROR, LOG_ERROR (the default) or IGNORE_ERROR.
//
// AWS_XRAY_TRACING_NAME is the name of every segment, outside Lambda.
//
// AWS_XRAY_DAEMON_ADDRESS is where the daemon listens; see [exporter].
//
// AWS_XRAY_NOOP_ID=false gives segments that are not sampled ids of their own; else
// they are zero.
//
// OTEL_TRACES_SAMPLER takes the place of X-Ray's sampling rules.
//
// [exporter]: https://pkg.go.dev/github.com/lambdaxray/lambdaxray/exporter
package xray
