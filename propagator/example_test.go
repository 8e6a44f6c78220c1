package propagator_test

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

func ExampleParseHeader() {
	h, err := propagator.ParseHeader("Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8; Sampled=1; Lineage=a87bd80c:1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Root, h.Parent, h.Sampled, h.Lineage())
	fmt.Println(h)

	_, err = propagator.ParseHeader("Root=5759e988bd862e3fe1be46a994272793")
	fmt.Println(err)
	// Output:
	// 5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 1 a87bd80c:1
	// Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1
	// tracing header: Root is "5759e988bd862e3fe1be46a994272793", want 1-<8 hex digits>-<24 hex digits>, not all zero
}

// The propagator for outgoing calls and servers. W3C headers go side by side.
func ExampleXRay() {
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagator.XRay{}, propagation.TraceContext{}, propagation.Baggage{},
	))
}

// Unknown fields and Lineage go on with the current span as Parent.
func ExampleXRay_Inject() {
	incoming := http.Header{}
	incoming.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1")
	ctx := propagator.XRay{}.Extract(context.Background(), propagation.HeaderCarrier(incoming))

	// The SDK starts the span; its id is fixed here for the output.
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(ctx).WithSpanID(trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8}))

	outgoing := http.Header{}
	propagator.XRay{}.Inject(ctx, propagation.HeaderCarrier(outgoing))
	fmt.Println(outgoing.Get("X-Amzn-Trace-Id"))
	// Output:
	// Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0102030405060708;Sampled=1;Lineage=a87bd80c:1
}

// A handler that is not wrapped finds its invocation's parent itself.
func ExampleLambda() {
	handler := func(ctx context.Context) {
		ctx = propagator.Lambda{}.Extract(ctx, nil)
		fmt.Println(trace.SpanContextFromContext(ctx).SpanID())
	}
	handler(lambdaContext("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"))
	// Output:
	// 53995c3f42cd8ad8
}
