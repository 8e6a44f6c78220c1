package exporter_test

import (
	"context"
	"errors"
	"testing"
)

func TestShutdown(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	p.span(t.Context(), "connect") // initialization that no invocation took
	ctx, f := p.function(t.Context())
	p.span(ctx, "finished")
	_, open := p.tracer.Start(ctx, "open")
	for range 2 {
		if err := p.processor.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	docs := wantOutline(t, p, "segment orders", "subsegment finished") // that is connect
	if d := find(t, docs, "finished"); d.ParentID != f.SpanContext().SpanID().String() {
		t.Errorf("beneath %s", d.ParentID)
	}
	if p.emitter.shutdowns != 1 {
		t.Errorf("%d shutdowns", p.emitter.shutdowns)
	}

	// Afterwards nothing happens but counting.
	open.End()
	f.End()
	p.span(t.Context(), "new")
	if err := p.processor.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	if got := p.emitter.take(t); len(got) > 0 {
		t.Errorf("after Shutdown: %v", outline(got))
	}
	if got := p.exporter.Stats().LostSpans; got != 3 {
		t.Errorf("%d spans counted as lost", got)
	}
	if got := errs(); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

func TestForceFlush(t *testing.T) {
	p := newPipeline(t)
	ctxA, a := p.function(activeContext())
	ctxB, b := p.function(activeContext())
	p.span(ctxA, "a")
	p.span(ctxB, "b")
	if err := p.processor.ForceFlush(ctxA); err != nil {
		t.Fatal(err)
	}
	wantOutline(t, p, "subsegment a")
	if err := p.processor.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOutline(t, p, "subsegment b")
	a.End()
	if err := p.processor.ForceFlush(ctxA); err != nil { // as otellambda's flusher does
		t.Fatal(err)
	}
	b.End()
	wantOutline(t, p, "subsegment orders", "subsegment orders")
	p.emitter.err = errEmit
	p.span(ctxA, "late")
	if err := p.processor.ForceFlush(t.Context()); !errors.Is(err, errEmit) {
		t.Errorf("%v", err)
	}
}

// A context that is done costs no span.
func TestForceFlushTooLate(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	p.span(ctx, "child")
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.processor.ForceFlush(done); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	f.End()
	wantOutline(t, p, "subsegment orders(child)")
}
