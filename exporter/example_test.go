package exporter_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
)

// A function's tracer provider, put together by hand.
func ExampleNewProcessor() {
	e, err := exporter.New()
	if err != nil {
		panic(err) // the daemon's address cannot be used
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(exporter.NewProcessor(e)),
	)
	defer provider.Shutdown(context.Background())
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
