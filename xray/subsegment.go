package xray

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/xray/header"
	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
)

// BeginSubsegment begins a subsegment of the segment or span in ctx, or, in a
// Lambda function, of the invocation. Close it.
//
// Where ctx has none of these, the context-missing strategy is told, and ctx comes
// back as it was, with a Segment that keeps and sends nothing.
func BeginSubsegment(ctx context.Context, name string) (context.Context, *Segment) {
	return beginAt(ctx, name, time.Now())
}

func beginAt(ctx context.Context, name string, at time.Time) (context.Context, *Segment) {
	if SdkDisabled() {
		return disabled(ctx)
	}
	parent, ok := parentOf(ctx)
	if !ok {
		contextMissing(ctx, fmt.Sprintf("failed to begin subsegment named '%v': segment cannot be found.", name))
		seg := newSegment(name)
		seg.Dummy, seg.lost, seg.closed, seg.InProgress = true, true, true, false
		return ctx, seg
	}
	return begin(ctx, parent, name, at, trace.SpanKindInternal)
}

// BeginSubsegmentWithoutSampling begins a subsegment that is not sent, and
// neither is what is beneath it. Calls that it makes carry Sampled=0.
func BeginSubsegmentWithoutSampling(ctx context.Context, name string) (context.Context, *Segment) {
	if SdkDisabled() {
		return disabled(ctx)
	}
	parent, ok := parentOf(ctx)
	if !ok {
		return BeginSubsegment(ctx, name) // which reports it
	}
	seg := newSegment(name)
	seg.parent = parent
	seg.inherit(parent)
	seg.Sampled = false
	seg.ParentSegment = seg // its Sampled is what goes downstream
	seg.Configuration = parent.ParentSegment.Configuration
	seg.IncomingHeader = parent.ParentSegment.IncomingHeader
	seg.start(parent.context(ctx), trace.SpanKindInternal)
	return seg.in(ctx), seg
}

// BeginFacadeSegment returns a context in which subsegments hang beneath the span
// that h names. The Segment itself is somebody else's and is never sent. A nil h
// makes up the ids.
func BeginFacadeSegment(ctx context.Context, name string, h *header.Header) (context.Context, *Segment) {
	if SdkDisabled() {
		return disabled(ctx)
	}
	if h == nil {
		h = &header.Header{TraceID: NewTraceID(), ParentID: NewSegmentID(), SamplingDecision: header.Sampled}
	}
	parsed, err := propagator.ParseHeader(h.String())
	if err != nil {
		logger.Warnf("BeginFacadeSegment: %v", err)
	}
	seg := facade(parsed)
	seg.Name = name
	seg.TraceID, seg.ID = h.TraceID, h.ParentID
	seg.Configuration = configure(ctx)
	return context.WithValue(beneath(ctx, parsed), ContextKey, seg), seg
}

// facade returns the Segment that stands for what a header names.
func facade(h propagator.Header) *Segment {
	seg := newSegment("facade")
	seg.Facade = true
	sc := h.SpanContext()
	seg.span = trace.SpanFromContext(trace.ContextWithRemoteSpanContext(context.Background(), sc))
	seg.TraceID = xrayTraceID(h.Root)
	if h.Parent.IsValid() {
		seg.ID = h.Parent.String()
	}
	seg.Sampled = h.Sampled == propagator.SamplingYes
	seg.IncomingHeader = header.FromString(h.String())
	seg.closed = true
	return seg
}

// parentOf returns what a subsegment that begins in ctx hangs beneath.
func parentOf(ctx context.Context) (*Segment, bool) {
	if seg := GetSegment(ctx); seg != nil {
		return seg, true
	}
	h, ok := propagator.HeaderFromLambda(ctx)
	if !ok {
		return nil, false
	}
	seg := facade(h)
	seg.Configuration = configure(ctx)
	return seg, true
}
