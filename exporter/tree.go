package exporter

import (
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// tree is a local root, the topmost span of this process, with all spans beneath
// it. With a function span as its root it is an invocation. The Processor's lock
// guards it.
type tree struct {
	root
	top     *trackedSpan   // the root
	first   bool           // its function span is the first of the process
	spans   []*trackedSpan // the root included; open ones come first
	open    int            // how many are
	batch   *batch         // the spans that have ended; nil: the root is among them
	initial *batch         // the spans of initialization that this invocation carries; nil: none
	sent    bool           // those went out at the deadline, in a document of their own

	older, newer *tree // in the tracker's list

	timer *time.Timer // made once, for onDeadline
	armed bool
	// sending is held while the open spans are exported. The end waits for it:
	// the complete documents come second, and nothing of ours is left for the
	// freeze.
	sending sync.Mutex
}

// root is what the start of a local root says about what lies beneath it.
type root struct {
	key      spanKey
	function bool   // it is a function span: the tree is an invocation
	scope    string // that made it; of function spans only
	orphan   bool   // in Lambda, and nothing says where it comes from
	early    bool   // it started where no invocation was known: maybe initialization
	apart    bool   // in Lambda, but no part of an invocation: no segment of it is Lambda's

	// Of function spans only.
	owner    mapping.FunctionSegment
	link     mapping.Link // to the platform's segment in another trace; zero: none
	deadline time.Time    // zero: none
}

// push adds ts, which is open.
func (t *tree) push(ts *trackedSpan) {
	ts.at = len(t.spans)
	t.spans = append(t.spans, ts)
	t.swap(ts, t.open)
	t.open++
}

// close notes that ts has ended.
func (t *tree) close(ts *trackedSpan) {
	ts.span = nil
	t.open--
	t.swap(ts, t.open)
	if p := ts.parentSpan(); p != nil {
		p.needed = true
	}
}

// swap has ts change places with the span at to.
func (t *tree) swap(ts *trackedSpan, to int) {
	other := t.spans[to]
	t.spans[ts.at], other.at = other, ts.at
	t.spans[to], ts.at = ts, to
}

// takeFinished takes the finished spans out of a running tree. In their documents
// the children of open spans are independent subsegments.
func (tr *tracker) takeFinished(t *tree) *batch {
	b := t.batch
	t.batch = newBatch()
	tr.forget(t, t.open)
	return b
}
