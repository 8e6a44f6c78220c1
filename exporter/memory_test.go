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
