package exporter

import (
	"context"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"
)

// quiet keeps exports from making spans. An [Emitter] may have a client that is
// instrumented, and where each root is exported as it ends, its spans would cause
// the next export, and so on.
//
// Emit gets a context with a span that is not sampled, so most samplers make none
// beneath it. Where one does all the same, its span is in that trace, and known by
// it.
type quiet struct {
	span       trace.SpanContext
	background context.Context // with the span
}

func newQuiet() quiet {
	var id trace.TraceID
	for i := range id {
		id[i] = byte(rand.IntN(255) + 1)
	}
	q := quiet{span: trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID(id[:8])})}
	q.background = q.context(context.Background())
	return q
}

// context returns ctx for Emit.
func (q *quiet) context(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(ctx, q.span)
}

// holds reports whether sc is of a span that an export made.
func (q *quiet) holds(sc trace.SpanContext) bool { return sc.TraceID() == q.span.TraceID() }
