// Command otellambda is for functions that contrib's otellambda instruments
// already: lambdaxray's provider and propagator beneath it, and nothing else to
// change. What otellambda does not do (errors, panics, triggers, links),
// lambdaxray.Start does.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/propagator"
)

func main() {
	provider, err := lambdaxray.NewTracerProvider(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagator.Lambda{})
	// No flusher: the provider has sent all documents when the function span has
	// ended.
	lambda.Start(otellambda.InstrumentHandler(handle))
}

type greeting struct {
	Name string `json:"name"`
}

func handle(ctx context.Context, g greeting) (string, error) {
	var text string
	err := lambdaxray.Capture(ctx, "greet", func(ctx context.Context) error {
		lambdaxray.Annotate(ctx, "name", g.Name)
		text = "Hello, " + g.Name
		return nil
	})
	return text, err
}
