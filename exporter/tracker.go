package exporter

import (
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Limits of what is tracked. What exceeds them is no longer followed: it goes out
// when it ends, by itself and not with its tree.
const (
	maxTrees = 1024    // local roots that have not ended
	maxOpen  = 8 << 10 // open spans beneath one of them
)

// tracker knows the open spans of this process and the trees they belong to. A
// [Processor]'s lock guards it.
//
// It groups by local root and never by trace: two invocations may share one.
type tracker struct {
	// spans holds open spans, and those that have ended while their root has not:
	// their children may come late.
	spans map[spanKey]*trackedSpan

	// The trees whose root has not ended, from the oldest on.
	oldest, newest *tree
	trees          int
	functions      int // how many of them are invocations

	freeSpans []*trackedSpan
	freeTrees []*tree
}

// spanKey is unique to a span in this process.
type spanKey struct {
	trace trace.TraceID
	span  trace.SpanID
}

func keyOf(sc trace.SpanContext) spanKey {
	return spanKey{trace: sc.TraceID(), span: sc.SpanID()}
}

// trackedSpan is a span of a tree.
type trackedSpan struct {
	key    spanKey
	tree   *tree
	parent *trackedSpan           // by which above finds it; nil: the root
	above  trace.SpanID           // the parent's id
	span   sdktrace.ReadWriteSpan // nil: it has ended
	at     int                    // its place in tree.spans

	// lost says that it is, or is beneath, a span that lost its context: it has a
	// trace of its own.
	lost bool
	// needed says that a span beneath it has ended, so it must not stay out.
	needed bool
}

// parentSpan returns the span above ts, or nil if that is not followed (any more).
func (ts *trackedSpan) parentSpan() *trackedSpan {
	if p := ts.parent; p != nil && p.key.span == ts.above { // not reused for another
		return p
	}
	return nil
}

// The spans of a tree of usual size are kept for reuse, and so many trees: what one
// process runs at the same time.
const (
	maxFreeSpans = 2048
	maxFreeTrees = 64
)

// begin starts the tree of the local root s.
func (tr *tracker) begin(r root, s sdktrace.ReadWriteSpan) *tree {
	var t *tree
	if n := len(tr.freeTrees); n > 0 {
		t, tr.freeTrees[n-1] = tr.freeTrees[n-1], nil
		tr.freeTrees = tr.freeTrees[:n-1]
	} else {
		t = new(tree)
	}
	t.root, t.batch = r, newBatch()
	t.older = tr.newest
	if t.older == nil {
		tr.oldest = t
	} else {
		t.older.newer = t
	}
	tr.newest = t
	tr.trees++
	if r.function {
		tr.functions++
	}
	t.top = tr.track(t, nil, r.key, s)
	return t
}

// track follows the span s of t.
func (tr *tracker) track(t *tree, parent *trackedSpan, key spanKey, s sdktrace.ReadWriteSpan) *trackedSpan {
	var ts *trackedSpan
	if n := len(tr.freeSpans); n > 0 {
		ts, tr.freeSpans = tr.freeSpans[n-1], tr.freeSpans[:n-1]
	} else {
		ts = new(trackedSpan)
	}
	*ts = trackedSpan{key: key, tree: t, span: s}
	if parent != nil {
		ts.parent, ts.above, ts.lost = parent, parent.key.span, parent.lost
	}
	tr.spans[key] = ts
	t.push(ts)
	return ts
}

// forget stops following the spans of t from the n-th on.
func (tr *tracker) forget(t *tree, n int) {
	for _, ts := range t.spans[n:] {
		delete(tr.spans, ts.key)
		*ts = trackedSpan{}
		if len(tr.freeSpans) < maxFreeSpans {
			tr.freeSpans = append(tr.freeSpans, ts)
		}
	}
	clear(t.spans[n:])
	t.spans = t.spans[:n]
}

// end takes t, whose root has ended, out of the list and forgets its spans. Those
// that are still open are late from now on, and nothing is kept of them: they may
// never end.
func (tr *tracker) end(t *tree) {
	tr.forget(t, 0)
	if t.older == nil {
		tr.oldest = t.newer
	} else {
		t.older.newer = t.newer
	}
	if t.newer == nil {
		tr.newest = t.older
	} else {
		t.newer.older = t.older
	}
	t.older, t.newer = nil, nil
	tr.trees--
	if t.function {
		tr.functions--
	}
}

// recycle keeps t, which has ended, for reuse.
func (tr *tracker) recycle(t *tree) {
	if len(tr.freeTrees) < maxFreeTrees && cap(t.spans) <= maxFreeSpans {
		*t = tree{spans: t.spans, timer: t.timer}
		tr.freeTrees = append(tr.freeTrees, t)
	}
}

// newestFunction returns the invocation that started last of those that run, or nil.
func (tr *tracker) newestFunction() *tree {
	if tr.functions == 0 {
		return nil
	}
	t := tr.newest
	for !t.function {
		t = t.older
	}
	return t
}
