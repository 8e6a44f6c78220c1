package exporter

import (
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// TestPacingIsNotTimedOut streams children of an open span for longer than an
// export may take: what only waits for its turn must not be lost.
func TestPacingIsNotTimedOut(t *testing.T) {
	const spans = 2*maxBufferedSpans + 1
	d := xraytest.NewDaemon(t)
	e, err := New(WithDaemonAddress(d.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	p := NewProcessor(e, WithLambda(false), WithExportTimeout(20*time.Millisecond))
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
	start := time.Now()
	ctx, parent := tracer.Start(t.Context(), "parent")
	for range spans {
		_, s := tracer.Start(ctx, "child")
		s.End()
	}
	if took := time.Since(start); took < 100*time.Millisecond {
		t.Errorf("all within %v: nothing was paced", took)
	}
	if s := e.Stats(); s.Documents < 2*maxBufferedSpans || s.LostDocuments > 0 {
		t.Errorf("%+v", s)
	}
	parent.End()
}
