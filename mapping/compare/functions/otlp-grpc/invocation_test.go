package main

import (
	"testing"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/invocation"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/otlpsink"
)

func BenchmarkInvocation(b *testing.B) {
	invocation.Benchmark(b, "otlp-grpc", otlpsink.New(b), invocation.Spans, func(b *testing.B, addr string) func() {
		e, err := otlptracegrpc.New(b.Context(), otlptracegrpc.WithEndpoint(addr), otlptracegrpc.WithInsecure())
		if err != nil {
			b.Fatal(err)
		}
		return invocation.StartSDK(b, sdktrace.WithBatcher(e))
	})
}
