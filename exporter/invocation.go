package exporter

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// root is what the start of a local root says about what lies beneath it.
type root struct {
	key      spanKey
	function bool // it is a function span
	early    bool // it started where no invocation was known: maybe initialization

	// Of function spans only.
	owner    mapping.FunctionSegment
	link     mapping.Link // to the platform's segment in another trace; zero: none
	deadline time.Time    // zero: none
}

// rootOf looks at a span without a known local parent. It calls into foreign
// contexts, so it must not hold the Processor's lock.
func (p *Processor) rootOf(ctx context.Context, s sdktrace.ReadWriteSpan, sc, parent trace.SpanContext, local bool) root {
	r := root{key: keyOf(sc)}
	kind := s.SpanKind()
	server := kind == trace.SpanKindServer || kind == trace.SpanKindConsumer
	r.function = server && !local && p.exporter.resources.get(s.Resource()).lambda
	if !r.function && (!p.config.lambda || p.invoked.Load()) {
		return r
	}
	h, found := propagator.HeaderFromLambda(ctx)
	// There is no header during initialization.
	r.early = !r.function && !found
	if !r.early {
		p.invoked.Store(true)
	}
	if !r.function {
		return r
	}
	r.deadline, _ = ctx.Deadline()
	r.owner = p.config.functionSegment
	if r.owner == mapping.FunctionSegmentAuto {
		r.owner = mapping.FunctionSegmentOwn
		if found && h.Sampled == propagator.SamplingYes && h.Parent.IsValid() &&
			h.Root == sc.TraceID() && h.Parent == parent.SpanID() {
			r.owner = mapping.FunctionSegmentPlatform
		}
	}
	if h.Root != sc.TraceID() && h.Parent.IsValid() {
		r.link = mapping.Link{TraceID: h.Root, SpanID: h.Parent}
	}
	return r
}

// invocation is a local root with all spans beneath it. The Processor's lock
// guards it.
type invocation struct {
	root
	first bool           // its function span is the first of the process
	spans []*trackedSpan // the root included; open ones come first
	open  int            // how many are
	batch *batch         // the spans that have ended; nil: the root is among them
	// initial holds the spans of initialization that this invocation carries.
	initial *batch

	timer *time.Timer // made once, for onDeadline
	armed bool
	// sending is held while the open spans are exported. The end waits for it:
	// the complete documents come second, and nothing of ours is left for the
	// freeze.
	sending sync.Mutex
}

// trackedSpan is a span of a running invocation.
type trackedSpan struct {
	key        spanKey
	invocation *invocation            // nil: not in use
	parent     *trackedSpan           // nil: a local root
	span       sdktrace.ReadWriteSpan // nil: it has ended
	at         int                    // its place in invocation.spans
}

// find returns the span of key, nil if it is not tracked. Nearly always that is
// the one that started last or one above it, so these are looked at before the
// map.
func (p *Processor) find(key spanKey) *trackedSpan {
	t := p.last
	for range 3 {
		if t == nil || t.invocation == nil {
			break
		}
		if t.key == key {
			return t
		}
		t = t.parent
	}
	return p.spans[key]
}

// track notes that s is open in inv.
func (p *Processor) track(inv *invocation, key spanKey, s sdktrace.ReadWriteSpan) *trackedSpan {
	var t *trackedSpan
	if n := len(p.free); n > 0 {
		t, p.free = p.free[n-1], p.free[:n-1]
	} else {
		t = new(trackedSpan)
	}
	*t = trackedSpan{key: key, invocation: inv, span: s, at: len(inv.spans)}
	p.spans[key], p.last = t, t
	inv.spans = append(inv.spans, t)
	inv.swap(t, inv.open)
	inv.open++
	return t
}

// close notes that t has ended.
func (inv *invocation) close(t *trackedSpan) {
	t.span = nil
	inv.open--
	inv.swap(t, inv.open)
}

// swap has t change places with the span at to.
func (inv *invocation) swap(t *trackedSpan, to int) {
	other := inv.spans[to]
	inv.spans[t.at], other.at = other, t.at
	inv.spans[to], t.at = t, to
}

// forget stops tracking the spans of inv from the n-th on.
func (p *Processor) forget(inv *invocation, n int) {
	for _, t := range inv.spans[n:] {
		delete(p.spans, t.key)
		*t = trackedSpan{}
		if len(p.free) < maxBufferedSpans {
			p.free = append(p.free, t)
		}
	}
	clear(inv.spans[n:])
	inv.spans = inv.spans[:n]
}

// maxIdle is how many invocations are kept for reuse: what one process runs at
// the same time.
const maxIdle = 64

//go:noinline
func (p *Processor) newInvocation() *invocation {
	var inv *invocation
	if n := len(p.idle); n > 0 {
		inv, p.idle[n-1] = p.idle[n-1], nil
		p.idle = p.idle[:n-1]
	} else {
		inv = new(invocation)
	}
	inv.batch = newBatch()
	return inv
}

// recycle keeps inv for reuse.
//
//go:noinline
func (p *Processor) recycle(inv *invocation) {
	if len(p.idle) == maxIdle || cap(inv.spans) > maxBufferedSpans {
		return
	}
	*inv = invocation{spans: inv.spans, timer: inv.timer}
	p.idle = append(p.idle, inv)
}

// initializing reports whether inv is part of the initialization, as far as is
// known by now.
func (inv *invocation) initializing(p *Processor) bool {
	return inv.early && !p.invoked.Load()
}

// finish ends an invocation whose root has just been added to its batch, and
// returns what is to be exported now, or nil. Spans that are still open are
// late from now on, and nothing is kept of them: they may never end.
func (p *Processor) finish(inv *invocation) *batch {
	b := inv.batch
	inv.batch = nil
	p.forget(inv, 0)
	switch {
	case inv.function:
		p.describeFunction(b, len(b.spans)-1, inv)
		b.move(p.takeLate())
	case inv.initializing(p):
		p.initial = p.initial.orNew()
		p.initial.move(b)
		b = nil
	case p.config.lambda && p.started.Load():
		// Beside or between invocations. The next one's flush takes it along.
		p.late = p.late.orNew()
		p.late.move(b)
		b = nil
		if p.late.full() {
			b = p.takeLate()
		}
	default:
		b.move(p.takeLate())
	}
	if inv.stopTimer() {
		p.recycle(inv)
	} else {
		b.after = &inv.sending
	}
	return b
}

// takeFinished takes the finished spans out of a running invocation. In their
// documents the children of open spans are independent subsegments.
func (p *Processor) takeFinished(inv *invocation) *batch {
	b := inv.batch
	inv.batch = newBatch()
	p.forget(inv, inv.open)
	return b
}

// moveFinished moves what [Processor.takeFinished] takes to b.
func (p *Processor) moveFinished(b *batch, inv *invocation) {
	if len(inv.batch.spans) == 0 || inv.initializing(p) {
		return
	}
	b.move(p.takeFinished(inv))
}
