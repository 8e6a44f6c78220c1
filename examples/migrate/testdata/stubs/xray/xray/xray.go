// Package xray has what the cases use, for the type checker.
package xray

import (
	"context"
	"net/http"
)

const (
	TraceIDHeaderKey     = "x-amzn-trace-id"
	LambdaTraceHeaderKey = "x-amzn-trace-id"
)

type Segment struct{ TraceID string }

func (*Segment) Close(error)                     {}
func (*Segment) AddAnnotation(string, any) error { return nil }

type Config struct{ LogLevel, LogFormat, ServiceVersion string }

type GrpcOption interface{ apply() }

func Configure(Config) error                                                       { return nil }
func BeginSegment(ctx context.Context, name string) (context.Context, *Segment)    { return ctx, nil }
func BeginSubsegment(ctx context.Context, name string) (context.Context, *Segment) { return ctx, nil }
func Capture(ctx context.Context, name string, fn func(context.Context) error) error {
	return fn(ctx)
}
func AddAnnotation(ctx context.Context, key string, value any) error { return nil }
func AddMetadata(ctx context.Context, key string, value any) error   { return nil }
func AddMetadataToNamespace(ctx context.Context, namespace, key string, value any) error {
	return nil
}
func AddError(ctx context.Context, err error) error       { return nil }
func TraceID(context.Context) string                      { return "" }
func DetachContext(ctx context.Context) context.Context   { return ctx }
func Client(c *http.Client) *http.Client                  { return c }
func RoundTripper(rt http.RoundTripper) http.RoundTripper { return rt }
func UnaryClientInterceptor(options ...GrpcOption) func() { return nil }
func GetSegment(ctx context.Context) *Segment             { return nil }
