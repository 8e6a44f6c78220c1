package exporter_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// recorder is an Emitter that keeps documents, or fails with err.
type recorder struct {
	mu        sync.Mutex
	docs      [][]byte
	emits     int
	shutdowns int
	err       error
	onEmit    func(ctx context.Context)
}

func (r *recorder) Emit(ctx context.Context, docs [][]byte) error {
	if r.onEmit != nil {
		r.onEmit(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emits++
	if r.err != nil {
		return r.err
	}
	for _, d := range docs {
		r.docs = append(r.docs, slices.Clone(d))
	}
	return nil
}

func (r *recorder) Shutdown(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shutdowns++
	return nil
}

// take returns the documents so far, parsed, and forgets them.
func (r *recorder) take(t testing.TB) []*segment.Document {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var docs []*segment.Document
	for _, d := range r.docs {
		doc, err := segment.Parse(d)
		if err != nil {
			t.Fatalf("%v: %s", err, d)
		}
		docs = append(docs, doc)
	}
	r.docs = nil
	return docs
}

// pipeline is a tracer on a Processor.
type pipeline struct {
	exporter  *exporter.Exporter
	processor *exporter.Processor
	provider  *sdktrace.TracerProvider
	tracer    trace.Tracer
	emitter   *recorder
}

// newPipeline returns a pipeline of a process in Lambda, on a recorder.
func newPipeline(t testing.TB, opts ...exporter.ProcessorOption) *pipeline {
	t.Helper()
	p := &pipeline{emitter: &recorder{}}
	p.start(t, lambdaResource(), p.emitter, append([]exporter.ProcessorOption{exporter.WithLambda(true)}, opts...)...)
	return p
}

func (p *pipeline) start(t testing.TB, res *resource.Resource, em exporter.Emitter, opts ...exporter.ProcessorOption) {
	t.Helper()
	e, err := exporter.New(exporter.WithEmitter(em))
	if err != nil {
		t.Fatal(err)
	}
	p.exporter = e
	p.processor = exporter.NewProcessor(e, opts...)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(res), sdktrace.WithSpanProcessor(p.processor), sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{
			AttributeValueLengthLimit: -1, AttributeCountLimit: -1, EventCountLimit: -1, LinkCountLimit: -1,
			AttributePerEventCountLimit: -1, AttributePerLinkCountLimit: -1,
		}))
	p.provider, p.tracer = provider, provider.Tracer("test")
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
}

// newSampledPipeline returns a pipeline as a user puts it together, with Lambda's
// sampling rule and no resource.
func newSampledPipeline(t testing.TB) *pipeline {
	t.Helper()
	p := &pipeline{emitter: &recorder{}}
	p.exporter = newExporter(t, p.emitter)
	p.processor = exporter.NewProcessor(p.exporter)
	p.provider = sdktrace.NewTracerProvider(sdktrace.WithResource(resource.Empty()),
		sdktrace.WithSpanProcessor(p.processor), sdktrace.WithSampler(p.processor.Sampler(nil)))
	p.tracer = p.provider.Tracer("test")
	t.Cleanup(func() { _ = p.provider.Shutdown(context.Background()) })
	return p
}

// extracted is the context of an invocation whose header propagator.Lambda has read.
func extracted(header string) context.Context {
	return propagator.Lambda{}.Extract(withHeader(context.Background(), header), nil)
}

type document = segment.Document

func lambdaResource() *resource.Resource {
	return resource.NewSchemaless(
		attribute.String("cloud.provider", "aws"),
		attribute.String("cloud.region", "eu-west-1"),
		attribute.String("faas.name", "orders"),
		attribute.String("faas.version", "$LATEST"),
		attribute.String("service.name", "orders"),
	)
}

// A tracing header, and the trace and parent it names.
const activeHeader = "Root=1-6925b3c0-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"

var (
	activeTrace  = trace.TraceID{0x69, 0x25, 0xb3, 0xc0, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67}
	activeParent = trace.SpanID{0x53, 0x99, 0x5c, 0x3f, 0x42, 0xcd, 0x8a, 0xd8}
)

// withHeader is what aws-lambda-go does with the tracing header.
func withHeader(ctx context.Context, header string) context.Context {
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	return context.WithValue(ctx, "x-amzn-trace-id", header)
}

// withRemote is what a propagator does with a parent from a header.
func withRemote(ctx context.Context, id trace.TraceID, parent trace.SpanID) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: parent, TraceFlags: trace.FlagsSampled,
	}))
}

// activeContext is that of an invocation with active tracing.
func activeContext() context.Context {
	return withRemote(withHeader(context.Background(), activeHeader), activeTrace, activeParent)
}

// ownContext is that of an invocation without active tracing and a parent that is not
// the platform's.
func ownContext() context.Context {
	return withRemote(withHeader(context.Background(), ""), activeTrace, activeParent)
}

// function starts a function span.
func (p *pipeline) function(ctx context.Context, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	return p.tracer.Start(ctx, "orders", append([]trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer)}, opts...)...)
}

// span makes a child that ends at once.
func (p *pipeline) span(ctx context.Context, name string) {
	_, s := p.tracer.Start(ctx, name)
	s.End()
}

// outline writes documents as name(children…), with ! on those in progress and
// the type of the topmost.
func outline(docs []*segment.Document) []string {
	var lines []string
	for _, d := range docs {
		kind := "segment "
		if d.Type != "" {
			kind = d.Type + " "
		}
		lines = append(lines, kind+tree(d))
	}
	slices.Sort(lines)
	return lines
}

func tree(d *segment.Document) string {
	s := d.Name
	if d.InProgress {
		s += "!"
	}
	if len(d.Subsegments) == 0 {
		return s
	}
	s += "("
	for i, c := range d.Subsegments {
		if i > 0 {
			s += " "
		}
		s += tree(c)
	}
	return s + ")"
}

// find returns the document or subsegment of that name.
func find(t testing.TB, docs []*segment.Document, name string) *segment.Document {
	t.Helper()
	for _, d := range docs {
		if d.Name == name {
			return d
		}
		if len(d.Subsegments) > 0 {
			if sub := lookFor(d.Subsegments, name); sub != nil {
				return sub
			}
		}
	}
	t.Fatalf("no %q in %v", name, outline(docs))
	return nil
}

func lookFor(docs []*segment.Document, name string) *segment.Document {
	for _, d := range docs {
		if d.Name == name {
			return d
		}
		if sub := lookFor(d.Subsegments, name); sub != nil {
			return sub
		}
	}
	return nil
}

// A panic of ours is contained, and reported: here that must not pass for right.
func TestMain(m *testing.M) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(failOnPanic))
	os.Exit(m.Run())
}

func failOnPanic(err error) {
	if strings.Contains(err.Error(), "exporter: panic") {
		panic(err)
	}
}

// handled collects what goes to OpenTelemetry's error handler during the test.
// Tests that use it must not run in parallel.
func handled(t testing.TB) func() []error {
	t.Helper()
	var mu sync.Mutex
	var errs []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}))
	t.Cleanup(func() { otel.SetErrorHandler(otel.ErrorHandlerFunc(failOnPanic)) })
	return func() []error {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(errs)
	}
}

var errEmit = errors.New("the daemon is on strike")

// within is a context that ends with the test, in case it hangs.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
