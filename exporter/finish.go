package exporter

import sdktrace "go.opentelemetry.io/otel/sdk/trace"

// finish ends a tree whose root has just been added to its batch, and returns what
// is to be exported now, or nil.
func (p *Processor) finish(t *tree) *batch {
	b := t.batch
	root := len(b.spans) - 1
	p.addOpen(b, t)
	t.batch = nil
	p.tracker.end(t)
	switch {
	case t.function:
		p.describeFunction(b, root, t)
		b.move(p.takeLate())
		b.invocation = true
	case t.initializing(p):
		p.initial = p.initial.orNew()
		p.initial.move(b)
		b = nil
	case p.config.lambda && p.started.Load():
		// Beside or between invocations. The next one's flush takes it along.
		b = p.keepLate(b)
	default:
		b.move(p.takeLate())
	}
	if t.stopTimer() {
		p.tracker.recycle(t)
	} else if b != nil {
		b.after = &t.sending
	}
	return b
}

// addOpen adds to b, as in progress, the spans of t that are open and have finished
// spans beneath them: these would hang beneath a parent that nobody writes. Where
// the span still ends, its complete document replaces this one.
func (p *Processor) addOpen(b *batch, t *tree) {
	open := t.spans[:t.open]
	for _, ts := range open {
		if !ts.needed {
			continue
		}
		for up := ts.parentSpan(); up != nil && !up.needed; up = up.parentSpan() {
			up.needed = true
		}
	}
	for _, ts := range open {
		if ts.needed {
			p.add(b, ts, ts.span, p.resources.get(ts.span.Resource()))
		}
		if ts.lost {
			p.adopted.keep(ts.key, t.key)
		}
	}
}

// endLate keeps a span that has no tree any more. Outside Lambda nothing freezes
// and the next root may be long in coming, so there it goes out at once.
func (p *Processor) endLate(s sdktrace.ReadOnlySpan, key spanKey, res *preparedResource) *batch {
	if p.config.lambda && !p.invoked.Load() {
		if p.keepInitial() {
			p.initial = p.initial.orNew()
			p.initial.add(s, res.mapped)
		}
		return nil
	}
	p.late = p.late.orNew()
	mapped := res.mapped
	function, lost := p.adopted.take(key)
	if !lost && p.config.lambda && !s.Parent().SpanID().IsValid() {
		mapped = res.apart()
	}
	span := p.late.add(s, mapped)
	if lost {
		p.late.adopt(span, function)
	}
	if p.config.lambda && !p.late.full() {
		return nil
	}
	return p.takeLate()
}

// keepLate adds b to what waits for the next invocation, and returns all of it if
// that is too much to wait.
func (p *Processor) keepLate(b *batch) *batch {
	p.late = p.late.orNew()
	p.late.move(b)
	if p.late.full() {
		return p.takeLate()
	}
	return nil
}

func (p *Processor) takeLate() *batch {
	b := p.late
	p.late = nil
	return b
}

// moveFinished moves what [tracker.takeFinished] takes to b.
func (p *Processor) moveFinished(b *batch, t *tree) {
	if len(t.batch.spans) == 0 || t.initializing(p) {
		return
	}
	b.move(p.tracker.takeFinished(t))
}

// abandon stops following t, the oldest of too many trees. Its spans go out when
// they end, by themselves. It returns what is left to do without the lock.
func (p *Processor) abandon(t *tree) (after func()) {
	report := p.reports.abandoned(t.top.span)
	p.exporter.abandoned.Add(1)
	b := t.batch
	b.move(t.initial)
	t.batch, t.initial = nil, nil
	p.tracker.end(t)
	if t.stopTimer() {
		defer p.tracker.recycle(t)
	}
	if t.initializing(p) {
		p.initial = p.initial.orNew()
		p.initial.move(b)
		return report
	}
	if b = p.keepLate(b); b == nil {
		return report
	}
	return func() {
		report()
		p.flush(b)
	}
}
