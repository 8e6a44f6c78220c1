// Command testfunction is a Go function under OpenTelemetry's own exporters, for the
// extension's tests: the event says how the invocation ends.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

type event struct {
	End string `json:"end"` // error, hang or exit
}

func main() {
	ctx := context.Background()
	var exporter *otlptrace.Exporter
	var err error
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
		exporter, err = otlptracegrpc.New(ctx)
	} else {
		exporter, err = otlptracehttp.New(ctx)
	}
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tracer := provider.Tracer("testfunction")
	lambda.Start(func(ctx context.Context, e event) (string, error) {
		defer func() {
			if err := provider.ForceFlush(ctx); err != nil {
				log.Print(err)
			}
		}()
		lc, _ := lambdacontext.FromContext(ctx)
		ctx = propagator.Lambda{}.Extract(ctx, nil)
		ctx, span := tracer.Start(ctx, lambdacontext.FunctionName, trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(attribute.String("faas.invocation_id", lc.AwsRequestID)))
		defer span.End()
		_, call := tracer.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("http.request.method", "GET"), attribute.String("url.full", "https://prices.example.com/1"),
			attribute.String("server.address", "prices.example.com"), attribute.Int("http.response.status_code", 200)))
		call.End()
		switch e.End {
		case "error":
			err := errors.New("no such order")
			span.RecordError(err)
			return "", err
		case "hang":
			time.Sleep(time.Hour)
		case "exit":
			os.Exit(1)
		}
		return "done", nil
	})
}
