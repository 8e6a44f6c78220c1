package lambdaxray

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// LogTraceKey is the key under which [NewLogHandler] writes the trace id. It is
// Powertools' name for it, so that queries work across languages.
//
// Source: https://docs.aws.amazon.com/powertools/python/latest/core/logger/
const LogTraceKey = "xray_trace_id"

// TraceID returns the id of the trace that ctx is in as X-Ray spells it, sampled
// or not: 1-<8 hex digits>-<24 hex digits>. It is "" outside a trace.
func TraceID(ctx context.Context) string {
	if ctx == nil { // a logger's Info passes on what it was given
		return ""
	}
	id := trace.SpanContextFromContext(ctx).TraceID()
	if !id.IsValid() {
		h, _ := propagator.HeaderFromLambda(ctx)
		id = h.Root
	}
	if !id.IsValid() {
		return ""
	}
	return segment.TraceID(id)
}

// NewLogHandler returns a handler that adds [LogTraceKey] with the trace id of
// the context to every record, at the top level whatever groups are open, and
// passes the record to next. X-Ray's trace page then finds the logs of a trace.
// Log with the Context methods of slog.Logger.
//
//	logger := slog.New(lambdaxray.NewLogHandler(lambdacontext.NewLogHandler()))
//	logger.InfoContext(ctx, "order placed")
func NewLogHandler(next slog.Handler) slog.Handler { return &logHandler{next: next, top: next} }

// logHandler keeps two handlers: next has everything that WithAttrs and WithGroup
// added; top is next as it was before the first group, where the trace id can
// still be put on top, and then replays what came since.
type logHandler struct {
	next, top slog.Handler
	since     []func(slog.Handler) slog.Handler // from the first group on
}

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	id := TraceID(ctx)
	if id == "" {
		return h.next.Handle(ctx, r)
	}
	attr := slog.String(LogTraceKey, id)
	if len(h.since) == 0 {
		r = r.Clone()
		r.AddAttrs(attr)
		return h.next.Handle(ctx, r)
	}
	next := h.top.WithAttrs([]slog.Attr{attr})
	for _, add := range h.since {
		next = add(next)
	}
	return next.Handle(ctx, r)
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	if len(h.since) == 0 {
		return NewLogHandler(h.next.WithAttrs(attrs))
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

func (h *logHandler) with(add func(slog.Handler) slog.Handler) slog.Handler {
	return &logHandler{next: add(h.next), top: h.top, since: append(slices.Clip(h.since), add)}
}
