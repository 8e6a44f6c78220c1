// Command otlp-http is the hello-world function traced by otellambda, sent as OTLP
// over HTTP and flushed at the end of each invocation, as with the Collector
// layer. OTEL_EXPORTER_OTLP_ENDPOINT says where to.
package main

import (
	"context"
	"log"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/handle"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/otel"
)

func main() {
	e, err := otlptracehttp.New(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	otel.Start(handle.Handle, sdktrace.WithBatcher(e))
}
