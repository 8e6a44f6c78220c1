package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// service is a process that sends its spans over OTLP. Each span goes out as it
// ends, in a request of its own: the hardest case for whoever puts them together.
type service struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

func startService(ctx context.Context, endpoint string, attrs ...attribute.KeyValue) (*service, error) {
	exp, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure())
	if err != nil {
		return nil, err
	}
	p := sdktrace.NewTracerProvider(
		sdktrace.WithSyncer(exp),
		sdktrace.WithResource(resource.NewSchemaless(attrs...)),
	)
	return &service{p, p.Tracer("example")}, nil
}

// function starts the process of a Lambda function named orders.
func function(ctx context.Context, endpoint string) (*service, error) {
	return startService(ctx, endpoint,
		attribute.String("cloud.provider", "aws"),
		attribute.String("cloud.platform", "aws_lambda"),
		attribute.String("cloud.region", "us-east-1"),
		attribute.String("faas.name", "orders"),
		attribute.String("service.name", "orders"),
	)
}

// prices starts the process of the service that the function calls.
func prices(ctx context.Context, endpoint string) (*service, error) {
	return startService(ctx, endpoint,
		attribute.String("cloud.platform", "aws_ecs"),
		attribute.String("service.name", "prices"),
	)
}

// spansOfOrder is how many spans order makes.
const spansOfOrder = 4

// placed are the ids that the checks look for.
type placed struct {
	trace                                trace.TraceID
	parent, function, table, call, price trace.SpanID
}

// order is one invocation of the function beneath the platform's function
// segment: a table read and a call of the prices service.
func order(ctx context.Context, f, p *service) placed {
	platform := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: newTraceID(), SpanID: newSpanID(), TraceFlags: trace.FlagsSampled, Remote: true,
	})
	ctx, function := f.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, platform), "orders",
		trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("faas.invocation_id", "79104EXAMPLEB723")))
	defer function.End()
	_, table := f.tracer.Start(ctx, "DynamoDB.GetItem", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "DynamoDB/GetItem"),
		attribute.StringSlice("aws.dynamodb.table_names", []string{"orders"}),
		attribute.String("order.id", "o-1"),
	))
	table.End()
	callCtx, call := f.tracer.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", "GET"),
		attribute.String("url.full", "http://prices.example.com/price"),
		attribute.String("server.address", "prices.example.com"),
		attribute.Int("http.response.status_code", 200),
	))
	_, price := p.tracer.Start(trace.ContextWithRemoteSpanContext(callCtx, call.SpanContext()), "GET /price",
		trace.WithSpanKind(trace.SpanKindServer))
	price.End()
	call.End()
	return placed{
		trace: platform.TraceID(), parent: platform.SpanID(), function: function.SpanContext().SpanID(),
		table: table.SpanContext().SpanID(), call: call.SpanContext().SpanID(), price: price.SpanContext().SpanID(),
	}
}

// stop sends what is left.
func stop(ctx context.Context, services ...*service) error {
	var errs []error
	for _, s := range services {
		errs = append(errs, s.provider.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
