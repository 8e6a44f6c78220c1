package mapping

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/trace"
)

// role is what a span becomes in X-Ray's model.
type role uint8

const (
	// roleSubsegment: nested in its parent's document, or independent where the
	// parent is elsewhere.
	roleSubsegment role = iota
	// roleFunction: a function span beneath the platform's function segment.
	roleFunction
	// roleFunctionSegment: a function span that is the function segment.
	roleFunctionSegment
	// roleSegment: the segment of an ordinary service.
	roleSegment
	// roleDependency: a downstream call with no span of its own service above
	// it. It becomes a subsegment inside a segment made for it.
	roleDependency
)

// node is a span's place in the batch.
type node struct {
	id      trace.SpanID // the document's id: the span's, derived for a second span of the same id
	parent  int32        // node of the parent span, -1 if it is not in the batch
	first   int32        // first child in the same document, -1: none
	last    int32
	next    int32 // next sibling
	start   int   // the encoded span is body[start:end]
	end     int
	head    int // a roleDependency's segment is body[head:start]
	size    int // bytes of the span with the children that stay in its document
	role    role
	top     bool  // starts a document
	skip    bool  // not written: invalid, or superseded by its complete form
	orphan  bool  // counts as parentless: its parent chain is a cycle
	merged  bool  // a call whose node another call makes
	asked   bool  // open is known
	open    bool  // has not ended, or is marked as in progress
	caller  int32 // node of the call above, -1: none
	visited int32
	copies  int32 // spans of the same id so far, beside this first one
	latest  int32 // the last of them
}

// place builds the trees of the batch and gives every span its role.
func (b *batch) place() {
	n := len(b.spans)
	b.nodes = resize(b.nodes, n)
	b.order = resize(b.order, n)
	for i := range b.nodes {
		b.nodes[i] = node{id: b.spans[i].SpanID, parent: -1, first: -1, last: -1, next: -1}
		b.order[i] = int32(i)
	}
	slices.SortFunc(b.order, b.compare)
	b.indexIDs()
	for _, i := range b.order {
		b.nodes[i].parent = b.findParent(i)
	}
	b.breakCycles()
	for _, i := range b.order {
		nd := &b.nodes[i]
		if nd.skip {
			continue
		}
		nd.role = b.roleOf(i)
		p := nd.parent
		nd.top = nd.role != roleSubsegment || p < 0
		if nd.top {
			continue
		}
		// Children come in order of start time because the spans do.
		if b.nodes[p].first < 0 {
			b.nodes[p].first = i
		} else {
			b.nodes[b.nodes[p].last].next = i
		}
		b.nodes[p].last = i
	}
	b.listPreorder()
	b.mergeCalls()
}

// compare orders the spans by start time and id, so that the documents do not
// depend on the order in which the spans came.
func (b *batch) compare(x, y int32) int {
	s, t := &b.spans[x], &b.spans[y]
	if s.StartTime != t.StartTime {
		return cmp.Compare(s.StartTime, t.StartTime)
	}
	if k, l := spanKey(s.SpanID), spanKey(t.SpanID); k != l {
		return cmp.Compare(k, l)
	}
	return cmp.Or(
		bytes.Compare(s.TraceID[:], t.TraceID[:]),
		cmp.Compare(s.EndTime, t.EndTime),
		cmp.Compare(s.Name, t.Name),
		cmp.Compare(x, y),
	)
}

func spanKey(id trace.SpanID) uint64 { return binary.BigEndian.Uint64(id[:]) }

// indexIDs fills the table of span ids. It rejects spans without ids, lets a
// complete span supersede its in-progress form, drops a span that came twice, as a
// producer sends it again when no answer came, and gives a different one of the
// same id a derived id, so that X-Ray keeps both.
func (b *batch) indexIDs() {
	size := 16
	for size < 2*len(b.spans) {
		size *= 2
	}
	b.table = resize(b.table, size)
	clear(b.table)
	for _, i := range b.order {
		s := &b.spans[i]
		if !s.TraceID.IsValid() {
			b.reject(i, "TraceID", "all zero; a span needs the trace id that its tracer gave it")
			continue
		}
		if !s.SpanID.IsValid() {
			b.reject(i, "SpanID", "all zero; a span needs the id that its tracer gave it")
			continue
		}
		at, other := b.find(s.TraceID, s.SpanID)
		switch {
		case other < 0:
			b.table[at] = i + 1
		case b.isOpen(i):
			b.nodes[i].skip = true
		case b.isOpen(other):
			b.nodes[other].skip = true
			b.table[at] = i + 1
		case b.isRepeated(i, other):
			b.nodes[i].skip = true
		default:
			b.renumber(i, other)
		}
	}
}

func (b *batch) reject(i int32, field, fix string) {
	b.nodes[i].skip = true
	b.errs = append(b.errs, &SpanError{Name: b.spans[i].Name, Index: int(i), Field: field, Fix: fix})
}

// isRepeated reports whether span i is the first span of its id again, or the
// latest one.
func (b *batch) isRepeated(i, first int32) bool {
	latest := b.nodes[first].latest
	return sameSpan(&b.spans[i], &b.spans[first]) || latest != 0 && sameSpan(&b.spans[i], &b.spans[latest])
}

// renumber gives a span the next derived id that is free. The first span of its id
// counts, so that many of one id take no longer than as many others.
func (b *batch) renumber(i, first int32) {
	s := &b.spans[i]
	for {
		b.nodes[first].copies++
		id := DeriveID(s.SpanID, PartDuplicate+strconv.Itoa(int(b.nodes[first].copies)+1))
		if at, other := b.find(s.TraceID, id); other < 0 {
			b.table[at] = i + 1
			b.nodes[i].id = id
			b.nodes[first].latest = i
			return
		}
	}
}

// find returns the table place of an id, and its node or -1.
func (b *batch) find(traceID trace.TraceID, id trace.SpanID) (at int, node int32) {
	mask := uint64(len(b.table) - 1)
	h := spanKey(id) ^ binary.LittleEndian.Uint64(traceID[8:])
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15 >> 32 // ids that count in their first bytes differ too
	for ; ; h++ {
		i := b.table[h&mask] - 1
		if i < 0 || b.nodes[i].id == id && b.spans[i].TraceID == traceID {
			return int(h & mask), i
		}
	}
}

func (b *batch) findParent(i int32) int32 {
	s := &b.spans[i]
	if b.nodes[i].skip || !s.ParentSpanID.IsValid() || s.ParentSpanID == s.SpanID {
		return -1
	}
	_, p := b.find(s.TraceID, s.ParentSpanID)
	return p
}

// breakCycles makes the earliest span of every parent cycle parentless.
func (b *batch) breakCycles() {
	for n, i := range b.order {
		mark := int32(n + 1)
		at := i
		for at >= 0 && b.nodes[at].visited == 0 {
			b.nodes[at].visited = mark
			at = b.nodes[at].parent
		}
		if at < 0 || b.nodes[at].visited != mark {
			continue
		}
		first := at
		for c := b.nodes[at].parent; c != at; c = b.nodes[c].parent {
			if b.before(c, first) {
				first = c
			}
		}
		b.nodes[first].parent = -1
		b.nodes[first].orphan = true
	}
}

func (b *batch) before(x, y int32) bool {
	s, t := &b.spans[x], &b.spans[y]
	if s.StartTime != t.StartTime {
		return s.StartTime < t.StartTime
	}
	return spanKey(b.nodes[x].id) < spanKey(b.nodes[y].id)
}

// parentless reports whether nothing lies above span i in its trace.
func (b *batch) parentless(i int32) bool {
	s := &b.spans[i]
	return !s.ParentSpanID.IsValid() || s.ParentSpanID == s.SpanID || b.nodes[i].orphan
}

// remoteParent reports whether span i has a parent in another process.
func (b *batch) remoteParent(i int32) bool {
	s := &b.spans[i]
	if s.Parent != ParentUnknown {
		return s.Parent == ParentRemote
	}
	p := b.nodes[i].parent
	return p < 0 || !sameResource(s, &b.spans[p])
}

// roleOf places a span in the Lambda X-Ray model. A function span is a SERVER
// or CONSUMER span of a Lambda resource whose parent is remote or absent, or one with
// a remote parent that says itself that it is an invocation; it is a segment only where
// the platform writes none.
func (b *batch) roleOf(i int32) role {
	s := &b.spans[i]
	sdk := s.Kind == trace.SpanKindConsumer && isSDKCall(s)
	server := s.Kind == trace.SpanKindServer || s.Kind == trace.SpanKindConsumer && !sdk
	top := b.parentless(i)
	if resourceOf(s).lambda && server {
		switch {
		case top:
			return roleFunctionSegment // there is nothing to be beneath
		case !b.remoteParent(i):
			return roleSubsegment
		case b.owner(s) == FunctionSegmentOwn:
			return roleFunctionSegment
		}
		return roleFunction
	}
	if server && !top && b.remoteParent(i) && b.owner(s) != FunctionSegmentOwn && isInvocation(s) {
		return roleFunction // of a provider whose resource does not say that it is a function
	}
	// In a function what has a parent is beneath the function segment, whatever
	// a producer calls local root: another segment would be another Lambda node.
	root := top || !resourceOf(s).lambda && b.nodes[i].parent < 0 && s.Parent != ParentLocal && isLocalRoot(s)
	switch {
	case root && (s.Kind == trace.SpanKindClient || s.Kind == trace.SpanKindProducer):
		return roleDependency
	case root && (sdk || s.Kind == trace.SpanKindConsumer && hasRemoteService(s)):
		return roleDependency
	case root, server && !b.inside(i):
		return roleSegment
	}
	return roleSubsegment
}

// inside reports whether a SERVER or CONSUMER span is within the service of its
// parent: a message handled on its own, a server in the same process. Where the
// producer does not say, a parent that calls is the other side of the request.
func (b *batch) inside(i int32) bool {
	s, p := &b.spans[i], b.nodes[i].parent
	if b.remoteParent(i) {
		return false
	}
	if p < 0 {
		return true
	}
	above := &b.spans[p]
	if s.Parent == ParentUnknown && (above.Kind == trace.SpanKindClient || above.Kind == trace.SpanKindProducer) {
		return false
	}
	return localService(s) == localService(above)
}

func (b *batch) owner(s *Span) FunctionSegment {
	if o := b.encoder.config.functionSegment; o != FunctionSegmentAuto {
		return o
	}
	return s.FunctionSegment
}

// isOpen is isOpen of a node's span, read once however many have its id.
func (b *batch) isOpen(i int32) bool {
	nd := &b.nodes[i]
	if !nd.asked {
		nd.asked, nd.open = true, isOpen(&b.spans[i])
	}
	return nd.open
}

// listPreorder lists the nodes document by document, parents before children.
func (b *batch) listPreorder() {
	b.preorder = b.preorder[:0]
	for _, root := range b.order {
		if b.nodes[root].skip || !b.nodes[root].top {
			continue
		}
		for at := root; at >= 0; {
			b.preorder = append(b.preorder, at)
			next := b.nodes[at].first
			for next < 0 && at != root {
				next = b.nodes[at].next
				at = b.nodes[at].parent
			}
			at = next
		}
	}
}
