package lambdaxray

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Capture runs f in a span beneath the one in ctx, which becomes a custom
// subsegment of that name. An error of f is recorded with the errors it wraps,
// and returned as it is; a panic is recorded with its Go stack and goes on.
//
// The span is made by the provider of the span in ctx, or by the global one.
func Capture(ctx context.Context, name string, f func(ctx context.Context) error) error {
	return capture(ctx, name, f)
}

func capture(ctx context.Context, name string, f func(ctx context.Context) error, opts ...trace.SpanStartOption) error {
	ctx, span := tracerOf(ctx).Start(ctx, name, opts...)
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		if value != nil {
			recordPanic(span, value)
		} else {
			span.SetStatus(codes.Error, "runtime.Goexit was called")
		}
		span.End()
		if value != nil {
			panic(value)
		}
	}()
	err := f(ctx)
	returned = true
	if err != nil {
		recordError(span, err)
	}
	span.End()
	return err
}

// tracerOf returns a tracer of the provider that made the span in ctx. A remote
// span context has none.
func tracerOf(ctx context.Context) trace.Tracer {
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() && !span.SpanContext().IsRemote() {
		return span.TracerProvider().Tracer(packagePath)
	}
	return otel.Tracer(packagePath)
}
