package invocation

import (
	"context"
	"errors"
	"testing"

	"go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

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
	call := func(ctx context.Context, name string, attrs ...attribute.KeyValue) trace.Span {
		_, span := tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
		return span
	}
	validate, span := tracer.Start(ctx, "validate", trace.WithAttributes(attribute.Int("order.lines", 3)))
	call(validate, "DynamoDB.GetItem",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "DynamoDB/GetItem"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "V7Q2LKJ3"),
		attribute.StringSlice("aws.dynamodb.table_names", []string{"orders"}),
		attribute.Int("http.response.status_code", 200)).End()
	call(validate, "S3.GetObject",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "S3/GetObject"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "4Z8EXAMPLE7Q2N"),
		attribute.String("aws.s3.bucket", "prices"),
		attribute.String("aws.s3.key", "2026/11.json"),
		attribute.Int("http.response.status_code", 200)).End()
	span.End()
	price, span := tracer.Start(ctx, "price", trace.WithAttributes(attribute.String("currency", "EUR")))
	get := call(price, "GET",
		attribute.String("http.request.method", "GET"),
		attribute.String("url.full", "https://prices.example.com/v1/items/42"),
		attribute.String("server.address", "prices.example.com"),
		attribute.Int("http.response.status_code", 503))
	get.RecordError(ErrAway)
	get.SetStatus(codes.Error, ErrAway.Error())
	get.End()
	call(price, "SQS.SendMessage",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "SQS/SendMessage"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "0d8f7b2a-2f40"),
		attribute.String("url.full", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"),
		attribute.Int("http.response.status_code", 200)).End()
	span.End()
	function.SetAttributes(attribute.Int("order.total", 4200))
	function.End()
}

// ErrAway is the error of one call.
var ErrAway = errors.New("price service is away")
