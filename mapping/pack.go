package mapping

import (
	"cmp"
	"slices"
)

// Bytes that a document has around its spans.
const (
	subsegmentsOverhead = len(`,"subsegments":[]`)
	envelopeOverhead    = len(`"type":"subsegment","trace_id":"1-01234567-0123456789abcdef01234567","parent_id":"0123456789abcdef",`)
)

// tree returns the first tree of pre: a span that starts a document and all
// that are nested in it.
func (b *batch) tree(pre []int32) []int32 {
	n := 1
	for n < len(pre) && !b.nodes[pre[n]].top {
		n++
	}
	return pre[:n]
}

// encode writes every span of a tree once, in document order, into b.body.
func (b *batch) encode(tree []int32) {
	e := &b.encoder
	b.body = b.body[:0]
	for _, i := range tree {
		nd := &b.nodes[i]
		s := &b.spans[i]
		var parent *Span
		if nd.top {
			e.annotated = 0
		} else {
			parent = &b.spans[nd.parent]
		}
		e.begin(s, parent, nd.id, nd.role)
		e.merged = nd.merged
		nd.head = len(b.body)
		if nd.role == roleDependency {
			b.body = e.appendServiceSegment(b.body)
		}
		nd.start = len(b.body)
		room := b.encoder.config.budget - envelopeOverhead - subsegmentsOverhead - 4 - (nd.start - nd.head)
		b.body = e.appendSpan(b.body)
		if len(b.body)-nd.start > room {
			b.body = e.appendTrimmed(b.body[:nd.start], len(b.body)-nd.start, room)
			b.trimmed++
		}
		nd.end = len(b.body)
	}
}

// cut separates subtrees until every document of the tree fits the budget.
// Children are seen before their parents and the heaviest child goes first,
// which gives the fewest documents.
func (b *batch) cut(tree []int32) {
	budget := b.encoder.config.budget - envelopeOverhead
	for n := len(tree) - 1; n >= 0; n-- {
		i := tree[n]
		nd := &b.nodes[i]
		nd.size = nd.end - nd.start + len("{}")
		if nd.role == roleDependency {
			nd.size += nd.start - nd.head + subsegmentsOverhead + len("{}")
		}
		if nd.first < 0 {
			continue
		}
		nd.size += subsegmentsOverhead
		for c := nd.first; c >= 0; c = b.nodes[c].next {
			nd.size += b.nodes[c].size + len(",")
		}
		if nd.size > budget {
			b.cutChildren(nd, budget)
		}
	}
}

func (b *batch) cutChildren(nd *node, budget int) {
	b.children = b.children[:0]
	for c := nd.first; c >= 0; c = b.nodes[c].next {
		b.children = append(b.children, c)
	}
	slices.SortFunc(b.children, func(x, y int32) int {
		return cmp.Or(cmp.Compare(b.nodes[y].size, b.nodes[x].size), b.compare(x, y))
	})
	for _, c := range b.children {
		if nd.size <= budget {
			return
		}
		b.nodes[c].top = true
		nd.size -= b.nodes[c].size + len(",")
		b.split++
	}
}

// appendDocuments puts the encoded spans of a tree together.
func (b *batch) appendDocuments(docs [][]byte, tree []int32) [][]byte {
	for _, i := range tree {
		if !b.nodes[i].top {
			continue
		}
		n := len(docs)
		if n < cap(docs) {
			docs = docs[:n+1]
		} else {
			docs = append(docs, nil)
		}
		docs[n] = b.appendDocument(docs[n][:0], i)
	}
	return docs
}

func (b *batch) appendDocument(dst []byte, i int32) []byte {
	s := &b.spans[i]
	nd := &b.nodes[i]
	dst = append(dst, '{')
	if nd.role == roleSubsegment || nd.role == roleFunction {
		dst = append(dst, `"type":"subsegment",`...)
	}
	dst = append(dst, `"trace_id":`...)
	dst = appendTraceID(dst, s.TraceID)
	if !b.parentless(i) {
		dst = append(dst, `,"parent_id":`...)
		dst = appendSpanID(dst, s.ParentSpanID)
	}
	dst = append(dst, ',')
	if nd.role != roleDependency {
		return b.appendRest(dst, i)
	}
	dst = append(dst, b.body[nd.head:nd.start]...)
	dst = append(dst, `,"subsegments":[{`...)
	dst = b.appendRest(dst, i)
	return append(dst, ']', '}')
}

// appendRest writes an encoded span and the children that stay with it, up to
// its closing brace. The budget bounds the depth of the recursion.
func (b *batch) appendRest(dst []byte, i int32) []byte {
	nd := &b.nodes[i]
	dst = append(dst, b.body[nd.start:nd.end]...)
	open := false
	for c := nd.first; c >= 0; c = b.nodes[c].next {
		if b.nodes[c].top {
			continue
		}
		if open {
			dst = append(dst, ',', '{')
		} else {
			dst = append(dst, `,"subsegments":[{`...)
			open = true
		}
		dst = b.appendRest(dst, c)
	}
	if open {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
