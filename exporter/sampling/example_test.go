package sampling_test

import (
	"context"
	"log"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/sampling"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// A service on ECS, EC2 or elsewhere, with the X-Ray daemon beside it.
func Example() {
	ctx := context.Background()
	res, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "orders")))
	if err != nil {
		log.Fatal(err)
	}
	sampler, err := sampling.New(res)
	if err != nil {
		log.Fatal(err)
	}
	exp, err := exporter.New()
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(res),
		sdktrace.WithSampler(sampler),
		sdktrace.WithBatcher(exp),
	)
	defer provider.Shutdown(ctx)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagator.XRay{})
}
