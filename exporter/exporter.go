package exporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Exporter maps spans to segment documents and hands them to an [Emitter]. It
// is an SDK span exporter for any span processor; a Lambda function wants it
// behind a [Processor]. It is safe for concurrent use.
//
// Its errors are returned, never handled besides, and no panic leaves it.
type Exporter struct {
	mapper    *mapping.Mapper
	emitter   Emitter
	resources resourceCache
	quiet     quiet

	stopped   atomic.Bool
	documents atomic.Int64 // below zero where losses of earlier documents were told alone
	lostDocs  atomic.Uint64
	lostSpans atomic.Uint64
	abandoned atomic.Uint64
}

var _ sdktrace.SpanExporter = (*Exporter)(nil)

// New returns an Exporter. Without options it writes to the X-Ray daemon that
// AWS_XRAY_DAEMON_ADDRESS names, or to 127.0.0.1:2000. Nothing is opened before
// the first export. The error names a setting that cannot be used.
func New(opts ...Option) (*Exporter, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return &Exporter{
		mapper:    c.mapper,
		emitter:   c.emitter,
		resources: resourceCache{lambda: os.Getenv(envFunctionName) != ""},
		quiet:     newQuiet(),
	}, nil
}

// ExportSpans maps spans and emits their documents before it returns. The error
// joins what the mapper and the emitter report; the documents of all other
// spans went out. After Shutdown, or with ctx done, it exports nothing and says
// so.
func (e *Exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) (err error) {
	defer recovered(&err)
	if err := ctx.Err(); err != nil {
		return e.lose(len(spans), err)
	}
	b := newBatch()
	for _, s := range spans {
		if !e.quiet.holds(s.SpanContext()) {
			b.add(s, e.resources.get(s.Resource()).mapped)
		}
	}
	return e.exportBatch(ctx, b)
}

// exportBatch exports b within ctx and frees it.
func (e *Exporter) exportBatch(ctx context.Context, b *batch) error {
	mapErr, emitErr := e.export(b, func(docs [][]byte) error {
		if _, ok := e.emitter.(*udpEmitter); !ok { // that makes no spans
			ctx = e.quiet.context(ctx)
		}
		return e.emitter.Emit(ctx, docs)
	})
	b.free()
	return errors.Join(mapErr, emitErr)
}

// Shutdown shuts the emitter down, and returns and counts what that finds lost.
// Exports in progress may still succeed. A second call does nothing and returns nil.
func (e *Exporter) Shutdown(ctx context.Context) (err error) {
	if e.stopped.Swap(true) {
		return nil
	}
	defer recovered(&err)
	err = e.emitter.Shutdown(ctx)
	if _, ok := errors.AsType[*EmitError](err); ok {
		e.count(0, err)
	}
	return err
}

// Stats counts what became of an [Exporter]'s spans.
type Stats struct {
	Documents     uint64 // given to the emitter and not lost
	LostDocuments uint64 // reported as lost by the emitter
	LostSpans     uint64 // dropped before they were mapped: after Shutdown, with the context done, above a limit, in a panic
	Abandoned     uint64 // local roots that are no longer followed, as too many are open; their spans go out as they end
}

// Stats returns the counts since [New].
func (e *Exporter) Stats() Stats {
	return Stats{
		Documents:     uint64(max(0, e.documents.Load())),
		LostDocuments: e.lostDocs.Load(),
		LostSpans:     e.lostSpans.Load(),
		Abandoned:     e.abandoned.Load(),
	}
}

// exportWithin is export for whoever ends a span and waits: limit bounds how long
// the emitter may block.
func (e *Exporter) exportWithin(limit time.Duration, b *batch) (mapErr, emitErr error) {
	return e.export(b, func(docs [][]byte) error {
		// This one bounds each document instead, so that pacing does not count, and
		// needs no context for it: that would be four allocations an invocation.
		if u, ok := e.emitter.(*udpEmitter); ok {
			return u.emitNow(limit, docs)
		}
		ctx, cancel := context.WithTimeout(e.quiet.background, limit)
		defer cancel()
		return e.emitter.Emit(ctx, docs)
	})
}

// export maps the spans of b and has emit send the documents. The first error is
// about single spans, the second about the way out: the Processor reports them
// differently.
func (e *Exporter) export(b *batch, emit func(docs [][]byte) error) (mapErr, emitErr error) {
	if len(b.spans) == 0 {
		return nil, nil
	}
	defer func() {
		if r := recover(); r != nil {
			e.lostSpans.Add(uint64(len(b.spans)))
			mapErr = errors.Join(mapErr, panicError(r))
		}
	}()
	if e.stopped.Load() {
		return nil, e.lose(len(b.spans), errShutdown)
	}
	b.docs, mapErr = e.mapper.AppendDocuments(b.docs[:0], b.spans)
	if len(b.docs) == 0 {
		return mapErr, nil
	}
	err := emit(b.docs)
	e.count(len(b.docs), err)
	if err != nil {
		err = fmt.Errorf("exporter: %w", err)
	}
	return mapErr, err
}

func (e *Exporter) lose(spans int, err error) error {
	e.lostSpans.Add(uint64(spans))
	return fmt.Errorf("exporter: %d spans not exported: %w", spans, err)
}

func (e *Exporter) count(docs int, err error) {
	lost := 0
	if err != nil {
		lost = docs
		if ee, ok := errors.AsType[*EmitError](err); ok {
			lost = ee.Lost
		}
	}
	e.lostDocs.Add(uint64(lost))
	e.documents.Add(int64(docs - lost))
}

// recovered turns a panic into an error: tracing must not bring the function
// down.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errors.Join(*err, panicError(r))
	}
}

func panicError(r any) error {
	return fmt.Errorf("exporter: panic: %v\n%s", r, debug.Stack())
}
