package exporter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func wantOutline(t *testing.T, p *pipeline, want ...string) []*segment.Document {
	t.Helper()
	docs := p.emitter.take(t)
	slices.Sort(want)
	if diff := cmp.Diff(want, outline(docs)); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	return docs
}

// The tests below are named after the moments in a function's life.

func TestEnd(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e, err := exporter.New(exporter.WithDaemonAddress(d.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()),
		sdktrace.WithSpanProcessor(exporter.NewProcessor(e, exporter.WithLambda(true))))
	invoke(activeContext(), provider.Tracer("test"))

	// All is written when the function span has ended: one datagram for seven spans.
	got, err := d.Wait(within(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := xraytest.CheckDocument(got[0]); err != nil {
		t.Error(err)
	}
	doc, err := segment.Parse(got[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"subsegment orders(validate(DynamoDB S3) price(prices.example.com SQS))"}
	if diff := cmp.Diff(want, outline([]*segment.Document{doc})); diff != "" {
		t.Error(diff)
	}
	if s := d.Stats(); s.Datagrams != 1 {
		t.Errorf("%d datagrams", s.Datagrams)
	}
}

func TestEndOfChildOfEndedSpan(t *testing.T) {
	p := newPipeline(t)
	ctx, f := p.function(activeContext())
	first, s := p.tracer.Start(ctx, "first")
	s.End()
	p.span(first, "under first")
	f.End()
	wantOutline(t, p, "subsegment orders(first(under first))")
}

func TestUnsampled(t *testing.T) {
	var em recorder
	e := newExporter(t, &em)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(recordOnly{}), sdktrace.WithResource(lambdaResource()),
		sdktrace.WithSpanProcessor(exporter.NewProcessor(e, exporter.WithLambda(true))))
	invoke(t.Context(), provider.Tracer("test"))
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if em.emits != 0 {
		t.Errorf("%v", outline(em.take(t)))
	}
}

type recordOnly struct{}

func (recordOnly) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult {
	return sdktrace.SamplingResult{Decision: sdktrace.RecordOnly}
}
func (recordOnly) Description() string { return "record only" }

func TestConcurrency(t *testing.T) {
	p := newPipeline(t)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for j := range 20 {
				id := trace.TraceID{1, byte(i), byte(j)}
				// Every second pair shares its trace and differs in Parent only.
				if i%4 == 1 {
					id[1]--
				}
				parent := trace.SpanID{byte(i + 1), byte(j + 1)}
				header := fmt.Sprintf("Root=%s;Parent=%s;Sampled=1", segment.TraceID(id), parent)
				ctx, f := p.function(withRemote(withHeader(t.Context(), header), id, parent),
					trace.WithAttributes(attribute.String("faas.invocation_id", fmt.Sprint(i, j))))
				var calls sync.WaitGroup
				for k := range 3 {
					calls.Go(func() { p.span(ctx, fmt.Sprintf("%d-%d-%d", i, j, k)) })
				}
				calls.Wait()
				f.End()
			}
		})
	}
	wg.Wait()
	docs := p.emitter.take(t)
	if len(docs) != 64*20 {
		t.Errorf("%d documents", len(docs))
	}
	for _, d := range docs {
		if len(d.Subsegments) != 3 {
			t.Fatalf("%s", tree(d))
		}
		var i, j, k int
		for _, s := range d.Subsegments {
			if _, err := fmt.Sscanf(s.Name, "%d-%d-%d", &i, &j, &k); err != nil {
				t.Fatal(err)
			}
			if want := (trace.SpanID{byte(i + 1), byte(j + 1)}).String(); d.ParentID != want {
				t.Errorf("span of %s in the invocation of %s", want, d.ParentID)
			}
		}
	}
}

// All at once: deadlines that pass, spans that end late, attributes set while
// they are sent, flushes with contexts that run out. Every span arrives complete,
// beneath its own invocation.
func TestConcurrencyLosesNothing(t *testing.T) {
	const functions, invocations, calls = 16, 20, 3
	p := newPipeline(t)
	var wg sync.WaitGroup
	for i := range functions {
		wg.Go(func() {
			for j := range invocations {
				id, parent := trace.TraceID{1, byte(i / 2), byte(j)}, trace.SpanID{byte(i + 1), byte(j + 1)}
				header := fmt.Sprintf("Root=%s;Parent=%s;Sampled=1", segment.TraceID(id), parent)
				ctx, cancel := context.WithTimeout(withRemote(withHeader(t.Context(), header), id, parent), time.Duration(1+j%4)*time.Millisecond)
				ctx, f := p.function(ctx)
				var work sync.WaitGroup
				for k := range calls {
					work.Go(func() {
						ctx, s := p.tracer.Start(ctx, fmt.Sprintf("%d-%d-%d", i, j, k))
						for n := range 10 {
							s.SetAttributes(attribute.Int("n", n))
							f.SetAttributes(attribute.Int("n", n))
							f.AddEvent("step")
						}
						time.Sleep(time.Duration(k) * time.Millisecond)
						p.span(ctx, "step")
						s.End()
					})
				}
				if j%3 != 0 {
					work.Wait()
				}
				if j%5 == 0 {
					_ = p.processor.ForceFlush(ctx) // may come too late
				}
				f.End()
				cancel()
				work.Wait()
			}
		})
	}
	wg.Wait()
	if err := p.processor.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}

	complete := make(map[string]bool) // by trace and id: those in progress come before
	var walk func(d *segment.Document, trace, function string)
	walk = func(d *segment.Document, trace, function string) {
		if !d.InProgress {
			complete[trace+d.ID] = true
		}
		var i, j, k byte
		if n, _ := fmt.Sscanf(d.Name, "%d-%d-%d", &i, &j, &k); n == 3 && function != "" && function != fmt.Sprintf("%02x%02x000000000000", i+1, j+1) {
			t.Errorf("%s is beneath %s", d.Name, function)
		}
		for _, s := range d.Subsegments {
			walk(s, trace, function)
		}
	}
	for _, d := range p.emitter.take(t) {
		function := ""
		if d.Name == "orders" {
			function = d.ParentID
		}
		walk(d, d.TraceID, function)
	}
	if want := functions * invocations * (1 + 2*calls); len(complete) != want {
		t.Errorf("%d spans arrived complete, want %d; %+v", len(complete), want, p.exporter.Stats())
	}
}

func TestMissingDaemon(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	p.emitter.err = errEmit
	for range 3 {
		_, f := p.function(activeContext())
		f.End()
	}
	// Reported once, counted three times.
	if got := errs(); len(got) != 1 || !errors.Is(got[0], errEmit) {
		t.Errorf("%v", got)
	}
	if got := p.exporter.Stats().LostDocuments; got != 3 {
		t.Errorf("%d lost", got)
	}
	// Once it works again, the next failure is news.
	p.emitter.err = nil
	_, f := p.function(activeContext())
	f.End()
	p.emitter.err = errEmit
	_, f = p.function(activeContext())
	f.End()
	if got := errs(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestSlowDaemon(t *testing.T) {
	handled(t)
	p := newPipeline(t, exporter.WithExportTimeout(30*time.Millisecond))
	p.emitter.onEmit = func(ctx context.Context) {
		if d, ok := ctx.Deadline(); !ok || time.Until(d) > 30*time.Millisecond {
			t.Errorf("deadline %v, %v", d, ok)
		}
		<-ctx.Done()
		p.emitter.err = ctx.Err()
	}
	start := time.Now()
	_, f := p.function(activeContext())
	f.End()
	if d := time.Since(start); d < 30*time.Millisecond || d > 5*time.Second {
		t.Errorf("the invocation took %v", d)
	}
	if !errors.Is(p.emitter.err, context.DeadlineExceeded) {
		t.Errorf("%v", p.emitter.err)
	}
}

func TestPanicInOnEnd(t *testing.T) {
	errs := handled(t)
	p := newPipeline(t)
	p.emitter.onEmit = func(context.Context) { panic("emitter bug") }
	_, f := p.function(activeContext())
	f.End()
	if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), "emitter bug") {
		t.Errorf("%v", got)
	}
	p.emitter.onEmit = nil
	_, f = p.function(activeContext())
	f.End()
	wantOutline(t, p, "subsegment orders")
}

func TestOutsideLambda(t *testing.T) {
	p := &pipeline{emitter: &recorder{}}
	p.start(t, resource.NewSchemaless(attribute.String("service.name", "shop")), p.emitter, exporter.WithLambda(false))
	ctx, root := p.tracer.Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
	p.span(ctx, "child")
	if got := p.emitter.take(t); len(got) > 0 {
		t.Errorf("before its root: %v", outline(got))
	}
	_, late := p.tracer.Start(ctx, "late")
	root.End()
	wantOutline(t, p, "segment shop(child)")
	late.End()
	wantOutline(t, p, "subsegment late")
	p.span(t.Context(), "job")
	wantOutline(t, p, "segment shop")
}

func TestInLambdaWithoutFunctionSpan(t *testing.T) {
	// A function that only makes spans of its own: the header tells an
	// invocation from initialization.
	p := newPipeline(t)
	ctx, work := p.tracer.Start(activeContext(), "work")
	p.span(ctx, "child")
	_, late := p.tracer.Start(ctx, "late")
	work.End()
	wantOutline(t, p, "subsegment work(child)")
	late.End()
	wantOutline(t, p)
	p.span(activeContext(), "work")
	wantOutline(t, p, "subsegment work", "subsegment late")
}

func TestProcessorAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget")
	}
	measure := func(processor sdktrace.SpanProcessor) float64 {
		provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithSpanProcessor(processor))
		tracer, ctx := provider.Tracer("test"), activeContext()
		invoke(ctx, tracer) // cold start
		return testing.AllocsPerRun(200, func() { invoke(ctx, tracer) })
	}
	floor := measure(nothing{})
	for _, tt := range []struct {
		name     string
		exporter *exporter.Exporter
		more     float64 // than the SDK's own
	}{
		{"daemon", unreadDaemon(t), 0},
		{"another emitter", newExporter(t, discard{}), 4}, // the context that ends its Emit
	} {
		if got := measure(exporter.NewProcessor(tt.exporter, exporter.WithLambda(true))); got-floor != tt.more {
			t.Errorf("%s: %v allocations an invocation over the SDK's own %v, want %v", tt.name, got-floor, floor, tt.more)
		}
	}
}
