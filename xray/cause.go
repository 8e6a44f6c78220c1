package xray

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/xray/strategy/exception"
)

// addException records an exception as the event that OpenTelemetry's conventions
// have for one. Its stack is written as Go writes one, which the mapper reads
// back.
func addException(span trace.Span, x exception.Exception) {
	attrs := make([]attribute.KeyValue, 0, 3)
	if x.Type != "" {
		attrs = append(attrs, attribute.String("exception.type", x.Type))
	}
	if x.Message != "" {
		attrs = append(attrs, attribute.String("exception.message", x.Message))
	}
	if len(x.Stack) > 0 {
		attrs = append(attrs, attribute.String("exception.stacktrace", stackText(x.Stack)))
	}
	span.AddEvent("exception", trace.WithAttributes(attrs...))
}

func stackText(stack []exception.Stack) string {
	var b strings.Builder
	b.WriteString("goroutine 1 [running]:\n")
	for _, f := range stack {
		fmt.Fprintf(&b, "%s(...)\n\t%s:%d\n", legalText(f.Label), legalText(f.Path), f.Line)
	}
	return b.String()
}
