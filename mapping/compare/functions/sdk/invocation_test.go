package main

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/invocation"
)

func BenchmarkInvocation(b *testing.B) {
	invocation.Benchmark(b, "sdk", invocation.NewUDP(b, invocation.DocumentSpans), 0, func(b *testing.B, _ string) func() {
		return invocation.StartSDK(b, sdktrace.WithSpanProcessor(nothing{}))
	})
}
