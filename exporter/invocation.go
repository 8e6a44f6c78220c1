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
	if found && h.Root != sc.TraceID() && h.Parent.IsValid() {
		r.link = mapping.Link{TraceID: h.Root, SpanID: h.Parent}
	}
	return r
}

// invocation is a local root with all spans beneath it. The Processor's lock
// guards it.
type invocation struct {
	root
	first bool       // its function span is the first of the process
	open  []openSpan // the root included
	batch *batch     // the spans that have ended; nil: the root is among them
	// initial holds the spans of initialization that this invocation carries.
	initial *batch

	timer *time.Timer // made once, for onDeadline
	armed bool
	// sending is held while the open spans are exported. The end waits for it:
	// the complete documents come second, and nothing of ours is left for the
	// freeze.
	sending sync.Mutex
}

type openSpan struct {
	key  spanKey
	span sdktrace.ReadWriteSpan
}

// track notes that s is open in inv.
func (p *Processor) track(inv *invocation, key spanKey, s sdktrace.ReadWriteSpan) {
	p.spans[key] = trackedSpan{invocation: inv, open: len(inv.open)}
	inv.open = append(inv.open, openSpan{key: key, span: s})
}

// close notes that the span inv.open[i] has ended.
func (inv *invocation) close(p *Processor, key spanKey, i int) {
	p.spans[key] = trackedSpan{invocation: inv, open: ended}
	last := len(inv.open) - 1
	if i != last {
		inv.open[i] = inv.open[last]
		p.spans[inv.open[i].key] = trackedSpan{invocation: inv, open: i}
	}
	inv.open[last] = openSpan{}
	inv.open = inv.open[:last]
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
	if len(p.idle) == maxIdle || cap(inv.open) > maxBufferedSpans {
		return
	}
	clear(inv.open)
	*inv = invocation{open: inv.open[:0], timer: inv.timer}
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
	p.forget(b)
	for i := range inv.open {
		delete(p.spans, inv.open[i].key)
	}
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
	p.forget(b)
	return b
}

// moveFinished moves what [Processor.takeFinished] takes to b.
func (p *Processor) moveFinished(b *batch, inv *invocation) {
	if len(inv.batch.spans) == 0 || inv.initializing(p) {
		return
	}
	b.move(p.takeFinished(inv))
}

// forget stops tracking the spans of b, which have all ended.
//
//go:noinline
func (p *Processor) forget(b *batch) {
	for i := range b.spans {
		delete(p.spans, spanKey{trace: b.spans[i].TraceID, span: b.spans[i].SpanID})
	}
}
