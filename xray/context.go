package xray

import (
	"context"
	"errors"
	"os"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// ContextKeytype is the type that [ContextKey] points at.
type ContextKeytype int

// ContextKey is the context key of the current [Segment].
var ContextKey = new(ContextKeytype)

// ErrRetrieveSegment says that a context has no segment.
var ErrRetrieveSegment = errors.New("unable to retrieve segment")

// RecorderContextKey is the context key of a [Config]; see [ContextWithConfig].
type RecorderContextKey struct{}

// The keys of a fasthttp.RequestCtx, whose user values are found by strings.
const (
	fasthttpSegment = "xray-ck"
	fasthttpConfig  = "xray-rck"
)

// What Lambda and the SDK know each other by.
const (
	LambdaTraceHeaderKey     = "x-amzn-trace-id"  // context key of the tracing header
	LambdaTaskRootKey        = "LAMBDA_TASK_ROOT" // environment variable
	SDKInitializedFileFolder = "/tmp/.aws-xray"   // the folder, and
	SDKInitializedFileName   = "initialized"      // the file in it, that says that a library is loaded
	TraceIDHeaderKey         = "x-amzn-trace-id"  // HTTP header
	functionName             = "AWS_LAMBDA_FUNCTION_NAME"
)

func inLambda() bool { return os.Getenv(functionName) != "" }

// GetRecorder returns the configuration in ctx, nil if there is none.
func GetRecorder(ctx context.Context) *Config {
	if c, ok := ctx.Value(RecorderContextKey{}).(*Config); ok {
		return c
	}
	c, _ := ctx.Value(fasthttpConfig).(*Config)
	return c
}

// GetSegment returns the segment or subsegment in ctx, nil if there is none.
//
// Where the current span of ctx is one that OpenTelemetry's API has started, it
// returns a Segment for that span: its ids are right, what is added to it goes to
// the span, and its other fields are empty. Closing it does nothing.
func GetSegment(ctx context.Context) *Segment {
	seg, ok := ctx.Value(ContextKey).(*Segment)
	if !ok {
		seg, _ = ctx.Value(fasthttpSegment).(*Segment)
	}
	span := trace.SpanFromContext(ctx)
	if sc := span.SpanContext(); !sc.IsValid() || sc.IsRemote() || seg != nil && seg.within(span) {
		return seg
	}
	return foreign(ctx, seg, span)
}

// within reports whether span is the segment's or of one above it: a context made
// with ContextKey by hand still has an older span.
func (seg *Segment) within(span trace.Span) bool {
	for s := seg; s != nil; s = s.parent {
		if same(s.span, span) {
			return true
		}
	}
	return false
}

// same reports whether two spans are one; not all of them can be compared by ==.
func same(a, b trace.Span) bool {
	x, y := a.SpanContext(), b.SpanContext()
	return x.SpanID() == y.SpanID() && x.TraceID() == y.TraceID()
}

// foreign returns a Segment for a span that somebody else has started, beneath
// seg, if that is not nil.
func foreign(ctx context.Context, above *Segment, span trace.Span) *Segment {
	sc := span.SpanContext()
	seg := newSegment("")
	seg.foreign, seg.span, seg.parent = true, span, above
	seg.TraceID, seg.ID = xrayTraceID(sc.TraceID()), sc.SpanID().String()
	seg.Sampled = sc.IsSampled()
	seg.Dummy = !seg.Sampled
	seg.Configuration = configure(ctx)
	if s, ok := span.(sdktrace.ReadOnlySpan); ok {
		seg.Name, seg.StartTime = s.Name(), seconds(s.StartTime())
		if p := s.Parent().SpanID(); p.IsValid() {
			seg.ParentID = p.String()
		}
	}
	if above != nil {
		seg.ParentSegment = above.ParentSegment
	} else if h, ok := propagator.HeaderFromContext(ctx); ok {
		seg.IncomingHeader = headerOf(h)
	} else if h, ok := propagator.HeaderFromLambda(ctx); ok {
		seg.IncomingHeader = headerOf(h)
	}
	return seg
}

// TraceID returns the id of the trace that ctx is in, as X-Ray spells it; in a
// Lambda function the invocation's. It is "" outside a trace.
func TraceID(ctx context.Context) string {
	if seg := GetSegment(ctx); seg != nil {
		return seg.TraceID
	}
	if h, ok := propagator.HeaderFromLambda(ctx); ok && !SdkDisabled() {
		return xrayTraceID(h.Root)
	}
	return ""
}

// RequestWasTraced reports whether a segment in ctx, or one above it, was made
// from a request's tracing header.
func RequestWasTraced(ctx context.Context) bool {
	for seg := GetSegment(ctx); seg != nil; seg = seg.parent {
		if seg.RequestWasTraced {
			return true
		}
	}
	return false
}

// DetachContext returns a context of its own with the segment of ctx, for work
// that goes on when ctx is done.
func DetachContext(ctx context.Context) context.Context {
	detached := trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx))
	if h, ok := propagator.HeaderFromContext(ctx); ok {
		detached = propagator.ContextWithHeader(detached, h)
	}
	if seg := GetSegment(ctx); seg != nil {
		if seg.foreign {
			return detached
		}
		return seg.in(detached)
	}
	if v := ctx.Value(LambdaTraceHeaderKey); v != nil {
		//lint:ignore SA1029 aws-lambda-go's key
		detached = context.WithValue(detached, LambdaTraceHeaderKey, v)
	}
	return detached
}

// AddAnnotation adds an annotation to the segment in ctx. The error is
// [ErrRetrieveSegment] if there is none, and else that of
// [Segment.AddAnnotation].
func AddAnnotation(ctx context.Context, key string, value any) error {
	if seg := GetSegment(ctx); seg != nil {
		return seg.AddAnnotation(key, value)
	}
	return ErrRetrieveSegment
}

// AddMetadata adds metadata to the segment in ctx, in namespace "default". The
// error is [ErrRetrieveSegment] if there is none.
func AddMetadata(ctx context.Context, key string, value any) error {
	if seg := GetSegment(ctx); seg != nil {
		return seg.AddMetadata(key, value)
	}
	return ErrRetrieveSegment
}

// AddMetadataToNamespace adds metadata to the segment in ctx. The error is
// [ErrRetrieveSegment] if there is none.
func AddMetadataToNamespace(ctx context.Context, namespace string, key string, value any) error {
	if seg := GetSegment(ctx); seg != nil {
		return seg.AddMetadataToNamespace(namespace, key, value)
	}
	return ErrRetrieveSegment
}

// AddError adds an error to the segment in ctx, which becomes a fault. The error
// is [ErrRetrieveSegment] if there is none.
func AddError(ctx context.Context, err error) error {
	if seg := GetSegment(ctx); seg != nil {
		return seg.AddError(err)
	}
	return ErrRetrieveSegment
}
