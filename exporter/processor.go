package exporter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Limits of what a [Processor] keeps. Above the first two, finished spans are
// sent before their invocation ends.
const (
	maxBufferedSpans = 2048    // of one invocation
	maxBufferedBytes = 4 << 20 // of one invocation, estimated
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
// spans of initialization above the limit with the first invocation; at Shutdown,
// how much was lost in all. What is lost is in [Exporter.Stats].
type Processor struct {
	exporter  *Exporter
	config    processorConfig
	resources resourceCache
	reports   reports

	headerSeen atomic.Bool // an invocation had a tracing header, sampled or not
	invoked    atomic.Bool // an invocation has been seen: initialization is over
	started    atomic.Bool // a function span has started
	exporting  atomic.Int32

	mu        sync.Mutex
	stopped   bool
	tracker   tracker
	adopted   adopted
	late      *batch // ended after their invocation; nil if none
	initial   *batch // ended during initialization; nil if none
	initCount int    // spans kept during initialization
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// NewProcessor returns a Processor that exports through e and owns it: Shutdown
// shuts e down.
func NewProcessor(e *Exporter, opts ...ProcessorOption) *Processor {
	p := &Processor{exporter: e, config: newProcessorConfig(opts)}
	p.resources.lambda = p.config.lambda
	p.tracker.spans = make(map[spanKey]*trackedSpan)
	return p
}

// OnStart notes where s belongs. Spans that are not sampled are ignored.
func (p *Processor) OnStart(ctx context.Context, s sdktrace.ReadWriteSpan) {
	defer handlePanic()
	sc := s.SpanContext()
	if !sc.IsSampled() || p.exporter.quiet.holds(sc) {
		return
	}
	parent := s.Parent()
	local := parent.SpanID().IsValid() && !parent.IsRemote()
	if local && p.join(keyOf(parent), keyOf(sc), s) {
		return
	}
	p.begin(p.rootOf(ctx, s, sc, parent, local), s)()
}

// join tracks s in the tree of its parent, if that is known and not too large.
func (p *Processor) join(parent, key spanKey, s sdktrace.ReadWriteSpan) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ts := p.tracker.spans[parent]
	if ts == nil || ts.tree.open >= maxOpen {
		return false
	}
	p.tracker.track(ts.tree, ts, key, s)
	return true
}

// begin tracks the local root s. It returns what is left to do without the lock.
func (p *Processor) begin(r root, s sdktrace.ReadWriteSpan) (after func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	after = func() {}
	if p.stopped {
		return after
	}
	if r.orphan {
		inv, lost := p.invocationOf(&r)
		if lost {
			after = p.reports.lostContext(s, inv != nil)
		}
		if inv != nil {
			p.tracker.track(inv, inv.top, r.key, s).lost = true
			return after
		}
	}
	t := p.tracker.begin(r, s)
	if r.function {
		t.first = !p.started.Swap(true)
		// These belong to the first function span, whichever ends first.
		t.initial, p.initial = p.initial, nil
		p.armDeadline(t)
	}
	if p.tracker.trees > maxTrees {
		report := after
		abandon := p.abandon(p.tracker.oldest)
		after = func() { report(); abandon() }
	}
	return after
}

// OnEnd exports the tree of s if s is its root, and else keeps s until that ends.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) {
	defer handlePanic()
	sc := s.SpanContext()
	if !sc.IsSampled() || p.exporter.quiet.holds(sc) {
		return
	}
	res := p.resources.get(s.Resource())
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
	ts := p.tracker.spans[key]
	if ts == nil || ts.span == nil {
		return p.endLate(s, key, res)
	}
	t := ts.tree
	root := ts.key == t.key
	t.close(ts)
	if !t.initializing(p) || p.keepInitial() {
		p.add(t.batch, ts, s, res)
	} else {
		last := len(t.spans) - 1
		t.swap(ts, last)
		p.tracker.forget(t, last)
	}
	switch {
	case root:
		return p.finish(t)
	case t.batch.full() && !t.initializing(p):
		return p.tracker.takeFinished(t)
	}
	return nil
}

// ForceFlush exports what has ended: late spans, and the finished spans of the
// running invocation that ctx belongs to. If ctx carries no span of this
// process, of all. The errors are returned and not handled. Spans of
// initialization wait on for their invocation, and with ctx done all do.
func (p *Processor) ForceFlush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("exporter: nothing flushed, all is kept: %w", err)
	}
	return p.exporter.exportBatch(ctx, p.collect(ctx))
}

func (p *Processor) collect(ctx context.Context) *batch {
	sc := trace.SpanContextFromContext(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.takeLate().orNew()
	if sc.SpanID().IsValid() && !sc.IsRemote() {
		// Concurrent invocations that flush at their end must not take each
		// other's trees apart.
		if ts := p.tracker.spans[keyOf(sc)]; ts != nil {
			p.moveFinished(b, ts.tree)
		}
		return b
	}
	for t := p.tracker.oldest; t != nil; t = t.newer {
		p.moveFinished(b, t)
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
	err := errors.Join(p.exporter.exportBatch(ctx, b), p.exporter.Shutdown(ctx))
	p.reports.total(p.exporter.Stats())
	return err
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
	for t := p.tracker.oldest; t != nil; t = t.newer {
		t.stopTimer()
		b.move(t.initial)
		t.initial = nil
		p.moveFinished(b, t)
	}
	p.tracker, p.initial, p.adopted = tracker{}, nil, nil
	return b
}
