// Command xrayudp is the hello-world function traced by otellambda, sent by
// aws-otel-go's xrayudp exporter as its README says.
package main

import (
	"context"
	"log"

	"github.com/aws-observability/aws-otel-go/exporters/xrayudp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/handle"
	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/otel"
)

func main() {
	e, err := xrayudp.NewSpanExporter(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	otel.Start(handle.Handle, sdktrace.WithSyncer(e))
}
