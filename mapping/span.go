package mapping

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Span is one OpenTelemetry span in neutral form: what the SDK, the Collector
// and OTLP JSON have in common. The mapper reads it and keeps no reference to
// it once [Mapper.AppendDocuments] has returned.
type Span struct {
	Name         string
	TraceID      trace.TraceID
	SpanID       trace.SpanID
	ParentSpanID trace.SpanID // zero: no parent
	TraceState   string       // W3C tracestate; empty: none
	Parent       ParentOrigin
	Kind         trace.SpanKind
	StartTime    int64 // nanoseconds since the Unix epoch
	EndTime      int64 // nanoseconds since the Unix epoch; 0: still open, the document says in_progress

	Status        codes.Code
	StatusMessage string
	Attributes    []attribute.KeyValue
	Events        []Event
	Links         []Link

	// What the producer's own limits left out. Written to metadata, not repaired.
	DroppedAttributes int
	DroppedEvents     int
	DroppedLinks      int

	Resource     *Resource // nil: an empty resource
	ScopeName    string    // instrumentation scope
	ScopeVersion string

	// FunctionSegment says who owns the function segment above a function span.
	// The producer that has seen the tracing header sets it; elsewhere it stays
	// [FunctionSegmentAuto]. Ignored on spans that are not function spans.
	FunctionSegment FunctionSegment

	// Initialization marks the span that a producer makes for the code outside the
	// handler. Its document names the function by ARN, as the platform's own does.
	Initialization bool
}

// Event is a span event. An event named "exception" becomes an entry of the
// document's cause; every other event goes to metadata.
type Event struct {
	Name       string
	Time       int64 // nanoseconds since the Unix epoch
	Attributes []attribute.KeyValue
	Dropped    int // attributes left out by the producer's limits
}

// Link points at a span of this or another trace.
type Link struct {
	TraceID    trace.TraceID
	SpanID     trace.SpanID
	TraceState string // W3C tracestate; empty: none
	Attributes []attribute.KeyValue
	Dropped    int // attributes left out by the producer's limits
}

// ParentOrigin says where a span's parent ran.
type ParentOrigin uint8

const (
	// ParentUnknown: the producer does not say (OTLP without flags). The parent
	// counts as remote if it is not in the batch.
	ParentUnknown ParentOrigin = iota
	// ParentLocal: in the same process as the span.
	ParentLocal
	// ParentRemote: in another process; it came in a header.
	ParentRemote
)

// FunctionSegment says who writes the AWS::Lambda::Function segment that a
// function span belongs to. The first of these that says so decides: the mapper's
// [WithFunctionSegment]; [Span.FunctionSegment], which package exporter's Processor
// sets by its option of the same name, else by the tracing header; the span itself.
type FunctionSegment uint8

const (
	// FunctionSegmentAuto decides by the span: a remote parent means the
	// platform, no parent means own.
	FunctionSegmentAuto FunctionSegment = iota
	// FunctionSegmentPlatform: Lambda's active tracing writes it. The function
	// span becomes one independent subsegment beneath its parent.
	FunctionSegmentPlatform
	// FunctionSegmentOwn: nobody else writes it, so the function span becomes
	// the segment.
	FunctionSegmentOwn
)

// UnixNano converts t for [Span] and [Event]; the zero time becomes 0.
func UnixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
