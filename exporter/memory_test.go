package exporter

import (
	"context"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

type discard struct{}

func (discard) Emit(context.Context, [][]byte) error { return nil }
func (discard) Shutdown(context.Context) error       { return nil }

func newTestProcessor(t *testing.T) (*Processor, trace.Tracer) {
	t.Helper()
	e, err := New(WithEmitter(discard{}))
	if err != nil {
		t.Fatal(err)
	}
	p := NewProcessor(e, WithLambda(true))
	res := resource.NewSchemaless(attribute.String("faas.name", "orders"))
	return p, sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSpanProcessor(p)).Tracer("test")
}

// TestLongInvocationsMemory looks after every span of a million at all that the
// Processor holds: it must depend on the limits alone, not on the number of
// spans.
func TestLongInvocationsMemory(t *testing.T) {
	p, tracer := newTestProcessor(t)
	ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
	count := 1_000_000
	if testing.Short() {
		count = 20_000
	}
	var early uint64 // live heap once all buffers have been full
	for i := range count {
		if i == 5*maxBufferedSpans-1 {
			early = liveHeap()
		}
		_, s := tracer.Start(ctx, "item")
		s.End()
		inv := p.tracker.spans[keyOf(f.SpanContext())].tree
		if n := len(p.tracker.spans); n > maxBufferedSpans+1 {
			t.Fatalf("%d spans tracked", n)
		}
		if n := len(inv.batch.spans); n >= maxBufferedSpans {
			t.Fatalf("%d spans kept", n)
		}
		if inv.open != 1 || p.late != nil {
			t.Fatalf("%d open, late: %v", inv.open, p.late)
		}
	}
	if late := liveHeap(); late > early+4<<20 {
		t.Errorf("%d bytes live after %d spans, %d after %d", late, count, early, 5*maxBufferedSpans)
	}
	f.End()
	if len(p.tracker.spans) > 0 {
		t.Errorf("%d spans tracked after the end", len(p.tracker.spans))
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestNeverEndedSpansAreForgotten(t *testing.T) {
	p, tracer := newTestProcessor(t)
	for range 100 {
		ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
		tracer.Start(ctx, "never ends")
		f.End()
	}
	if len(p.tracker.spans) > 0 || len(p.tracker.freeTrees) != 1 || len(p.tracker.freeTrees[0].spans) > 0 {
		t.Errorf("%d spans tracked, %d trees free", len(p.tracker.spans), len(p.tracker.freeTrees))
	}
	for _, o := range p.tracker.freeTrees[0].spans[:cap(p.tracker.freeTrees[0].spans)] {
		if o != nil {
			t.Error("a free tree holds a span")
		}
	}
	for _, o := range p.tracker.freeSpans {
		if *o != (trackedSpan{}) {
			t.Error("what is free holds a span")
		}
	}
}

type recordOnly struct{}

func (recordOnly) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	return sdktrace.SamplingResult{Decision: sdktrace.RecordOnly}
}
func (recordOnly) Description() string { return "record only" }

// Spans that are not sampled, or made by an export, are not followed.
func TestWhatIsNotFollowed(t *testing.T) {
	p, tracer := newTestProcessor(t)
	unsampled := sdktrace.NewTracerProvider(sdktrace.WithSampler(recordOnly{}), sdktrace.WithSpanProcessor(p)).Tracer("test")
	unsampled.Start(t.Context(), "not sampled")
	tracer.Start(trace.ContextWithSpanContext(t.Context(), p.exporter.quiet.span.WithTraceFlags(trace.FlagsSampled)), "of an export")
	if len(p.tracker.spans) > 0 || p.tracker.trees > 0 {
		t.Errorf("%+v", p.tracker)
	}
}

// What is kept for reuse is bounded.
func TestFreeIsBounded(t *testing.T) {
	p, tracer := newTestProcessor(t)
	for range 3 {
		ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
		for range maxFreeSpans {
			tracer.Start(ctx, "never ends")
		}
		f.End()
	}
	if n := len(p.tracker.freeSpans); n != maxFreeSpans {
		t.Errorf("%d spans are free", n)
	}
	if n := len(p.tracker.freeTrees); n != 0 {
		t.Errorf("%d large trees are free", n)
	}
	var functions []trace.Span
	for range 2 * maxFreeTrees {
		_, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
		functions = append(functions, f)
	}
	for _, f := range functions {
		f.End()
	}
	if n := len(p.tracker.freeTrees); n != maxFreeTrees {
		t.Errorf("%d trees are free", n)
	}
	if p.tracker.trees != 0 || p.tracker.functions != 0 || p.tracker.oldest != nil || p.tracker.newest != nil {
		t.Errorf("%+v", p.tracker)
	}
}

func TestOpenSpansAreFollowedUpToANumber(t *testing.T) {
	p, tracer := newTestProcessor(t)
	ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
	for range maxOpen + 9 {
		tracer.Start(ctx, "never ends")
	}
	inv := p.tracker.spans[keyOf(f.SpanContext())].tree
	if inv.open != maxOpen || p.tracker.trees != 1+10 { // the function span is one of them
		t.Errorf("%d open, %d trees", inv.open, p.tracker.trees)
	}
	f.End()
}

// With too many exports at once a batch waits for the next one, and what is too much
// to wait is counted. An invocation does not wait.
func TestTooManyExports(t *testing.T) {
	p, _ := newTestProcessor(t)
	p.config.lambda = false
	service := sdktrace.NewTracerProvider(sdktrace.WithResource(resource.Empty()), sdktrace.WithSpanProcessor(p)).Tracer("test")
	end := func() {
		_, s := service.Start(t.Context(), "job")
		s.End()
	}
	p.exporting.Store(maxExports)
	for range maxBufferedSpans - 1 {
		end()
	}
	if s := p.exporter.Stats(); s.Documents > 0 || s.LostSpans > 0 || len(p.late.spans) != maxBufferedSpans-1 {
		t.Errorf("%+v, and %d spans wait", s, len(p.late.spans))
	}
	end()
	if s := p.exporter.Stats(); s.LostSpans != maxBufferedSpans || p.late != nil {
		t.Errorf("%+v", s)
	}
	end()
	p.exporting.Store(0)
	end()
	if s := p.exporter.Stats(); s.Documents != 2 || p.late != nil || p.exporting.Load() != 0 {
		t.Errorf("%+v", s)
	}

	p, tracer := newTestProcessor(t)
	p.exporting.Store(maxExports)
	_, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
	f.End()
	if s := p.exporter.Stats(); s.Documents != 1 {
		t.Errorf("%+v", s)
	}
}

// Trees end in every order of three, and the list holds the others, oldest first.
func TestTreesEndInAnyOrder(t *testing.T) {
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		p, tracer := newTestProcessor(t)
		var roots [3]trace.Span
		open := map[int]bool{}
		for i := range roots {
			_, roots[i] = tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
			open[i] = true
		}
		for _, i := range order {
			roots[i].End()
			delete(open, i)
			forwards, backwards := p.tracker.oldest, p.tracker.newest
			for j := range roots {
				if !open[j] {
					continue
				}
				if forwards == nil || forwards.key != keyOf(roots[j].SpanContext()) {
					t.Fatalf("%v: after %d, %d is not next", order, i, j)
				}
				forwards = forwards.newer
			}
			for j := 2; j >= 0; j-- {
				if !open[j] {
					continue
				}
				if backwards == nil || backwards.key != keyOf(roots[j].SpanContext()) {
					t.Fatalf("%v: after %d, %d is not before", order, i, j)
				}
				backwards = backwards.older
			}
			if forwards != nil || backwards != nil {
				t.Fatalf("%v: more than is open", order)
			}
		}
	}
}

// A span whose place was taken by another is not taken for that.
func TestParentThatIsGone(t *testing.T) {
	p, tracer := newTestProcessor(t)
	ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
	parent, s := tracer.Start(ctx, "parent")
	_, child := tracer.Start(parent, "child")
	s.End()
	ts := p.tracker.spans[keyOf(child.SpanContext())]
	if up := ts.parentSpan(); up == nil || up.key != keyOf(s.SpanContext()) {
		t.Errorf("%+v", up)
	}
	for range maxBufferedSpans { // until the parent is forgotten
		_, s := tracer.Start(ctx, "item")
		s.End()
	}
	_, other := tracer.Start(ctx, "other")
	if up := ts.parentSpan(); up != nil {
		t.Errorf("%+v", up)
	}
	child.End()
	if p.tracker.spans[keyOf(other.SpanContext())].needed {
		t.Error("another span is taken for the parent")
	}
	f.End()
}

// TestEndsInAnyOrder ends siblings in every order of three.
func TestEndsInAnyOrder(t *testing.T) {
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		p, tracer := newTestProcessor(t)
		ctx, f := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer))
		var spans [3]trace.Span
		for i := range spans {
			_, spans[i] = tracer.Start(ctx, "sibling")
		}
		inv := p.tracker.spans[keyOf(f.SpanContext())].tree
		for n, i := range order {
			spans[i].End()
			if inv.open != 3-n || len(inv.batch.spans) != n+1 {
				t.Errorf("%v: after %d, %d open and %d ended", order, n+1, inv.open, len(inv.batch.spans))
			}
			for j, o := range inv.spans {
				if p.tracker.spans[o.key] != o || o.at != j || (o.span == nil) != (j >= inv.open) {
					t.Errorf("%v: an open span is in the wrong place", order)
				}
			}
		}
		f.End()
	}
}
