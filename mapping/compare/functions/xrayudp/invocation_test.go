package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws-observability/aws-otel-go/exporters/xrayudp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/invocation"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/otlpsink"
)

// BenchmarkInvocation has the exporter as its README says, one datagram a span,
// and behind a batcher.
func BenchmarkInvocation(b *testing.B) {
	s := invocation.NewUDP(b, otlpSpans)
	invocation.Benchmark(b, "xrayudp", s, invocation.Spans, func(b *testing.B, addr string) func() {
		return invocation.StartSDK(b, sdktrace.WithSyncer(newExporter(b, addr)))
	})
	invocation.Benchmark(b, "xrayudp-batch", s, invocation.Spans, func(b *testing.B, addr string) func() {
		return invocation.StartSDK(b, sdktrace.WithBatcher(newExporter(b, addr)))
	})
}

func newExporter(b *testing.B, addr string) *otlptrace.Exporter {
	e, err := xrayudp.NewSpanExporter(b.Context(), xrayudp.WithEndpoint(addr))
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// otlpSpans counts the spans in a datagram's OTLP, which comes in base64.
func otlpSpans(b *testing.B, body string) int {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(body, "T1S"))
	if err != nil {
		b.Fatal(err)
	}
	var req tracepb.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &req); err != nil {
		b.Fatal(err)
	}
	return otlpsink.Spans(&req)
}
