// Package otel starts a function the way contrib's otellambda is documented:
// Lambda's resource, X-Ray's propagator, a flush after each invocation.
package otel

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	detector "go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Start runs handler, traced, with the processor that exporter makes.
func Start(handler any, exporter sdktrace.TracerProviderOption) {
	res, err := detector.NewResourceDetector().Detect(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(exporter, sdktrace.WithResource(res), sdktrace.WithIDGenerator(xray.NewIDGenerator()))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(xray.Propagator{})
	lambda.Start(otellambda.InstrumentHandler(handler,
		otellambda.WithTracerProvider(provider),
		otellambda.WithFlusher(provider),
		otellambda.WithPropagator(xray.Propagator{}),
		otellambda.WithEventToCarrier(header),
	))
}

// header carries the tracing header of the invocation.
func header([]byte) propagation.TextMapCarrier {
	return propagation.MapCarrier{"X-Amzn-Trace-Id": os.Getenv("_X_AMZN_TRACE_ID")}
}
