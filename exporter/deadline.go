package exporter

import (
	"slices"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// armDeadline starts the timer that shows where the invocation was if Lambda
// kills it.
func (p *Processor) armDeadline(inv *tree) {
	if inv.deadline.IsZero() {
		return
	}
	remaining := time.Until(inv.deadline)
	margin, ok := p.config.margin(remaining)
	if !ok {
		return
	}
	inv.armed = true
	if inv.timer == nil {
		inv.timer = time.AfterFunc(remaining-margin, func() { p.onDeadline(inv) })
	} else {
		inv.timer.Reset(remaining - margin)
	}
}

// stopTimer reports whether onDeadline will not run any more. If false, it has
// started and still refers to t.
func (t *tree) stopTimer() bool {
	if !t.armed {
		return true
	}
	t.armed = false
	return t.timer.Stop()
}

// onDeadline exports the open spans of inv as in progress, with the finished
// ones in them. If inv still ends, its complete documents replace these by id.
func (p *Processor) onDeadline(inv *tree) {
	defer handlePanic()
	inv.sending.Lock()
	defer inv.sending.Unlock()
	if b := p.copyOpen(inv); b != nil {
		p.flush(b)
	}
}

// copyOpen returns what there is of inv, or nil if it has ended.
func (p *Processor) copyOpen(inv *tree) *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inv.batch == nil || p.stopped {
		return nil
	}
	// What has finished stays in inv as well: a complete document replaces the
	// one in progress together with everything nested in it.
	b := newBatch()
	inv.batch.shared = true
	b.spans = append(b.spans, inv.batch.spans...)
	function := len(b.spans)
	for _, ts := range inv.spans[:inv.open] {
		if ts == inv.top {
			function = len(b.spans)
		}
		p.add(b, ts, ts.span, p.resources.get(ts.span.Resource()))
		// The SDK moves a live span's attributes about in place when somebody asks for
		// them, as lambdaxray.Annotate does.
		s := &b.spans[len(b.spans)-1]
		s.Attributes = slices.Clone(s.Attributes)
	}
	p.describeFunction(b, function, inv)
	if inv.owner == mapping.FunctionSegmentPlatform {
		inv.sent = true
	}
	return b
}
