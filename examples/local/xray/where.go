package xray

import (
	"cmp"
	"slices"
)

// where says where the response time of a trace went. It walks back from the end of
// the response to the part that ended last, and on from that one's start: every
// instant belongs to just one part, so the seconds add up to response, which is in
// microseconds.
func (t *compiledTrace) where(response int64) []PagePart {
	w := walker{t: t, below: map[*part][]*part{}}
	root := t.root()
	for _, p := range t.parts {
		if above := w.above(p); above != nil {
			w.below[above] = append(w.below[above], p)
		}
	}
	w.origin = root.start
	w.cover(root, 0, response, nil)
	slices.Reverse(w.parts)
	out := make([]PagePart, len(w.parts))
	for i, s := range w.parts {
		out[i] = PagePart{
			Segment: s.of.key, Name: s.of.doc.Name, Kind: s.kind, Start: root.start + float64(s.from)/1e6, Seconds: float64(s.to-s.from) / 1e6,
			Beside: []string{},
		}
		for _, p := range s.beside {
			out[i].Beside = addOnce(out[i].Beside, p.doc.Name)
		}
	}
	return out
}

type walker struct {
	t      *compiledTrace
	origin float64
	below  map[*part][]*part
	parts  []stretch // from the last to the first
}

// stretch is a time that a part is responsible for, in microseconds since the
// response began.
type stretch struct {
	of       *part
	kind     string
	from, to int64
	beside   []*part
}

// above returns the part whose time p divides: its parent, or, for what went before
// that began, as Initialization does, the parent of that.
func (w *walker) above(p *part) *part {
	parent := w.t.parts[p.parent]
	if parent == nil || parent == p || p.inferred {
		return nil
	}
	if p.end <= parent.start && parent != w.t.root() {
		if further := w.t.parts[parent.parent]; further != nil && further != parent && further != p {
			return further
		}
	}
	return parent
}

func (w *walker) at(seconds float64) int64 { return micros(w.origin, seconds) }

// cover divides the time of p from from to to.
func (w *walker) cover(p *part, from, to int64, beside []*part) {
	children := w.below[p]
	delete(w.below, p) // each once, whatever the parents of broken documents are
	for at := to; ; {
		var last *part
		var lastEnd, lastStart int64
		for _, c := range children {
			start, end := max(w.at(c.start), from), min(w.at(c.end), at)
			if end > start && (last == nil || cmp.Or(cmp.Compare(end, lastEnd), cmp.Compare(lastStart, start)) > 0) {
				last, lastEnd, lastStart = c, end, start
			}
		}
		if last == nil {
			w.own(p, from, at, beside)
			return
		}
		w.own(p, lastEnd, at, beside)
		with := slices.Clone(beside)
		for _, c := range children {
			if c != last && min(w.at(c.end), lastEnd) > max(w.at(c.start), lastStart) {
				with = append(with, c)
			}
		}
		w.cover(last, lastStart, lastEnd, with)
		at = lastStart
	}
}

// own gives a stretch to p itself, or to the segment that it is a custom part of.
func (w *walker) own(p *part, from, to int64, beside []*part) {
	if to <= from {
		return
	}
	kind := "own"
	switch {
	case p.doc.Name == "Initialization" || p.doc.Name == "Init" || p.doc.Name == "Restore":
		kind = "init"
	case p.doc.Name == "Dwell Time":
		kind = "dwell"
	case p.isCall():
		kind = "call"
	case p.top.doc.Origin == "AWS::Lambda":
		kind, p = "overhead", p.top
	case !p.segment && p.top.segment:
		p = p.top
	}
	if n := len(w.parts); n > 0 && w.parts[n-1].of == p && w.parts[n-1].from == to && w.parts[n-1].kind == kind {
		w.parts[n-1].from = from
		w.parts[n-1].beside = append(w.parts[n-1].beside, beside...)
		return
	}
	w.parts = append(w.parts, stretch{p, kind, from, to, beside})
}
