package main

import (
	"context"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/invocation"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func BenchmarkInvocation(b *testing.B) {
	invocation.Benchmark(b, "lambdaxray", invocation.NewUDP(b, invocation.DocumentSpans), invocation.Spans,
		func(b *testing.B, addr string) func() { return start(b, addr) })
}

func start(tb testing.TB, addr string) func() {
	e, err := exporter.New(exporter.WithDaemonAddress(addr))
	if err != nil {
		tb.Fatal(err)
	}
	provider, err := lambdaxray.NewTracerProvider(tb.Context(), lambdaxray.WithExporter(e))
	if err != nil {
		tb.Fatal(err)
	}
	return invocation.StartProvider(tb, provider)
}

// TestInvocationDocuments holds what the benchmark sends to X-Ray's rules.
func TestInvocationDocuments(t *testing.T) {
	d := xraytest.NewDaemon(t)
	invocation.SetLambda(t)
	start(t, d.Addr())()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	docs, err := d.Wait(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := xraytest.CheckDocument(docs[0]); err != nil {
		t.Error(err)
	}
	if doc, err := segment.Parse(docs[0]); err != nil || invocation.Count(doc) != invocation.Spans {
		t.Errorf("want one document of %d spans (%v):\n%s", invocation.Spans, err, docs[0])
	}
}
