package exporter_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// A function's tracer provider, put together by hand.
func ExampleNewProcessor() {
	e, err := exporter.New()
	if err != nil {
		panic(err) // the daemon's address cannot be used
	}
	p := exporter.NewProcessor(e)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(p),
		sdktrace.WithSampler(p.Sampler(nil)), // as the platform has decided
	)
	defer provider.Shutdown(context.Background())
}

// A web server in Lambda behind Lambda Web Adapter: the platform's tracing header is
// in the adapter's requests, and the server's span is beneath the function.
func ExampleProcessor_webAdapter() {
	var out bytes.Buffer
	e, err := exporter.New(exporter.WithEmitter(exporter.NewWriterEmitter(&out))) // exporter.New() on Lambda
	if err != nil {
		panic(err)
	}
	p := exporter.NewProcessor(e, exporter.WithLambda(true)) // known on Lambda
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p), sdktrace.WithSampler(p.Sampler(nil))).Tracer("shop")

	// What otelhttp.NewHandler does with propagator.XRay as the global propagator.
	serve := func(r *http.Request) {
		ctx := propagator.XRay{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		_, span := tracer.Start(ctx, "GET /orders", trace.WithSpanKind(trace.SpanKindServer))
		span.End()
	}
	for _, sampled := range []string{"1", "0"} {
		r, _ := http.NewRequest("GET", "http://127.0.0.1:8080/orders", nil)
		r.Header.Set("X-Amzn-Trace-Id", "Root=1-6925b3c0-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled="+sampled)
		serve(r)
	}

	doc, err := segment.Parse(bytes.TrimSpace(out.Bytes()))
	if err != nil {
		panic(err)
	}
	fmt.Println(doc.Type, "of", doc.TraceID, "beneath", doc.ParentID)
	// Output: subsegment of 1-6925b3c0-0123456789abcdef01234567 beneath 53995c3f42cd8ad8
}

// A service that is no function can leave the batching to the SDK.
func ExampleExporter() {
	e, err := exporter.New(exporter.WithDaemonAddress("xray-daemon:2000"))
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(e))
	defer provider.Shutdown(context.Background())
}

// Documents as JSON lines, to look at.
func ExampleNewWriterEmitter() {
	e, err := exporter.New(exporter.WithEmitter(exporter.NewWriterEmitter(os.Stderr)))
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(exporter.NewProcessor(e)))
	defer provider.Shutdown(context.Background())
}

// Documents that another program has made, one a line, go to the daemon.
func ExampleNewUDPEmitter() {
	e, err := exporter.NewUDPEmitter("127.0.0.1:2000")
	if err != nil {
		panic(err) // the address cannot be used
	}
	ctx := context.Background()
	defer e.Shutdown(ctx)
	var docs [][]byte
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		docs = append(docs, bytes.Clone(lines.Bytes()))
	}
	if err := e.Emit(ctx, docs); err != nil { // spaces them
		fmt.Fprintln(os.Stderr, err)
	}
}
