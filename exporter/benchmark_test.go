package exporter_test

import (
	"context"
	"net"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// invoke makes the spans of one invocation: 1 SERVER, 4 CLIENT of which one has
// an error event, 2 INTERNAL.
func invoke(ctx context.Context, tracer trace.Tracer) {
	ctx, function := tracer.Start(ctx, "orders", trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
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
	get.AddEvent("exception", trace.WithAttributes(
		attribute.String("exception.type", "*errors.errorString"),
		attribute.String("exception.message", "price service is away")))
	get.SetStatus(codes.Error, "price service is away")
	get.End()
	call(price, "SQS.SendMessage",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "SQS/SendMessage"),
		attribute.String("messaging.system", "aws_sqs"),
		attribute.String("messaging.destination.name", "orders"),
		attribute.Int("http.response.status_code", 200)).End()
	span.End()
	function.SetAttributes(attribute.Int("order.total", 4200))
	function.End()
}

// BenchmarkInvocation is one invocation of seven spans, the SDK's own work
// included: what a handler waits for. A daemon that is there reads; one that is
// blackholed has a socket nobody reads. BenchmarkInvocationFloor is the SDK
// alone.
func BenchmarkInvocation(b *testing.B) {
	b.Run("daemon=present", func(b *testing.B) {
		benchmarkDaemon(b, blackhole(b))
	})
	b.Run("daemon=blackholed", func(b *testing.B) {
		benchmarkInvocation(b, udpProcessor(b, blackhole(b)))
	})
	b.Run("daemon=absent", func(b *testing.B) {
		handled(b)
		conn := blackhole(b)
		conn.Close()
		benchmarkInvocation(b, udpProcessor(b, conn))
	})
}

// blackhole returns a socket that nobody reads.
func blackhole(b *testing.B) net.PacketConn {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

// benchmarkDaemon checks the first datagram and reads the others.
func benchmarkDaemon(b *testing.B, conn net.PacketConn) {
	first := make(chan []byte, 1)
	go func() {
		buf := make([]byte, 65507)
		for {
			n, _, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			select {
			case first <- append([]byte(nil), buf[:n]...):
			default:
			}
		}
	}()
	p := udpProcessor(b, conn)
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithSpanProcessor(p))
	invoke(activeContext(), provider.Tracer("benchmark"))
	document, err := segment.ParseDatagram(<-first)
	if err != nil {
		b.Fatal(err)
	}
	if err := xraytest.CheckDocument(document); err != nil {
		b.Fatal(err)
	}
	doc, err := segment.Parse(document)
	if err != nil {
		b.Fatal(err)
	}
	const want = "subsegment orders(validate(DynamoDB S3) price(prices.example.com SQS))"
	if got := outline([]*segment.Document{doc}); got[0] != want {
		b.Fatalf("one datagram with %v", got)
	}
	benchmarkInvocation(b, p)
}

func udpProcessor(b *testing.B, conn net.PacketConn, opts ...exporter.ProcessorOption) sdktrace.SpanProcessor {
	e, err := exporter.New(exporter.WithDaemonAddress(conn.LocalAddr().String()))
	if err != nil {
		b.Fatal(err)
	}
	return exporter.NewProcessor(e, append(opts, exporter.WithLambda(true))...)
}

func BenchmarkInvocationFloor(b *testing.B) { benchmarkInvocation(b, nothing{}) }

// BenchmarkInvocationDeadline is what a deadline adds to an invocation: Lambda's
// runtime sets one on every context, here 3 s ahead. With margin=off nothing is
// armed for it.
func BenchmarkInvocationDeadline(b *testing.B) {
	for name, margin := range map[string]time.Duration{"margin=rule": 0, "margin=off": -1} {
		b.Run(name, func(b *testing.B) {
			p := udpProcessor(b, blackhole(b), exporter.WithDeadlineMargin(margin))
			provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithSpanProcessor(p))
			tracer := provider.Tracer("benchmark")
			b.ReportAllocs()
			for b.Loop() {
				ctx, cancel := context.WithDeadline(activeContext(), time.Now().Add(3*time.Second))
				invoke(ctx, tracer)
				cancel()
			}
		})
	}
}

func benchmarkInvocation(b *testing.B, processor sdktrace.SpanProcessor) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(lambdaResource()), sdktrace.WithSpanProcessor(processor))
	tracer := provider.Tracer("benchmark")
	ctx := activeContext()
	invoke(ctx, tracer)
	b.ReportAllocs()
	for b.Loop() {
		invoke(ctx, tracer)
	}
}

// nothing is a span processor with an exporter that does nothing.
type nothing struct{}

func (nothing) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nothing) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (nothing) Shutdown(context.Context) error                  { return nil }
func (nothing) ForceFlush(context.Context) error                { return nil }
