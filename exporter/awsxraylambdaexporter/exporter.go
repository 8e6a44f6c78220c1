package awsxraylambdaexporter

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	xrayexporter "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// tracesExporter takes requests from exporterhelper, which has the queue, the
// waiting between retries and the timeout. consume is safe for concurrent use.
type tracesExporter struct {
	config    *Config
	build     component.BuildInfo
	logger    *zap.Logger
	mapper    *mapping.Mapper
	converter *converter
	telemetry *telemetry
	condition *condition
	waiting   waiting

	stopped context.Context // done when shutdown_timeout has passed
	stop    context.CancelFunc

	// From start on.
	emitter xrayexporter.Emitter
	close   func() // of idle connections
	down    atomic.Bool
}

func newTracesExporter(set exporter.Settings, c *Config) (*tracesExporter, error) {
	e := &tracesExporter{
		config:    c,
		build:     set.BuildInfo,
		logger:    set.Logger,
		mapper:    c.mapper(),
		converter: newConverter(c.portion()),
		condition: &condition{logger: set.Logger, resent: c.Retry.Enabled},
		close:     func() {},
	}
	e.stopped, e.stop = context.WithCancel(context.Background())
	var err error
	e.telemetry, err = newTelemetry(set, e.mapper)
	return e, err
}

func (e *tracesExporter) start(ctx context.Context, _ component.Host) error {
	if e.config.Daemon != "" {
		emitter, err := xrayexporter.NewUDPEmitter(e.config.Daemon)
		if err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		e.emitter = emitter
		return nil
	}
	for _, w := range e.config.AWS.warnings() {
		e.logger.Warn(w)
	}
	client, closeIdle, err := e.config.AWS.client(ctx, e.build.Version)
	if err != nil {
		return err
	}
	api := xrayapi.New(client, e.config.AWS.emitterOptions(e.attempted)...)
	e.emitter, e.close = api, closeIdle
	e.telemetry.emitter.Store(api)
	return nil
}

// attempted sees every attempt at a call.
func (e *tracesExporter) attempted(a xrayapi.Attempt) {
	switch {
	case a.Err == nil:
		e.condition.good(time.Now())
	case a.Code != xrayapi.CodeCanceled:
		e.telemetry.callFailed(a.Code)
		e.condition.bad(time.Now(), a.Code, a.Err)
	}
}

// shutdown runs when the queue is empty, or kept on disk.
func (e *tracesExporter) shutdown(ctx context.Context) error {
	if e.down.Swap(true) {
		return nil
	}
	defer e.telemetry.shutdown()
	e.stop()
	e.leftOver(ctx)
	if e.emitter == nil { // never started
		return nil
	}
	err := e.emitter.Shutdown(ctx)
	e.close()
	var lost *xrayexporter.EmitError
	if errors.As(err, &lost) { // a daemon's absence shows with the next datagram, or now
		e.telemetry.dropped(ctx, "Daemon", lost.Lost) // at least: a document has one span or more
		e.logger.Warn("Documents did not reach the daemon.", zap.Int("dropped_documents", lost.Lost), zap.Error(err))
		return nil
	}
	return err
}

// leftOver counts the spans of requests that were to be sent again when the
// Collector stopped. A queue on disk has them for the next start.
func (e *tracesExporter) leftOver(ctx context.Context) {
	n := e.waiting.rest()
	switch {
	case n == 0:
	case e.config.persistent():
		e.logger.Info("The Collector stops before X-Ray has taken all spans. The queue on disk keeps them.", zap.Int("kept_spans", n))
	default:
		e.telemetry.dropped(ctx, "Shutdown", n)
		e.logger.Error("The Collector stops before X-Ray has taken all spans. They are lost: sending_queue has no storage.",
			zap.Int("dropped_spans", n))
	}
}

var errStopped = errors.New("the Collector stops, and shutdown_timeout has passed")

// consume maps and sends the spans of one request. The error says what
// exporterhelper is to do: send again all of them, or those of an attached
// request, or give up for good. Where only a part is lost for good there is no
// error, since it would count the whole request as failed: the loss is counted
// and logged here.
func (e *tracesExporter) consume(ctx context.Context, td ptrace.Traces) (err error) {
	began := e.waiting.take(td)
	defer func() {
		if r := recover(); r != nil {
			// A request that brings the process down would do so again after
			// every restart, from a persistent queue.
			e.telemetry.dropped(ctx, "Panic", td.SpanCount())
			err = consumererror.NewPermanent(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	if e.stopped.Err() != nil {
		o := newOutcome(td)
		o.returned = map[string]int{xrayapi.CodeCanceled: td.SpanCount()}
		o.note(errStopped)
		return e.again(ctx, td, began, o)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.stopped, cancel)()

	b := e.converter.convert(td)
	defer e.converter.pool.Put(b)
	o := newOutcome(td)
	for _, spans := range portions(b.Spans, e.converter.portion) {
		if ctx.Err() != nil {
			o.untried(ctx, spans)
			continue
		}
		var mapErr, emitErr error
		b.Docs, mapErr = e.mapper.AppendDocuments(b.Docs[:0], spans)
		o.unmapped(mapErr)
		if len(b.Docs) > 0 {
			emitErr = e.emitter.Emit(ctx, b.Docs)
		}
		o.documents += len(b.Docs)
		if emitErr != nil {
			o.examine(b.Docs, emitErr)
		}
	}
	e.telemetry.sent.Add(uint64(o.documents - o.lostDocuments))
	if o.clean() {
		return nil
	}
	return e.finish(ctx, td, began, o)
}

// finish counts what was not sent and decides what becomes of it.
func (e *tracesExporter) finish(ctx context.Context, td ptrace.Traces, began time.Time, o *outcome) error {
	for reason, n := range o.dropped {
		e.telemetry.dropped(ctx, reason, n)
	}
	if len(o.returned) > 0 {
		return e.again(ctx, td, began, o)
	}
	err := o.lossError()
	if o.lostDocuments == o.documents {
		return consumererror.NewPermanent(err)
	}
	e.logger.Warn("Spans are dropped: sent again they would be refused again.",
		zap.Int("dropped_spans", o.spans(o.dropped)), zap.Error(err))
	return nil
}

// again has the spans that were not taken sent again, or gives them up.
func (e *tracesExporter) again(ctx context.Context, td ptrace.Traces, began time.Time, o *outcome) error {
	err := o.waitError()
	c := e.config
	kept := c.persistent() && e.stopped.Err() != nil // whatever it returns, the request stays on disk
	switch {
	case !c.asynchronous(): // whoever sent them is told, in the end
	case kept:
	case !c.Retry.Enabled:
		e.giveUp(ctx, o)
		return consumererror.NewPermanent(err)
	case c.Retry.MaxElapsedTime > 0 && time.Since(began) >= c.Retry.MaxElapsedTime:
		e.giveUp(ctx, o)
		return consumererror.NewPermanent(fmt.Errorf("given up after %s (retry_on_failure: max_elapsed_time): %w", c.Retry.MaxElapsedTime, err))
	}
	for reason, n := range o.returned {
		e.telemetry.returned(ctx, reason, n)
	}
	rest := td
	if !o.everything() {
		rest = o.rest()
	}
	if c.asynchronous() {
		e.waiting.put(rest, began, o.spans(o.returned))
	}
	return consumererror.NewTraces(err, rest)
}

// giveUp counts the spans that would have been sent again.
func (e *tracesExporter) giveUp(ctx context.Context, o *outcome) {
	for reason, n := range o.returned {
		e.telemetry.dropped(ctx, reason, n)
	}
}
