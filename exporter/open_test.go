package exporter_test

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
)

// A span that is open at the end is there if something is beneath it.
func TestOpenAtTheEnd(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	outer, a := p.tracer.Start(ctx, "outer")
	inner, b := p.tracer.Start(outer, "inner")
	p.span(inner, "finished")
	p.tracer.Start(ctx, "nothing beneath")
	middle, m := p.tracer.Start(inner, "ended middle")
	_, deep := p.tracer.Start(middle, "deep")
	m.End()
	f.End()
	docs := wantOutline(t, p, "subsegment orders(outer!(inner!(finished ended middle)))")
	ids := []string{find(t, docs, "inner").ID, find(t, docs, "outer").ID}

	// They may end after all.
	deep.End()
	b.End()
	a.End()
	_, f = p.function(activeContext())
	f.End()
	docs = wantOutline(t, p, "subsegment orders", "subsegment outer(inner)", "subsegment deep")
	for i, name := range []string{"inner", "outer"} {
		if d := find(t, docs, name); d.ID != ids[i] || d.InProgress {
			t.Errorf("%s does not replace the one in progress", name)
		}
	}
}

// The child has streamed out before the end.
func TestOpenAtTheEndOfLongInvocation(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	loop, _ := p.tracer.Start(ctx, "loop")
	for range 2048 {
		p.span(loop, "item")
	}
	if got := p.emitter.take(t); len(got) != 2048 {
		t.Fatalf("%d documents", len(got))
	}
	f.End()
	wantOutline(t, p, "subsegment orders(loop!)")
}

func TestOpenAtTheEndOutsideLambda(t *testing.T) {
	p := &pipeline{emitter: &recorder{}}
	p.start(t, resource.NewSchemaless(attribute.String("service.name", "shop")), p.emitter, exporter.WithLambda(false))
	ctx, root := p.tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
	inner, open := p.tracer.Start(ctx, "open")
	p.span(inner, "child")
	root.End()
	wantOutline(t, p, "segment shop(open!(child))")
	open.End()
	wantOutline(t, p, "subsegment open")
}

// Roots that never end are followed up to a number, and counted above it.
func TestRootsThatNeverEnd(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	_, f := p.function(activeContext())
	f.End()
	p.emitter.take(t)
	first, oldest := p.tracer.Start(t.Context(), "oldest")
	p.span(first, "child")
	for range 3000 {
		p.tracer.Start(t.Context(), "never ends")
	}
	if got := p.exporter.Stats().Abandoned; got != 3001-1024 {
		t.Errorf("%d abandoned", got)
	}
	if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), `"oldest"`) {
		t.Errorf("reports %v", got)
	}
	// Nothing is lost by it.
	oldest.End()
	_, f = p.function(activeContext())
	f.End()
	wantOutline(t, p, "segment orders(child)", "subsegment orders")
	if got := p.exporter.Stats().LostSpans; got != 0 {
		t.Errorf("%d lost", got)
	}
}

// Elsewhere than in Lambda such a root stays what it is.
func TestRootsThatNeverEndOutsideLambda(t *testing.T) {
	handled(t)
	p := &pipeline{emitter: &recorder{}}
	ecs := resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("cloud.platform", "aws_ecs"))
	p.start(t, ecs, p.emitter, exporter.WithLambda(false))
	_, oldest := p.tracer.Start(t.Context(), "oldest")
	for range 1024 {
		p.tracer.Start(t.Context(), "never ends")
	}
	oldest.End()
	if d := wantOutline(t, p, "segment shop")[0]; d.Origin != "AWS::ECS::Container" {
		t.Errorf("of %q", d.Origin)
	}
}

// What has ended beneath them does not wait for ever, nor fills the memory.
func TestFinishedBeneathRootsThatNeverEnd(t *testing.T) {
	handled(t)
	p := &pipeline{emitter: &recorder{}}
	p.start(t, resource.NewSchemaless(attribute.String("service.name", "shop")), p.emitter, exporter.WithLambda(false))
	for range 1024 + 2048 {
		ctx, _ := p.tracer.Start(t.Context(), "never ends")
		p.span(ctx, "child")
	}
	if got := p.emitter.take(t); len(got) != 2048 {
		t.Errorf("%d documents", len(got))
	}
}

// The same during initialization: what has ended belongs to it.
func TestRootsOfInitializationThatNeverEnd(t *testing.T) {
	handled(t)
	p := newPipeline(t)
	first, _ := p.tracer.Start(t.Context(), "oldest")
	p.span(first, "child")
	for range 1024 {
		p.tracer.Start(t.Context(), "never ends")
	}
	_, f := p.function(activeContext())
	f.End()
	wantOutline(t, p, "subsegment init(child)", "subsegment orders")
}

// Spans beneath one root that never end are followed up to a number; what starts
// beyond it is a root for the Processor, and in its place for X-Ray.
func TestOpenSpansAreBounded(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	for range 8<<10 - 1 {
		p.tracer.Start(ctx, "never ends")
	}
	p.span(ctx, "one too many")
	f.End()
	wantOutline(t, p, "subsegment orders(one too many)")
}
