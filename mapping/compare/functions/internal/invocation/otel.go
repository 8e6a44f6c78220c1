package invocation

import (
	"context"
	"testing"

	"go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/spans"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// StartSDK is for those that bring an exporter only. Spans that wait in a batch
// are flushed at the end: Lambda freezes the process then.
func StartSDK(tb testing.TB, processor sdktrace.TracerProviderOption) func() {
	res, err := resource.New(tb.Context(), resource.WithDetectors(lambda.NewResourceDetector()), resource.WithTelemetrySDK())
	if err != nil {
		tb.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res), processor)
	invoke := StartProvider(tb, provider)
	return func() {
		invoke()
		if err := provider.ForceFlush(context.Background()); err != nil {
			tb.Fatal(err)
		}
	}
}

// StartProvider is for those that bring a provider.
func StartProvider(tb testing.TB, provider *sdktrace.TracerProvider) func() {
	tb.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	h, err := propagator.ParseHeader(TraceHeader)
	if err != nil {
		tb.Fatal(err)
	}
	//lint:ignore SA1029 Lambda's runtime and the X-Ray SDK use this key
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", TraceHeader)
	ctx = trace.ContextWithRemoteSpanContext(ctx, h.SpanContext())
	tracer := provider.Tracer("bench")
	return func() { invoke(ctx, tracer) }
}

// invoke makes the spans as otellambda, otelaws and otelhttp do.
func invoke(ctx context.Context, tracer trace.Tracer) {
	ctx, function := tracer.Start(ctx, "orders", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("faas.invocation_id", "9a8b7c6d-0000-4000-8000-000000000001"),
		attribute.String("aws.lambda.invoked_arn", "arn:aws:lambda:eu-west-1:123456789012:function:orders"),
		attribute.String("cloud.account.id", "123456789012"),
	))
	spans.Make(ctx, tracer)
	function.SetAttributes(attribute.Int("order.total", 4200))
	function.End()
}
