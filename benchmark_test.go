package lambdaxray_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// BenchmarkHandler is what tracing adds to an invocation that does nothing, as
// the difference to untraced: the function span alone, mapped and sent.
func BenchmarkHandler(b *testing.B) {
	b.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	handler := func(_ context.Context, o order) (order, error) { return o, nil }
	run := func(name, header string, h lambda.Handler) {
		b.Run(name, func(b *testing.B) {
			ctx, payload := invocationContext(b, header), []byte(`{"ID":7}`)
			if response, err := h.Invoke(ctx, payload); string(response) != `{"ID":7}` || err != nil {
				b.Fatalf("%s, %v", response, err)
			}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = h.Invoke(ctx, payload)
			}
		})
	}
	run("untraced", active, lambda.NewHandler(handler))
	run("not sampled", passed, traced(b, handler, "127.0.0.1:2000"))
	run("daemon absent", active, traced(b, handler, unused(b)))
	blackhole, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer blackhole.Close()
	run("daemon blackholed", active, traced(b, handler, blackhole.LocalAddr().String()))
	daemon := xraytest.NewDaemon(b, xraytest.WithKeep(1))
	run("daemon present", active, traced(b, handler, daemon.Addr()))
	if b.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	if _, err := daemon.Wait(ctx, 1); err != nil {
		b.Error(err)
	}
}

// BenchmarkHandlerEvent is what reading the event costs.
func BenchmarkHandlerEvent(b *testing.B) {
	b.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	daemon := xraytest.NewDaemon(b, xraytest.WithKeep(0))
	for _, event := range []string{"apigateway_v1", "apigateway_v2", "sqs"} {
		for _, c := range []struct {
			name string
			opts []lambdaxray.Option
		}{{"read", nil}, {"left alone", []lambdaxray.Option{lambdaxray.WithoutEvent()}}} {
			b.Run(event+"/"+c.name, func(b *testing.B) {
				h := traced(b, func() {}, daemon.Addr(), c.opts...)
				ctx, payload := invocationContext(b, active), fixture(b, event)
				b.ReportAllocs()
				for b.Loop() {
					_, _ = h.Invoke(ctx, payload)
				}
			})
		}
	}
}

// BenchmarkAnnotate adds five annotations to a span.
func BenchmarkAnnotate(b *testing.B) {
	for b.Loop() {
		inSpan(b, func(ctx context.Context) {
			for _, key := range []string{"a", "b", "c", "d", "e"} {
				lambdaxray.Annotate(ctx, key, "value")
			}
		})
	}
}

// traced returns handler behind the exporter, in a process that believes it is a
// function.
func traced(b testing.TB, handler any, daemon string, opts ...lambdaxray.Option) lambda.Handler {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // a missing daemon is reported
	e, err := exporter.New(exporter.WithDaemonAddress(daemon))
	if err != nil {
		b.Fatal(err)
	}
	provider, err := lambdaxray.NewTracerProvider(b.Context(), lambdaxray.WithExporter(e))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return lambdaxray.WrapHandler(handler, append(opts, lambdaxray.WithTracerProvider(provider))...)
}

func unused(b testing.TB) string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}
