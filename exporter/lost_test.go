package exporter_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// A helper inside the handler starts a span with a context from nowhere.
func TestLostContext(t *testing.T) {
	for _, kind := range []trace.SpanKind{trace.SpanKindInternal, trace.SpanKindClient, trace.SpanKindServer, trace.SpanKindConsumer} {
		t.Run(kind.String(), func(t *testing.T) {
			errs := handled(t)
			p := newPipeline(t)
			framework := p.provider.Tracer("framework") // otelgin, say: not what makes the function spans
			for range 2 {
				ctx, f := p.function(activeContext())
				p.span(ctx, "found")
				lost, s := framework.Start(t.Context(), "lost", trace.WithSpanKind(kind))
				p.span(lost, "beneath lost")
				s.End()
				f.End()

				docs := wantOutline(t, p, "subsegment orders(found lost(beneath lost))")
				d := find(t, docs, "lost")
				if got, want := d.Metadata["default"]["otel.trace.id"], s.SpanContext().TraceID().String(); got != want {
					t.Errorf("the trace it had is %v, want %s", got, want)
				}
				if d := find(t, docs, "beneath lost"); d.Metadata["default"]["otel.trace.id"] != nil {
					t.Errorf("said again: %v", d.Metadata)
				}
			}
			if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), `"lost"`) || !strings.Contains(got[0].Error(), "start it with the context that the handler was given") {
				t.Errorf("reports %v", got)
			}
		})
	}
}

func TestLostContextOfSeveral(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	_, a := p.function(activeContext())
	_, b := p.function(withRemote(withHeader(t.Context(), activeHeader), activeTrace, trace.SpanID{9}))
	for _, kind := range []trace.SpanKind{trace.SpanKindInternal, trace.SpanKindServer} {
		_, s := p.provider.Tracer("framework").Start(t.Context(), "lost", trace.WithSpanKind(kind))
		s.End()
	}
	a.End()
	b.End()
	docs := p.emitter.take(t)
	n := 0
	for _, d := range docs {
		if d.ParentID == "" {
			n++
			if d.Type != "" || d.Origin != "" {
				t.Errorf("%q of %s is a %q", d.Name, d.Origin, d.Type)
			}
		}
	}
	if n != 2 || len(docs) != 4 {
		t.Errorf("%v", outline(docs))
	}
	if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), "several ran") {
		t.Errorf("reports %v", got)
	}
}

// Invocations without a parent that run at the same time are not taken for lost.
func TestInvocationsWithoutParentAreNotLost(t *testing.T) {
	errs := handled(t)
	for name, ctx := range map[string]context.Context{
		"aws-lambda-go without header": withHeader(t.Context(), ""),
		"a test":                       t.Context(),
	} {
		p := newPipeline(t)
		ctxA, a := p.function(ctx)
		ctxB, b := p.function(ctx)
		p.span(ctxA, "of a")
		p.span(ctxB, "of b")
		a.End()
		b.End()
		docs := p.emitter.take(t)
		if len(docs) != 2 {
			t.Errorf("%s: %v", name, outline(docs))
		}
		for _, d := range docs {
			if d.Origin != "AWS::Lambda::Function" || len(d.Subsegments) == 0 {
				t.Errorf("%s: %s of %s", name, tree(d), d.Origin)
			}
		}
	}
	if got := errs(); len(got) > 0 {
		t.Errorf("reports %v", got)
	}
}

// One that starts a trace on purpose keeps it, and is no second function segment.
func TestNewRoot(t *testing.T) {
	for _, kind := range []trace.SpanKind{trace.SpanKindInternal, trace.SpanKindServer} {
		errs := handled(t)
		p := newPipeline(t)
		ctx, f := p.function(activeContext())
		_, s := p.tracer.Start(ctx, "audit", trace.WithNewRoot(), trace.WithSpanKind(kind))
		s.End()
		f.End()
		docs := wantOutline(t, p, "subsegment orders", "segment orders")
		for _, d := range docs {
			if d.Type == "" && (d.Origin != "" || d.TraceID != segment.TraceID(s.SpanContext().TraceID())) {
				t.Errorf("%s: %s in %s", kind, d.Origin, d.TraceID)
			}
		}
		if got := errs(); len(got) > 0 {
			t.Errorf("reports %v", got)
		}
	}
}

// What lost its context and ends after the invocation is in its trace all the same,
// and a server's span that ends late is no segment for that.
func TestLostContextEndsLate(t *testing.T) {
	for _, kind := range []trace.SpanKind{trace.SpanKindInternal, trace.SpanKindServer} {
		handled(t)
		p := newPipeline(t)
		framework := p.provider.Tracer("framework")
		ctx, f := p.function(activeContext())
		lost, s := framework.Start(t.Context(), "lost", trace.WithSpanKind(kind))
		_, c := p.tracer.Start(lost, "child")
		_, late := framework.Start(ctx, "late", trace.WithSpanKind(kind))
		f.End()
		wantOutline(t, p, "subsegment orders")
		c.End()
		s.End()
		late.End()
		_, g := p.function(activeContext())
		g.End()
		docs := wantOutline(t, p, "subsegment orders", "subsegment lost(child)", "subsegment late")
		for _, name := range []string{"lost", "late"} {
			d := find(t, docs, name)
			if d.ParentID != f.SpanContext().SpanID().String() || d.TraceID != segment.TraceID(activeTrace) {
				t.Errorf("%s is in %s beneath %s", name, d.TraceID, d.ParentID)
			}
		}
	}
}

func TestLostContextAtDeadline(t *testing.T) {
	handled(t)
	p := newPipeline(t)
	_, f := p.function(activeContext())
	lost, s := p.tracer.Start(t.Context(), "lost")
	p.span(lost, "child")
	f.End() // the lost span is open and has a finished child
	docs := wantOutline(t, p, "subsegment orders(lost!(child))")
	if d := find(t, docs, "lost"); d.Metadata["default"]["otel.trace.id"] == nil {
		t.Errorf("%v", d.Metadata)
	}
	s.End()
}

// Between invocations there is no context to lose: a segment of its own, which the
// function's node does not count, and no report.
func TestBetweenInvocations(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	_, f := p.function(activeContext())
	f.End()
	p.emitter.take(t)
	ctx, s := p.tracer.Start(t.Context(), "refresh")
	p.span(ctx, "child")
	s.End()
	_, open := p.tracer.Start(t.Context(), "long")
	_, f = p.function(activeContext())
	f.End()
	docs := wantOutline(t, p, "segment orders(child)", "subsegment orders")
	open.End()
	_, f = p.function(activeContext())
	f.End()
	for _, d := range append(docs, p.emitter.take(t)...) {
		if d.Type == "" && d.Origin != "" {
			t.Errorf("%s of %s", tree(d), d.Origin)
		}
	}
	if got := errs(); len(got) > 0 {
		t.Errorf("reports %v", got)
	}
}

// Names that are made for each span do not fill the log or the memory.
func TestLostContextNamesAreBounded(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	_, f := p.function(activeContext())
	for i := range 1000 {
		_, s := p.tracer.Start(t.Context(), fmt.Sprint("lost ", i))
		s.End()
	}
	f.End()
	if got := errs(); len(got) != 64 {
		t.Errorf("%d reports", len(got))
	}
}

// An emitter whose client is instrumented makes spans, and those must not cause the
// next export.
func TestExportMakesNoSpans(t *testing.T) {
	for name, sampler := range map[string]sdktrace.Sampler{
		"always":       sdktrace.AlwaysSample(),
		"parent-based": sdktrace.ParentBased(sdktrace.AlwaysSample()),
	} {
		t.Run(name, func(t *testing.T) {
			p := &pipeline{emitter: &recorder{}}
			p.start(t, resource.Empty(), p.emitter, exporter.WithLambda(false))
			provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithSpanProcessor(p.processor))
			tracer := provider.Tracer("test")
			p.emitter.onEmit = func(ctx context.Context) {
				ctx, s := tracer.Start(ctx, "XRay.PutTraceSegments", trace.WithSpanKind(trace.SpanKindClient))
				_, c := tracer.Start(ctx, "POST", trace.WithSpanKind(trace.SpanKindClient))
				c.End()
				s.End()
			}
			for range 3 {
				_, s := tracer.Start(t.Context(), "job")
				s.End()
			}
			if err := provider.ForceFlush(t.Context()); err != nil {
				t.Error(err)
			}
			wantOutline(t, p, "segment job", "segment job", "segment job")

			// Nor behind another span processor: what comes is left out.
			var stubs tracetest.SpanStubs
			p.emitter.onEmit = func(ctx context.Context) {
				_, s := tracer.Start(ctx, "POST")
				if r, ok := s.(sdktrace.ReadOnlySpan); ok {
					stubs = append(stubs, tracetest.SpanStubFromReadOnlySpan(r))
				}
				s.End()
			}
			if err := p.exporter.ExportSpans(t.Context(), recordedSpans(t)); err != nil {
				t.Error(err)
			}
			if err := p.exporter.ExportSpans(t.Context(), stubs.Snapshots()); err != nil {
				t.Error(err)
			}
			if got := p.emitter.take(t); len(got) != 1 || len(stubs) > 1 {
				t.Errorf("%v, and %d spans", outline(got), len(stubs))
			}
		})
	}
}

// An emitter that starts its spans with a context from nowhere: the process lives.
func TestExportMakesSpansOfNowhere(t *testing.T) {
	p := &pipeline{emitter: &recorder{}}
	p.start(t, resource.Empty(), p.emitter, exporter.WithLambda(false))
	exports := 0
	p.emitter.onEmit = func(context.Context) {
		exports++
		_, s := p.tracer.Start(context.Background(), "POST", trace.WithSpanKind(trace.SpanKindClient))
		s.End()
	}
	p.span(t.Context(), "job")
	if exports != 64 {
		t.Errorf("%d exports", exports)
	}
}
