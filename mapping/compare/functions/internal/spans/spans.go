// Package spans makes the spans of an invocation as otelaws and otelhttp do.
package spans

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// ErrAway is the error of one call.
var ErrAway = errors.New("price service is away")

// Make makes six spans: 4 CLIENT, of which one has an error, beneath 2 INTERNAL.
func Make(ctx context.Context, tracer trace.Tracer) {
	call := func(ctx context.Context, name string, attrs ...attribute.KeyValue) trace.Span {
		_, span := tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
		return span
	}
	validate, span := tracer.Start(ctx, "validate", trace.WithAttributes(attribute.Int("order.lines", 3)))
	call(validate, "DynamoDB.GetItem",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "DynamoDB/GetItem"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "V7Q2LKJ3"),
		attribute.StringSlice("aws.dynamodb.table_names", []string{"orders"}),
		attribute.Int("http.response.status_code", 200)).End()
	call(validate, "S3.GetObject",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "S3/GetObject"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "4Z8EXAMPLE7Q2N"),
		attribute.String("aws.s3.bucket", "prices"),
		attribute.String("aws.s3.key", "2026/11.json"),
		attribute.Int("http.response.status_code", 200)).End()
	span.End()
	price, span := tracer.Start(ctx, "price", trace.WithAttributes(attribute.String("currency", "EUR")))
	get := call(price, "GET",
		attribute.String("http.request.method", "GET"),
		attribute.String("url.full", "https://prices.example.com/v1/items/42"),
		attribute.String("server.address", "prices.example.com"),
		attribute.Int("http.response.status_code", 503))
	get.RecordError(ErrAway)
	get.SetStatus(codes.Error, ErrAway.Error())
	get.End()
	call(price, "SQS.SendMessage",
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", "SQS/SendMessage"),
		attribute.String("aws.region", "eu-west-1"),
		attribute.String("aws.request_id", "0d8f7b2a-2f40"),
		attribute.String("url.full", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"),
		attribute.Int("http.response.status_code", 200)).End()
	span.End()
}
