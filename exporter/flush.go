package exporter

// maxExports is how many exports run at the same time, those of invocations aside. A
// program that handles more requests at once has some of them wait for the next
// export. It is there for an [Emitter] whose spans cannot be told from others: outside
// Lambda each would cause an export beneath the one that made it, until the stack
// overflows.
const maxExports = 64

// flush exports b and reports what goes wrong.
func (p *Processor) flush(b *batch) {
	if p.exporting.Add(1) > maxExports && !b.invocation {
		p.exporting.Add(-1)
		p.hold(b)
		return
	}
	defer p.exporting.Add(-1)
	mapErr, emitErr := p.exporter.exportWithin(p.config.exportTimeout, b)
	b.free()
	p.reports.export(mapErr, emitErr)
}

// hold keeps b for the next export; what is too much is lost.
func (p *Processor) hold(b *batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = p.late.orNew()
	p.late.move(b)
	if p.late.full() {
		p.exporter.lostSpans.Add(uint64(len(p.late.spans)))
		p.takeLate().free()
	}
}
