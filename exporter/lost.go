package exporter

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// invocationOf returns the running invocation that an orphan belongs to, a span
// without parent that started with a context from nowhere: a helper that lost the
// handler's. It is beneath the invocation, and never a second one. Where several
// run nobody can tell which: then it returns nil and r is set apart. It reports
// whether a context was lost: while nothing runs there was none to lose.
func (p *Processor) invocationOf(r *root) (inv *tree, lost bool) {
	newest := p.tracker.newestFunction()
	switch {
	case newest == nil:
		return nil, false
	case r.function && newest.scope == r.scope:
		// What makes the function spans has made another. Where there are no headers
		// this is all that tells two invocations from a server in a handler.
		return nil, false
	case p.tracker.functions > 1:
		r.function, r.apart, r.early = false, true, false
		return nil, true
	}
	return newest, true
}

// keyTraceID is metadata: the trace that a span has in OpenTelemetry.
const keyTraceID = attribute.Key("otel.trace.id")

// add appends the span of ts to b, the batch of its tree or a copy of that.
func (p *Processor) add(b *batch, ts *trackedSpan, s sdktrace.ReadOnlySpan, res *preparedResource) {
	t := ts.tree
	mapped := res.mapped
	if t.apart && !t.initializing(p) {
		mapped = res.apart()
	}
	span := b.add(s, mapped)
	if ts.lost {
		b.adopt(span, t.key)
	}
}

// adopt puts a lost span into the trace of the invocation with the function span
// to, and beneath it if it has no parent.
func (b *batch) adopt(span *mapping.Span, to spanKey) {
	if !span.ParentSpanID.IsValid() {
		span.ParentSpanID, span.Parent = to.span, mapping.ParentLocal
		b.addAttributes(span, keyTraceID.String(span.TraceID.String()))
	}
	span.TraceID = to.trace
}

// adopted has the lost spans that were open when their invocation ended, and that.
type adopted map[spanKey]spanKey

// maxAdopted bounds them, as they may never end.
const maxAdopted = 256

func (a *adopted) keep(span, function spanKey) {
	if *a == nil {
		*a = make(adopted)
	}
	if len(*a) < maxAdopted {
		(*a)[span] = function
	}
}

// take returns and forgets the function span of the invocation of span.
func (a adopted) take(span spanKey) (function spanKey, ok bool) {
	if function, ok = a[span]; ok {
		delete(a, span)
	}
	return function, ok
}
