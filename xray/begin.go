package xray

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/xray/header"
	"github.com/lambdaxray/lambdaxray/xray/strategy/sampling"
)

// maxName is X-Ray's limit for a name.
const maxName = 200

// NewTraceID returns a new trace id in X-Ray's spelling, with the time in it.
func NewTraceID() string {
	var id [12]byte
	rand.Read(id[:]) // never fails
	return fmt.Sprintf("1-%08x-%x", time.Now().Unix(), id)
}

// NewSegmentID returns a new segment id: 16 hex digits.
func NewSegmentID() string {
	var id [8]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// SdkDisabled reports whether AWS_XRAY_SDK_DISABLED or OTEL_SDK_DISABLED is true.
// Then segments are empty and nothing is sent.
func SdkDisabled() bool {
	return strings.EqualFold(os.Getenv("AWS_XRAY_SDK_DISABLED"), "true") ||
		strings.EqualFold(strings.TrimSpace(os.Getenv("OTEL_SDK_DISABLED")), "true")
}

// BeginSegment begins a segment: a service of that name, and a new trace. Close
// it.
//
// In a Lambda function the platform writes the segment. There it begins a
// subsegment of the invocation, which is logged once; outside the handler, a
// subsegment of the function's initialization.
func BeginSegment(ctx context.Context, name string) (context.Context, *Segment) {
	return BeginSegmentWithSampling(ctx, name, nil, nil)
}

// BeginSegmentWithSampling is BeginSegment for a request and its tracing header.
// What the header says about sampling counts; if it leaves that open, or is nil,
// the sampling strategy decides. The header's ids are not read: see
// [NewSegmentFromHeader].
func BeginSegmentWithSampling(ctx context.Context, name string, r *http.Request, traceHeader *header.Header) (context.Context, *Segment) {
	if r == nil || traceHeader == nil {
		return beginSegment(ctx, name, nil, nil, propagator.Header{})
	}
	return beginSegment(ctx, name, r, traceHeader, propagator.Header{})
}

// NewSegmentFromHeader begins the segment of a request that came with a tracing
// header, beneath the span that the header names.
//
// In a Lambda function it begins a subsegment of the invocation, with the
// request's http block.
func NewSegmentFromHeader(ctx context.Context, name string, r *http.Request, h *header.Header) (context.Context, *Segment) {
	if h == nil {
		h = &header.Header{}
	}
	// A header that makes no sense names no parent.
	parent, _ := propagator.ParseHeader(h.String())
	ctx, seg := beginSegment(ctx, name, r, h, parent)
	seg.IncomingHeader = h
	seg.RequestWasTraced = true
	if !seg.Sampled { // the ids of a segment that nobody sends may be anything
		seg.TraceID = either(h.TraceID, seg.TraceID)
		seg.ParentID = either(h.ParentID, seg.ParentID)
	}
	seg.remember()
	return ctx, seg
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func beginSegment(ctx context.Context, name string, r *http.Request, h *header.Header, parent propagator.Header) (context.Context, *Segment) {
	if SdkDisabled() {
		return disabled(ctx)
	}
	if inLambda() {
		return beginInLambda(ctx, name, r, parent)
	}
	if v := os.Getenv("AWS_XRAY_TRACING_NAME"); v != "" {
		name = v
	}
	seg := newSegment(name)
	seg.Configuration = configure(ctx)
	seg.GetAWS()["xray"] = SDK{Version: SDKVersion, Type: SDKType}
	seg.Service = &ServiceData{
		Version:        seg.Configuration.ServiceVersion,
		Runtime:        runtime.Compiler,
		RuntimeVersion: runtime.Version(),
	}
	seg.decide(r, h)
	seg.start(beneath(ctx, parent), trace.SpanKindServer, attribute.String("aws.local.service", seg.Name))
	return seg.in(ctx), seg
}

// beneath returns ctx for a root: without the span that is in it, with the parent
// that a header names instead.
func beneath(ctx context.Context, parent propagator.Header) context.Context {
	if parent.Root.IsValid() {
		ctx = propagator.ContextWithHeader(ctx, parent)
	}
	return trace.ContextWithSpanContext(ctx, parent.SpanContext())
}

// beginInLambda begins what elsewhere is a segment.
func beginInLambda(ctx context.Context, name string, r *http.Request, sent propagator.Header) (context.Context, *Segment) {
	parent, ok := parentOf(ctx)
	switch {
	case ok:
	case sent.Root.IsValid(): // a web server behind an adapter: the platform's header is in the request
		parent = facade(sent)
		parent.Configuration = configure(ctx)
		ctx = beneath(ctx, sent)
	default: // before the first invocation
		seg := newSegment(name)
		seg.Configuration = configure(ctx)
		seg.start(beneath(ctx, propagator.Header{}), trace.SpanKindInternal)
		return seg.in(ctx), seg
	}
	kind := trace.SpanKindInternal
	if r != nil {
		kind = trace.SpanKindServer
	} else {
		once("segment in a function", "BeginSegment in a Lambda function: %q is a subsegment of the invocation, since Lambda writes the segment", name)
	}
	return begin(ctx, parent, name, time.Now(), kind)
}

// decide has the header or the sampling strategy say whether the segment is
// sampled.
func (seg *Segment) decide(r *http.Request, h *header.Header) {
	seg.Sampled = true
	request := &sampling.Request{ServiceName: seg.Name}
	if r != nil && h != nil {
		switch h.SamplingDecision {
		case header.Sampled:
			return
		case header.NotSampled:
			seg.Sampled = false
			return
		}
		request.Host, request.Method = r.Host, r.Method
		if r.URL != nil {
			request.URL = r.URL.Path
		}
		request.ServiceType = origin()
	}
	strategy := seg.Configuration.SamplingStrategy
	if strategy == nil {
		return // OTEL_TRACES_SAMPLER decides
	}
	if d := strategy.ShouldTrace(request); d != nil {
		seg.Sampled = d.Sample
		seg.AddRuleName(d)
	}
}

// newSegment returns a root that has not started.
func newSegment(name string) *Segment {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	seg := &Segment{Name: name, InProgress: true, span: trace.SpanFromContext(context.Background())}
	seg.ParentSegment = seg
	return seg
}

func disabled(ctx context.Context) (context.Context, *Segment) {
	seg := newSegment("")
	seg.closed, seg.InProgress = true, false
	return context.WithValue(ctx, ContextKey, seg), seg
}

func begin(ctx context.Context, parent *Segment, name string, at time.Time, kind trace.SpanKind) (context.Context, *Segment) {
	seg := newSegment(name)
	seg.parent = parent
	seg.ParentSegment = parent.ParentSegment
	seg.inherit(parent)
	seg.startAt(parent.context(ctx), at, kind)
	parent.adopt(seg)
	return seg.in(ctx), seg
}

func (seg *Segment) inherit(parent *Segment) {
	seg.Sampled = parent.Sampled || parent.foreign && parent.span.SpanContext().IsSampled()
	seg.TraceID = parent.TraceID
	seg.ParentID = parent.ID
	seg.diverted = parent.diverted
}

func (seg *Segment) adopt(child *Segment) {
	if seg.foreign || child.Dummy {
		return
	}
	seg.Lock()
	defer seg.Unlock()
	seg.children = append(seg.children, child)
	seg.open++
}

// context returns ctx with the segment's span as the current one.
func (seg *Segment) context(ctx context.Context) context.Context {
	if seg.Facade {
		if h, err := propagator.ParseHeader(seg.IncomingHeader.String()); err == nil {
			return beneath(ctx, h)
		}
		return ctx
	}
	if same(trace.SpanFromContext(ctx), seg.span) {
		return ctx
	}
	return trace.ContextWithSpan(ctx, seg.span)
}

// in returns ctx with the segment and its span.
func (seg *Segment) in(ctx context.Context) context.Context {
	return context.WithValue(trace.ContextWithSpan(ctx, seg.span), ContextKey, seg)
}

func (seg *Segment) start(ctx context.Context, kind trace.SpanKind, attrs ...attribute.KeyValue) {
	seg.startAt(ctx, time.Now(), kind, attrs...)
}

// startAt starts the segment's span in a context whose span is its parent, and
// fills what is known of a segment from the start.
func (seg *Segment) startAt(ctx context.Context, at time.Time, kind trace.SpanKind, attrs ...attribute.KeyValue) {
	seg.StartTime = seconds(at)
	root := seg.parent == nil || seg.parent.Facade
	if root && seg.Sampled {
		seg.diverted = seg.emitter()
	}
	parent := trace.SpanContextFromContext(ctx)
	switch {
	case !seg.Sampled && !undecided(seg):
		seg.span = silent(parent, false)
	case seg.diverted != nil:
		seg.span = silent(parent, true)
	default:
		if seg.parent == nil {
			ctx = withDecision(ctx)
		}
		_, seg.span = tracerOf(ctx).Start(ctx, seg.Name,
			trace.WithTimestamp(at), trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
		seg.Sampled = seg.span.SpanContext().IsSampled()
	}
	seg.Dummy = !seg.Sampled
	seg.identify(parent)
	seg.remember()
}

// undecided reports whether seg hangs beneath a header of Lambda that leaves the
// decision open: then the provider's sampler decides.
func undecided(seg *Segment) bool {
	if seg.parent == nil || !seg.parent.Facade {
		return seg.parent == nil && inLambda()
	}
	d := seg.parent.IncomingHeader.SamplingDecision
	return d == header.Unknown || d == header.Requested
}

// identify takes over the span's ids. Those of a segment that is not sampled are
// zero, unless AWS_XRAY_NOOP_ID is false.
func (seg *Segment) identify(parent trace.SpanContext) {
	sc := seg.span.SpanContext()
	if seg.Sampled || strings.EqualFold(os.Getenv("AWS_XRAY_NOOP_ID"), "false") {
		seg.TraceID, seg.ID = xrayTraceID(sc.TraceID()), sc.SpanID().String()
		if parent.SpanID().IsValid() {
			seg.ParentID = parent.SpanID().String()
		}
		return
	}
	if seg.TraceID == "" {
		seg.TraceID = xrayTraceID(trace.TraceID{})
	}
	seg.ID = trace.SpanID{}.String()
}

// remember notes what Close expects to find.
func (seg *Segment) remember() {
	seg.begun = begun{seg.TraceID, seg.ID, seg.ParentID, seg.StartTime, seg.Sampled}
}

// silent returns a span with ids of its own that nobody records.
func silent(parent trace.SpanContext, sampled bool) trace.Span {
	config := trace.SpanContextConfig{TraceID: parent.TraceID()}
	if !config.TraceID.IsValid() {
		now := uint32(time.Now().Unix())
		rand.Read(config.TraceID[:])
		config.TraceID[0], config.TraceID[1] = byte(now>>24), byte(now>>16)
		config.TraceID[2], config.TraceID[3] = byte(now>>8), byte(now)
	}
	rand.Read(config.SpanID[:])
	if sampled {
		config.TraceFlags = trace.FlagsSampled
	}
	return trace.SpanFromContext(trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(config)))
}

func xrayTraceID(id trace.TraceID) string {
	h := id.String()
	return "1-" + h[:8] + "-" + h[8:]
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / float64(time.Second) }

func headerOf(h propagator.Header) *header.Header { return header.FromString(h.String()) }
