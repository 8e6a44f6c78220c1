package exporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Limits of what a [Processor] keeps. Above the first two, finished spans are
// sent before their invocation ends.
const (
	maxBufferedSpans       = 2048    // of one invocation
	maxBufferedBytes       = 4 << 20 // of one invocation, estimated
	maxInitializationSpans = 512     // until the first invocation; what exceeds them is lost and counted
)

// Processor exports each invocation in one go, synchronously, when its function
// span ends: before the response is posted, and so before the freeze. It keeps
// no goroutine. It is an SDK span processor and safe for concurrent use.
//
// It groups spans by local root, the topmost span of this process, and never by
// trace: concurrent invocations may share one. It does not change spans.
//
// Its exporter's errors go to OpenTelemetry's error handler: each span that
// cannot be mapped once, an emitter that fails once until it works again, and
// spans of initialization above the limit with the first invocation. What is lost
// is in [Exporter.Stats].
type Processor struct {
	exporter *Exporter
	config   processorConfig

	invoked atomic.Bool // an invocation has been seen: initialization is over
	started atomic.Bool // a function span has started
	failing atomic.Bool // the emitter failed last time, and that has been reported

	unkept atomic.Int64 // spans of initialization that were lost and not reported yet

	mu      sync.Mutex
	stopped bool
	// spans holds the open spans of running invocations, and those that ended
	// but are still here: their children may come late. Keys are unique to a
	// span, so two invocations in one trace stay apart.
	spans     map[spanKey]*trackedSpan
	last      *trackedSpan   // started last; nil: not known
	free      []*trackedSpan // for reuse
	idle      []*invocation  // for reuse
	late      *batch         // ended after their invocation; nil if none
	initial   *batch         // ended during initialization; nil if none
	initCount int            // spans kept during initialization
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

func keyOf(sc trace.SpanContext) spanKey {
	return spanKey{trace: sc.TraceID(), span: sc.SpanID()}
}

// NewProcessor returns a Processor that exports through e and owns it: Shutdown
// shuts e down.
func NewProcessor(e *Exporter, opts ...ProcessorOption) *Processor {
	return &Processor{
		exporter: e,
		config:   newProcessorConfig(opts),
		spans:    make(map[spanKey]*trackedSpan),
	}
}

// OnStart notes where s belongs. Spans that are not sampled are ignored.
func (p *Processor) OnStart(ctx context.Context, s sdktrace.ReadWriteSpan) {
	defer handlePanic()
	sc := s.SpanContext()
	if !sc.IsSampled() {
		return
	}
	parent := s.Parent()
	local := parent.SpanID().IsValid() && !parent.IsRemote()
	if local && p.join(keyOf(parent), keyOf(sc), s) {
		return
	}
	p.begin(p.rootOf(ctx, s, sc, parent, local), s)
}

// join tracks s in the invocation of its parent, if that is known.
func (p *Processor) join(parent, key spanKey, s sdktrace.ReadWriteSpan) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.find(parent)
	if t == nil {
		return false
	}
	p.track(t.invocation, key, s).parent = t
	return true
}

// begin starts an invocation with its local root s.
func (p *Processor) begin(r root, s sdktrace.ReadWriteSpan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	inv := p.newInvocation()
	inv.root = r
	if r.function {
		inv.first = !p.started.Swap(true)
		// These belong to the first function span, whichever ends first.
		inv.initial, p.initial = p.initial, nil
		p.armDeadline(inv)
	}
	p.track(inv, r.key, s)
}

// OnEnd exports the invocation if s is its local root, and else keeps s until
// that ends.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) {
	defer handlePanic()
	sc := s.SpanContext()
	if !sc.IsSampled() {
		return
	}
	res := p.exporter.resources.get(s.Resource())
	if b := p.end(s, keyOf(sc), res); b != nil {
		b.wait()
		p.flush(b)
	}
}

// end puts s where it belongs and returns what is to be exported now, or nil.
func (p *Processor) end(s sdktrace.ReadOnlySpan, key spanKey, res *preparedResource) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		p.exporter.lostSpans.Add(1)
		return nil
	}
	t := p.find(key)
	if t == nil || t.span == nil {
		return p.endLate(s, res)
	}
	inv := t.invocation
	root := t.key == inv.key
	inv.close(t)
	if !inv.initializing(p) || p.keepInitial() {
		inv.batch.add(s, res)
	} else {
		last := len(inv.spans) - 1
		inv.swap(t, last)
		p.forget(inv, last)
	}
	switch {
	case root:
		return p.finish(inv)
	case inv.batch.full() && !inv.initializing(p):
		return p.takeFinished(inv)
	}
	return nil
}

// endLate keeps a span that has no invocation any more. Outside Lambda nothing
// freezes and the next root may be long in coming, so there it goes out at once.
func (p *Processor) endLate(s sdktrace.ReadOnlySpan, res *preparedResource) *batch {
	if p.config.lambda && !p.invoked.Load() {
		if p.keepInitial() {
			p.initial = p.initial.orNew()
			p.initial.add(s, res)
		}
		return nil
	}
	p.late = p.late.orNew()
	p.late.add(s, res)
	if p.config.lambda && !p.late.full() {
		return nil
	}
	return p.takeLate()
}

// keepInitial counts a span of initialization and reports whether there is room
// for it.
func (p *Processor) keepInitial() bool {
	if p.initCount == maxInitializationSpans {
		p.exporter.lostSpans.Add(1)
		p.unkept.Add(1)
		return false
	}
	p.initCount++
	return true
}

func (p *Processor) takeLate() *batch {
	b := p.late
	p.late = nil
	return b
}

// flush exports b and reports what goes wrong.
func (p *Processor) flush(b *batch) {
	mapErr, emitErr := p.exporter.exportWithin(p.config.exportTimeout, b)
	b.free()
	if n := p.unkept.Swap(0); n > 0 {
		otel.Handle(fmt.Errorf("exporter: spans of initialization lost: %d above the %d that are kept; make fewer before the first invocation", n, maxInitializationSpans))
	}
	if mapErr != nil {
		otel.Handle(mapErr)
	}
	if emitErr == nil {
		p.failing.Store(false)
	} else if !p.failing.Swap(true) {
		otel.Handle(emitErr)
	}
}

// ForceFlush exports what has ended: late spans, and the finished spans of the
// running invocation that ctx belongs to. If ctx carries no span of this
// process, of all. The errors are returned and not handled. Spans of
// initialization wait on for their invocation, and with ctx done all do.
func (p *Processor) ForceFlush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("exporter: nothing flushed, all is kept: %w", err)
	}
	return p.exportAll(ctx, p.collect(ctx))
}

func (p *Processor) collect(ctx context.Context) *batch {
	sc := trace.SpanContextFromContext(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.takeLate().orNew()
	if sc.SpanID().IsValid() && !sc.IsRemote() {
		// Concurrent invocations that flush at their end must not take each
		// other's trees apart.
		if t := p.find(keyOf(sc)); t != nil {
			p.moveFinished(b, t.invocation)
		}
		return b
	}
	for _, t := range p.spans {
		p.moveFinished(b, t.invocation)
	}
	return b
}

// Shutdown exports what has ended, spans of initialization included, and shuts
// the exporter down. Open spans are lost. A second call does nothing and
// returns nil.
func (p *Processor) Shutdown(ctx context.Context) error {
	b := p.stop()
	if b == nil {
		return nil
	}
	return errors.Join(p.exportAll(ctx, b), p.exporter.Shutdown(ctx))
}

func (p *Processor) stop() *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	p.stopped = true
	p.invoked.Store(true)
	b := p.takeLate().orNew()
	b.move(p.initial)
	for _, t := range p.spans {
		inv := t.invocation
		inv.stopTimer()
		b.move(inv.initial)
		inv.initial = nil
		p.moveFinished(b, inv)
	}
	p.spans, p.last, p.free, p.idle, p.initial = nil, nil, nil, nil, nil
	return b
}

func (p *Processor) exportAll(ctx context.Context, b *batch) error {
	mapErr, emitErr := p.exporter.export(b, func(docs [][]byte) error { return p.exporter.emitter.Emit(ctx, docs) })
	b.free()
	return errors.Join(mapErr, emitErr)
}

// handlePanic keeps a panic of ours out of the function. Locks are released by
// then: each is held by a function of its own that defers the unlock.
func handlePanic() {
	if r := recover(); r != nil {
		otel.Handle(panicError(r))
	}
}
