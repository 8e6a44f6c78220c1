package awsxraylambdaexporter

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	lambdaxray "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// tracesExporter takes requests from exporterhelper, which has the queue, the
// retries and the timeout. consume is safe for concurrent use.
type tracesExporter struct {
	config    *Config
	build     component.BuildInfo
	logger    *zap.Logger
	mapper    *mapping.Mapper
	converter *converter
	telemetry *telemetry

	// From start on.
	emitter lambdaxray.Emitter
	close   func() // of idle connections
}

func newTracesExporter(set exporter.Settings, c *Config) (*tracesExporter, error) {
	e := &tracesExporter{
		config:    c,
		build:     set.BuildInfo,
		logger:    set.Logger,
		mapper:    c.mapper(),
		converter: newConverter(),
		close:     func() {},
	}
	var err error
	e.telemetry, err = newTelemetry(set, e.mapper)
	return e, err
}

func (e *tracesExporter) start(ctx context.Context, _ component.Host) error {
	if e.config.Daemon != "" {
		emitter, err := lambdaxray.NewUDPEmitter(e.config.Daemon)
		if err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		e.emitter = emitter
		return nil
	}
	if keys := e.config.AWS.unused(); len(keys) > 0 {
		e.logger.Warn("Settings of awsxray that have no effect: X-Ray's telemetry records are not sent.", zap.Strings("keys", keys))
	}
	client, closeIdle, err := e.config.AWS.client(ctx, e.build.Version)
	if err != nil {
		return err
	}
	api := xrayapi.New(client, xrayapi.WithConcurrency(e.config.AWS.NumWorkers))
	e.emitter, e.close = api, closeIdle
	return e.telemetry.watch(api)
}

func (e *tracesExporter) shutdown(ctx context.Context) error {
	defer e.telemetry.shutdown()
	if e.emitter == nil { // never started
		return nil
	}
	err := e.emitter.Shutdown(ctx)
	e.close()
	var lost *lambdaxray.EmitError
	if errors.As(err, &lost) { // a daemon's absence shows with the next datagram, or now
		e.telemetry.dropped(ctx, "Daemon", lost.Lost) // at least: a document has one span or more
		e.logger.Warn("Documents did not reach the daemon.", zap.Int("dropped_documents", lost.Lost), zap.Error(err))
		return nil
	}
	return err
}

// consume maps and sends the spans of one request. The error says what
// exporterhelper is to do: send again all of them, or those of an attached
// request, or give up for good. Where only a part is lost for good there is no
// error, since it would count the whole request as failed: the loss is counted
// and logged here.
func (e *tracesExporter) consume(ctx context.Context, td ptrace.Traces) (err error) {
	defer func() {
		if r := recover(); r != nil {
			// A request that brings the process down would do so again after
			// every restart, from a persistent queue.
			e.telemetry.dropped(ctx, "Panic", td.SpanCount())
			err = consumererror.NewPermanent(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	b := e.converter.convert(td)
	defer e.converter.free(b)
	var mapErr, emitErr error
	b.docs, mapErr = e.mapper.AppendDocuments(b.docs[:0], b.spans)
	rejected := e.telemetry.rejected(ctx, mapErr)
	if len(b.docs) > 0 {
		emitErr = e.emitter.Emit(ctx, b.docs)
	}
	if emitErr == nil {
		e.telemetry.sent.Add(uint64(len(b.docs)))
		if mapErr != nil && len(b.docs) == 0 {
			return consumererror.NewPermanent(mapErr)
		}
		if mapErr != nil {
			e.logger.Warn("Spans that cannot be mapped are dropped.", zap.Int("dropped_spans", rejected), zap.Error(first(mapErr)))
		}
		return nil
	}
	return e.failed(ctx, td, b, mapErr, emitErr)
}

// first returns the first of joined errors: one is enough to see what is wrong.
func first(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		if errs := joined.Unwrap(); len(errs) > 0 {
			return errs[0]
		}
	}
	return err
}

// failed counts what was not sent and decides what becomes of it.
func (e *tracesExporter) failed(ctx context.Context, td ptrace.Traces, b *batch, mapErr, emitErr error) error {
	o := examine(b.docs, emitErr)
	e.telemetry.sent.Add(uint64(len(b.docs) - o.lostDocuments))
	for reason, n := range o.dropped {
		e.telemetry.dropped(ctx, reason, n)
	}
	for reason, n := range o.returned {
		e.telemetry.returned(ctx, reason, n)
	}
	switch {
	case len(o.returned) > 0 && mapErr == nil && o.lostDocuments == len(b.docs) && len(o.dropped) == 0:
		return emitErr // all of it again
	case len(o.returned) > 0:
		return consumererror.NewTraces(emitErr, ofTraces(td, o.traces))
	case o.lostDocuments == len(b.docs):
		return consumererror.NewPermanent(errors.Join(emitErr, mapErr))
	}
	e.logger.Warn("Documents that X-Ray refuses are dropped.", zap.Int("dropped_documents", o.lostDocuments), zap.Error(emitErr))
	return nil
}
