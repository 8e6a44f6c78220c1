package xray

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"unique"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// entry is one segment or subsegment without its children. Documents are taken
// apart into entries, so that parts which arrive twice, late, nested or alone meet
// by their ids.
type entry struct {
	doc     *segment.Document
	key     string // its id
	parent  string // key of the enclosing document, or parent_id
	segment bool
	arrival uint64 // of the document it came in
}

// entries takes a document apart.
func entriesOf(d *segment.Document, arrival uint64) []*entry {
	var list []*entry
	var add func(d *segment.Document, parent string, isSegment bool)
	add = func(d *segment.Document, parent string, isSegment bool) {
		children := d.Subsegments
		d.Subsegments = nil
		list = append(list, &entry{doc: d, key: d.ID, parent: parent, segment: isSegment, arrival: arrival})
		for i, child := range children {
			if child == nil {
				continue
			}
			if child.ID == "" { // illegal, but still worth showing
				child.ID = fmt.Sprintf("%s/%d", d.ID, i)
			}
			add(child, d.ID, false)
		}
	}
	add(d, d.ParentID, d.Type != "subsegment")
	return list
}

// replaces reports whether e takes the place of an entry with its id: a complete
// one that of one in progress, whichever came first; of two complete ones, and of
// two in progress, the later counts.
func (e *entry) replaces(old *entry) bool {
	return old == nil || !e.doc.InProgress || old.doc.InProgress
}

// compiledTrace is a trace put together from its entries. It does not change.
type compiledTrace struct {
	id      string
	parts   map[string]*part
	tops    []*part // segments, orphaned subsegments and inferred segments, by start time
	start   float64 // seconds since 1970
	end     float64
	partial bool // something is in progress
}

// part is a segment or subsegment in its place.
type part struct {
	*entry
	start, end float64 // seconds since 1970; end is start while in progress
	children   []*part // by start time
	top        *part   // the segment it is in, or the orphan at its root
	node       node    // of a segment
	inferred   bool
	order      int // of a top among those of its trace
}

// compileTrace puts the entries in their places. Subsegments without a parent in
// the trace are kept on top, as are those in a cycle.
func compileTrace(id string, entries map[string]*entry) *compiledTrace {
	list := slices.Collect(maps.Values(entries))
	t := &compiledTrace{id: id, parts: make(map[string]*part, len(list)), start: math.Inf(1)}
	parts := make([]*part, len(list))
	for i, e := range list {
		p := &part{entry: e, start: seconds(e.doc.StartTime), end: seconds(e.doc.EndTime)}
		if p.start == 0 { // not known: it must not make the trace begin in 1970
			p.start = p.end
		}
		if e.doc.InProgress || p.end < p.start {
			p.end = p.start
		}
		if e.segment {
			p.node = unique.Make(nodeName{e.doc.Name, e.doc.Origin})
		}
		parts[i], t.parts[e.key] = p, p
		if p.start > 0 {
			t.start, t.end = min(t.start, p.start), max(t.end, p.end)
		}
		t.partial = t.partial || e.doc.InProgress
	}
	if math.IsInf(t.start, 1) {
		t.start = 0
	}
	slices.SortFunc(parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.arrival, b.arrival), cmp.Compare(a.key, b.key))
	})
	for _, p := range parts {
		if parent := t.parts[p.parent]; !p.segment && parent != nil && parent != p {
			parent.children = append(parent.children, p)
		} else {
			t.tops = append(t.tops, p)
		}
	}
	for _, p := range t.tops {
		p.settle(p)
	}
	for _, p := range parts {
		if p.top == nil { // in a cycle: cut it here
			parent := t.parts[p.parent]
			parent.children = slices.DeleteFunc(parent.children, func(c *part) bool { return c == p })
			t.tops = append(t.tops, p)
			p.settle(p)
		}
	}
	t.infer(parts)
	slices.SortStableFunc(t.tops, func(a, b *part) int { return cmp.Compare(a.start, b.start) })
	for i, p := range t.tops {
		p.order = i
	}
	return t
}

func (p *part) settle(top *part) {
	p.top = top
	for _, c := range p.children {
		c.settle(top)
	}
}

// infer adds a segment for each downstream call whose other side sent none.
func (t *compiledTrace) infer(parts []*part) {
	answered := make(map[string]bool) // subsegments with a segment beneath
	for _, p := range parts {
		if p.segment {
			answered[p.parent] = true
		}
	}
	for _, p := range parts {
		if !p.isCall() || answered[p.key] || p.doc.HTTP != nil && p.doc.HTTP.Request.Traced {
			continue
		}
		name, service := inferredNode(p.doc)
		doc := &segment.Document{
			Name:       service,
			ID:         inferredID(p.doc.ID),
			TraceID:    t.id,
			ParentID:   p.doc.ID,
			StartTime:  p.doc.StartTime,
			EndTime:    p.doc.EndTime,
			InProgress: p.doc.InProgress,
			Origin:     name.typ,
			Inferred:   true,
			Error:      p.doc.Error,
			Throttle:   p.doc.Throttle,
			Fault:      p.doc.Fault,
			HTTP:       p.doc.HTTP,
			AWS:        p.doc.AWS,
		}
		in := &part{
			entry: &entry{doc: doc, key: doc.ID, parent: p.key, segment: true, arrival: p.arrival},
			start: p.start, end: p.end, inferred: true, node: unique.Make(name),
		}
		in.top = in
		t.tops = append(t.tops, in)
		t.parts[doc.ID] = in
	}
}

// isCall reports whether a part is a downstream call, which makes a node.
func (p *part) isCall() bool {
	return !p.segment && (p.doc.Namespace == "aws" || p.doc.Namespace == "remote")
}

// inferredID derives the id of an inferred segment from its subsegment's.
func inferredID(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 8 {
		return id + "/inferred"
	}
	return mapping.DeriveID([8]byte(b), mapping.PartInferred).String()
}

// callerOf returns the call that led to a segment, as seen by the caller, and the
// top of what made it. Without a caller in the trace both are nil.
func (t *compiledTrace) callerOf(p *part) (call, caller *part) {
	parent := t.parts[p.parent]
	switch {
	case parent == nil || parent == p:
		return nil, nil
	case parent.isCall():
		return parent, parent.top
	}
	return p, parent.top // nobody recorded the call: the segment speaks for it
}

// root returns the part that stands for the trace: the first segment that nobody in
// the trace called, else whatever is first. The trace is not empty.
func (t *compiledTrace) root() *part {
	for _, p := range t.tops {
		if _, caller := t.callerOf(p); p.segment && caller == nil {
			return p
		}
	}
	return t.tops[0]
}

// walk calls f with p and all that is nested in it.
func (p *part) walk(f func(*part)) {
	f(p)
	for _, c := range p.children {
		c.walk(f)
	}
}

// lastEnd returns the time at which the last part in p ended: a segment may be
// outlived by its subsegments, as an asynchronous invocation's is.
func (p *part) lastEnd() float64 {
	end := p.end
	for _, c := range p.children {
		end = max(end, c.lastEnd())
	}
	return end
}

// document returns the part with all that is nested in it.
func (p *part) document() *segment.Document {
	d := *p.doc
	if p.top != p { // as if it had been sent nested
		d.TraceID, d.ParentID, d.Type = "", "", ""
	}
	for _, c := range p.children {
		d.Subsegments = append(d.Subsegments, c.document())
	}
	return &d
}

func (t *compiledTrace) documents() []*segment.Document {
	docs := make([]*segment.Document, len(t.tops))
	for i, p := range t.tops {
		docs[i] = p.document()
	}
	return docs
}

// seconds reads a time; what is none counts as 0.
func seconds(n json.Number) float64 {
	f, err := n.Float64()
	if err != nil || !(f >= 0 && f <= segment.MaxTime) {
		return 0
	}
	return f
}

// between returns the seconds from start to end, to the microsecond: a double that
// counts from 1970 has no more digits than that.
func between(start, end float64) float64 { return math.Round((end-start)*1e6) / 1e6 }
