package exporter_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func newExporter(t testing.TB, em exporter.Emitter) *exporter.Exporter {
	t.Helper()
	e, err := exporter.New(exporter.WithEmitter(em))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// recordedSpans returns the spans of one invocation as the SDK exports them.
func recordedSpans(t testing.TB) []sdktrace.ReadOnlySpan {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithSpanProcessor(spans))
	invoke(activeContext(), provider.Tracer("test"))
	return spans.Ended()
}

func TestExportSpans(t *testing.T) {
	var em recorder
	e := newExporter(t, &em)
	if err := e.ExportSpans(t.Context(), recordedSpans(t)); err != nil {
		t.Fatal(err)
	}
	for _, d := range em.docs {
		if err := xraytest.CheckDocument(d); err != nil {
			t.Error(err)
		}
	}
	docs := em.take(t)
	if len(docs) != 1 || docs[0].Type != "subsegment" || docs[0].ParentID != activeParent.String() {
		t.Fatalf("%v", outline(docs))
	}
	get := find(t, docs, "prices.example.com")
	if get.Cause == nil || get.Cause.Exceptions[0].Message != "price service is away" {
		t.Errorf("the event is missing: %+v", get.Cause)
	}
	if diff := cmp.Diff(exporter.Stats{Documents: 1}, e.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestExportSpansBehindBatchProcessor(t *testing.T) {
	var em recorder
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithBatcher(newExporter(t, &em)))
	invoke(activeContext(), provider.Tracer("test"))
	if err := provider.Shutdown(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := em.take(t); len(got) != 1 || em.shutdowns != 1 {
		t.Errorf("%v, %d shutdowns", outline(got), em.shutdowns)
	}
}

func TestExportSpansKeepsWhatSpansSay(t *testing.T) {
	link := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{7}, SpanID: trace.SpanID{7}})
	var em recorder
	p := &pipeline{}
	p.start(t, lambdaResource(), &em, exporter.WithLambda(false))
	_, s := p.tracer.Start(t.Context(), "root", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithLinks(trace.Link{SpanContext: link}))
	s.AddEvent("cache miss", trace.WithAttributes(attribute.String("key", "k")))
	s.End()
	docs := em.take(t)
	want := []segment.Link{{ID: link.SpanID().String(), TraceID: segment.TraceID(link.TraceID())}}
	if diff := cmp.Diff(want, docs[0].Links); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(mustJSON(t, docs[0].Metadata)), "cache miss") {
		t.Errorf("the event is missing: %v", docs[0].Metadata)
	}
}

func TestExportAfterShutdown(t *testing.T) {
	var em recorder
	e := newExporter(t, &em)
	for range 2 {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if em.shutdowns != 1 {
		t.Errorf("the emitter was shut down %d times", em.shutdowns)
	}
	spans := recordedSpans(t)
	if err := e.ExportSpans(t.Context(), spans); err == nil || !strings.Contains(err.Error(), "Shutdown") {
		t.Errorf("%v", err)
	}
	if em.emits != 0 || e.Stats().LostSpans != uint64(len(spans)) {
		t.Errorf("%d emits, %+v", em.emits, e.Stats())
	}
}

func TestExportContextDone(t *testing.T) {
	var em recorder
	e := newExporter(t, &em)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.ExportSpans(ctx, recordedSpans(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if em.emits != 0 {
		t.Error("exported all the same")
	}
}

func TestExportErrors(t *testing.T) {
	errs := handled(t)
	em := recorder{err: &exporter.EmitError{Lost: 3, Err: errEmit}} // two of them of earlier exports
	e := newExporter(t, &em)
	bad := tracetest.SpanStub{Name: "without ids"}.Snapshot()
	spans := append(recordedSpans(t), bad)

	// Both the mapper's and the emitter's, and returned only.
	err := e.ExportSpans(t.Context(), spans)
	var se *mapping.SpanError
	if !errors.As(err, &se) || !errors.Is(err, errEmit) {
		t.Errorf("%v", err)
	}
	if got := errs(); len(got) > 0 {
		t.Errorf("handled as well: %v", got)
	}
	if diff := cmp.Diff(exporter.Stats{LostDocuments: 3}, e.Stats()); diff != "" {
		t.Error(diff)
	}

	// The bad span does not take the others along.
	em.err = nil
	if err := e.ExportSpans(t.Context(), spans); !errors.As(err, &se) {
		t.Errorf("%v", err)
	}
	if got := em.take(t); len(got) != 1 {
		t.Errorf("%v", outline(got))
	}

	// An emitter that does not know how many it lost has lost all.
	em.err = errEmit
	_ = e.ExportSpans(t.Context(), spans)
	if got := e.Stats().LostDocuments; got != 4 {
		t.Errorf("%d lost", got)
	}
}

func TestExportPanic(t *testing.T) {
	em := recorder{onEmit: func(context.Context) { panic("emitter bug") }}
	e := newExporter(t, &em)
	err := e.ExportSpans(t.Context(), recordedSpans(t))
	if err == nil || !strings.Contains(err.Error(), "emitter bug") || !strings.Contains(err.Error(), "exporter_test.go") {
		t.Errorf("%v", err)
	}
	if err := e.ExportSpans(t.Context(), []sdktrace.ReadOnlySpan{nil}); err == nil {
		t.Error("a nil span gives no error")
	}
}

func TestExportConcurrent(t *testing.T) {
	var em recorder
	e := newExporter(t, &em)
	spans := recordedSpans(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if err := e.ExportSpans(t.Context(), spans); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	docs := em.take(t)
	if len(docs) != 80 {
		t.Fatalf("%d documents", len(docs))
	}
	for _, d := range docs[1:] {
		if diff := cmp.Diff(docs[0], d); diff != "" {
			t.Fatal(diff)
		}
	}
}

// discard is an Emitter that costs nothing.
type discard struct{}

func (discard) Emit(context.Context, [][]byte) error { return nil }
func (discard) Shutdown(context.Context) error       { return nil }

func TestExportDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget")
	}
	ctx, spans := t.Context(), recordedSpans(t)
	for _, tt := range []struct {
		name     string
		exporter *exporter.Exporter
		want     float64
	}{
		{"daemon", unreadDaemon(t), 0},
		{"another emitter", newExporter(t, discard{}), 2}, // the context that keeps it from making spans
	} {
		n := testing.AllocsPerRun(100, func() {
			if err := tt.exporter.ExportSpans(ctx, spans); err != nil {
				t.Fatal(err)
			}
		})
		if n != tt.want {
			t.Errorf("%s: %v allocations for an export of %d spans, want %v", tt.name, n, len(spans), tt.want)
		}
	}
}

// unreadDaemon returns an Exporter to a socket that nobody reads.
func unreadDaemon(t *testing.T) *exporter.Exporter {
	t.Helper()
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders") // where the first document does not wait
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	e, err := exporter.New(exporter.WithDaemonAddress(conn.LocalAddr().String()))
	if err != nil {
		t.Fatal(err)
	}
	return e
}
