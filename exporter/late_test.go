package exporter_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func TestLateSpans(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	_, late := p.tracer.Start(ctx, "late")
	lateCtx, open := p.tracer.Start(ctx, "late parent")
	f.End()
	wantOutline(t, p, "subsegment orders")
	parent := f.SpanContext().SpanID().String()

	late.End()
	p.span(lateCtx, "late child")
	p.span(ctx, "started late")    // beneath a span that is gone
	p.span(t.Context(), "between") // a root between invocations
	if got := p.emitter.take(t); len(got) > 0 {
		t.Fatalf("sent in the freeze: %v", outline(got))
	}

	// They go out with the next invocation, in their own trace, beneath their own parent.
	ctx2, f := p.function(withRemote(withHeader(t.Context(), ""), trace.TraceID{2}, trace.SpanID{2}))
	p.span(ctx2, "child")
	f.End()
	docs := wantOutline(t, p, "segment orders(child)",
		"subsegment late", "subsegment late child", "subsegment started late", "segment orders") // that is between
	if d := find(t, docs, "late"); d.ParentID != parent || d.TraceID != segment.TraceID(activeTrace) {
		t.Errorf("late is in %s beneath %s", d.TraceID, d.ParentID)
	}

	// What is still open then goes out when it is asked for.
	open.End()
	if err := p.processor.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantOutline(t, p, "subsegment late parent")
}

func TestLateSpansAreBounded(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	var open []trace.Span
	for range 2048 {
		_, s := p.tracer.Start(ctx, "open")
		open = append(open, s)
	}
	f.End()
	p.emitter.take(t)
	for _, s := range open {
		s.End()
	}
	if got := p.emitter.take(t); len(got) != 2048 {
		t.Errorf("%d documents", len(got))
	}

	// The same where the spans start late as well.
	ctx, f = p.function(activeContext())
	f.End()
	p.emitter.take(t)
	for range 2047 {
		p.span(ctx, "late")
	}
	if got := p.emitter.take(t); len(got) != 0 {
		t.Errorf("%d documents too soon", len(got))
	}
	p.span(ctx, "late")
	if got := p.emitter.take(t); len(got) != 2048 {
		t.Errorf("%d documents", len(got))
	}
}

func TestLongInvocations(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	loop, s := p.tracer.Start(ctx, "loop")
	for i := range 5000 {
		item, s := p.tracer.Start(loop, "item")
		p.span(item, "step")
		s.End()
		if kept := p.exporter.Stats().Documents; i == 2000 && kept == 0 {
			t.Error("4000 spans and nothing has streamed out")
		}
	}
	s.End()
	f.End()

	docs := p.emitter.take(t)
	var items, steps int
	for _, d := range docs {
		parent := s.SpanContext().SpanID().String()
		if d.Name == "item" && (d.Type != "subsegment" || d.ParentID != parent || d.TraceID != segment.TraceID(activeTrace)) {
			t.Fatalf("a streamed item is a %q of %s beneath %s", d.Type, d.TraceID, d.ParentID)
		}
		items += count(d, "item")
		steps += count(d, "step")
	}
	if items != 5000 || steps != 5000 {
		t.Errorf("%d items, %d steps", items, steps)
	}
}

func count(d *segment.Document, name string) int {
	n := 0
	if d.Name == name {
		n++
	}
	for _, c := range d.Subsegments {
		n += count(c, name)
	}
	return n
}

func TestLongInvocationsOfLargeSpans(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	text := strings.Repeat("x", 1<<20)
	for range 5 {
		_, s := p.tracer.Start(ctx, "large", trace.WithAttributes(attribute.String("body", text)))
		s.End()
	}
	if p.exporter.Stats().Documents == 0 {
		t.Error("5 MB and nothing has streamed out")
	}
	f.End()
}

// Spans that were lost alone are in what Shutdown says.
func TestShutdownSaysLostSpans(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	for range 513 {
		p.span(t.Context(), "of initialization")
	}
	if err := p.processor.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if got := errs(); len(got) != 1 || got[0].Error() != "exporter: lost in all: 0 of 512 documents, and 1 spans before they were documents" {
		t.Errorf("%v", got)
	}
}
