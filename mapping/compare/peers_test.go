package compare

import (
	"context"
	"errors"
	"testing"

	"github.com/aws-observability/aws-otel-go/exporters/xrayudp"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"
	"go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// peer is a way to trace a function. start returns the function that makes one
// invocation's spans and has sent them when it returns.
type peer struct {
	impl   string
	stream bool // sends OTLP over TCP
	start  func(tb testing.TB, addr string) (invoke func())
}

var peers = []peer{
	{impl: "sdk", start: func(tb testing.TB, _ string) func() {
		return startSDK(tb, sdktrace.WithSpanProcessor(nothing{}))
	}},
	{impl: "lambdaxray", start: startLambdaxray},
	{impl: "aws-xray-sdk-go", start: startXRaySDK},
	{impl: "xrayudp", start: func(tb testing.TB, addr string) func() {
		// As its README says: one datagram a span.
		return startSDK(tb, sdktrace.WithSyncer(newXRayUDP(tb, addr)))
	}},
	{impl: "xrayudp-batch", start: func(tb testing.TB, addr string) func() {
		return startSDK(tb, sdktrace.WithBatcher(newXRayUDP(tb, addr)))
	}},
	{impl: "otlp-grpc", stream: true, start: func(tb testing.TB, addr string) func() {
		return startOTLP(tb, otlptracegrpc.NewClient(otlptracegrpc.WithEndpoint(addr), otlptracegrpc.WithInsecure()))
	}},
	{impl: "otlp-http", stream: true, start: func(tb testing.TB, addr string) func() {
		return startOTLP(tb, otlptracehttp.NewClient(otlptracehttp.WithEndpoint(addr), otlptracehttp.WithInsecure()))
	}},
}

func startLambdaxray(tb testing.TB, addr string) func() {
	e, err := exporter.New(exporter.WithDaemonAddress(addr))
	if err != nil {
		tb.Fatal(err)
	}
	provider, err := lambdaxray.NewTracerProvider(tb.Context(), lambdaxray.WithExporter(e))
	if err != nil {
		tb.Fatal(err)
	}
	return start7(tb, provider)
}

func newXRayUDP(tb testing.TB, addr string) *otlptrace.Exporter {
	e, err := xrayudp.NewSpanExporter(tb.Context(), xrayudp.WithEndpoint(addr))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func startOTLP(tb testing.TB, client otlptrace.Client) func() {
	e, err := otlptrace.New(tb.Context(), client)
	if err != nil {
		tb.Fatal(err)
	}
	return startSDK(tb, sdktrace.WithBatcher(e))
}

// startSDK is for those that bring an exporter only. Spans that wait in a batch
// are flushed at the end: Lambda freezes the process then.
func startSDK(tb testing.TB, processor sdktrace.TracerProviderOption) func() {
	res, err := resource.New(tb.Context(), resource.WithDetectors(lambda.NewResourceDetector()), resource.WithTelemetrySDK())
	if err != nil {
		tb.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res), processor)
	invoke := start7(tb, provider)
	return func() {
		invoke()
		if err := provider.ForceFlush(context.Background()); err != nil {
			tb.Fatal(err)
		}
	}
}

func start7(tb testing.TB, provider *sdktrace.TracerProvider) func() {
	tb.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	h, err := propagator.ParseHeader(traceHeader)
	if err != nil {
		tb.Fatal(err)
	}
	//lint:ignore SA1029 the X-Ray SDK looks for this key
	ctx := context.WithValue(context.Background(), xray.LambdaTraceHeaderKey, traceHeader)
	ctx = trace.ContextWithRemoteSpanContext(ctx, h.SpanContext())
	tracer := provider.Tracer("bench")
	return func() { invokeOTel(ctx, tracer) }
}

// nothing is a span processor that does nothing.
type nothing struct{}

func (nothing) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nothing) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (nothing) Shutdown(context.Context) error                  { return nil }
func (nothing) ForceFlush(context.Context) error                { return nil }

// invokeOTel makes the spans as otellambda, otelaws and otelhttp do.
func invokeOTel(ctx context.Context, tracer trace.Tracer) {
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
	get.RecordError(errAway)
	get.SetStatus(codes.Error, errAway.Error())
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

var errAway = errors.New("price service is away")

// startXRaySDK does the same work through aws-xray-sdk-go: what its own
// instrumentation of net/http and aws-sdk-go-v2 sets, without the calls.
func startXRaySDK(tb testing.TB, addr string) func() {
	xray.SetLogger(xraylog.NullLogger)
	if err := xray.Configure(xray.Config{DaemonAddr: addr}); err != nil {
		tb.Fatal(err)
	}
	//lint:ignore SA1029 the X-Ray SDK looks for this key
	ctx := context.WithValue(context.Background(), xray.LambdaTraceHeaderKey, traceHeader)
	return func() { invokeXRaySDK(ctx) }
}

func invokeXRaySDK(ctx context.Context) {
	ctx, function := xray.BeginSubsegment(ctx, "orders")
	setAWS(function, map[string]any{
		"request_id":   "9a8b7c6d-0000-4000-8000-000000000001",
		"function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
		"account_id":   "123456789012",
	})
	call := func(ctx context.Context, name, namespace string, status int) *xray.Segment {
		_, seg := xray.BeginSubsegment(ctx, name)
		seg.Lock()
		seg.Namespace = namespace
		seg.GetHTTP().GetResponse().Status = status
		seg.Unlock()
		return seg
	}
	validate, seg := xray.BeginSubsegment(ctx, "validate")
	seg.AddMetadata("order.lines", 3)
	s := call(validate, "DynamoDB", "aws", 200)
	setAWS(s, map[string]any{"operation": "GetItem", "region": "eu-west-1", "request_id": "V7Q2LKJ3", "table_name": "orders"})
	s.Close(nil)
	s = call(validate, "S3", "aws", 200)
	setAWS(s, map[string]any{"operation": "GetObject", "region": "eu-west-1", "request_id": "4Z8EXAMPLE7Q2N", "bucket_name": "prices", "key": "2026/11.json"})
	s.Close(nil)
	seg.Close(nil)
	price, seg := xray.BeginSubsegment(ctx, "price")
	seg.AddMetadata("currency", "EUR")
	s = call(price, "prices.example.com", "remote", 503)
	s.Lock()
	s.Fault = true
	s.GetHTTP().GetRequest().Method = "GET"
	s.GetHTTP().GetRequest().URL = "https://prices.example.com/v1/items/42"
	s.Unlock()
	s.Close(errAway)
	s = call(price, "SQS", "aws", 200)
	setAWS(s, map[string]any{"operation": "SendMessage", "region": "eu-west-1", "request_id": "0d8f7b2a-2f40", "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"})
	s.Close(nil)
	seg.Close(nil)
	function.AddMetadata("order.total", 4200)
	function.Close(nil)
}

func setAWS(seg *xray.Segment, members map[string]any) {
	seg.Lock()
	seg.AWS = members
	seg.Unlock()
}
