package xray

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"unique"
)

// flat is all that is asked of a trace in lists, filters and aggregates, without
// its documents: about 1 kB. It does not change; a trace that changes gets another.
type flat struct {
	id       string
	start    float64 // seconds since 1970
	end      float64
	partial  bool   // something is in progress
	exceeded bool   // it has more documents than are kept
	root     int    // index in segments
	orphan   string // its name, if it is no segment
	segments []flatSegment
	edges    []flatEdge
	links    []flatLink
	notes    []note // annotations and users

	documents, bytes, violations int
}

// flatSegment is a segment, an inferred one too, or a subsegment whose segment has
// not arrived.
type flatSegment struct {
	id       string
	node     node // the zero node on an orphan
	outcome  outcome
	inferred bool
	entry    bool    // nobody in the trace called it, and it is a segment
	start    float64 // seconds since 1970
	response int64   // microseconds
	duration int64   // microseconds, until the last of its subsegments ended
	init     int64   // microseconds of its Initialization; -1: it has none
	facts    unique.Handle[facts]
}

// facts are what only some segments have. Most are alike from trace to trace, so
// they are kept once.
type facts struct {
	method, url, agent, ip string
	status                 int
	account, arn           string
	instance, zone         string
}

// flatEdge is a call from one segment to another as the caller saw it.
type flatEdge struct {
	from, to int32 // indexes in segments
	outcome  outcome
	call     string // id of what recorded it
	start    float64
	micros   int64
	facts    unique.Handle[facts]
}

// flatLink is a link to another trace.
type flatLink struct {
	own     int    // index in segments
	trace   string // the other one
	segment string // there
	from    node   // of it; the zero node while that trace is not known
	age     int64  // microseconds from there to here
}

// note is an annotation; the key of a user is userNote.
type note struct {
	key     string
	value   any   // string, float64 or bool
	segment int32 // index in segments
	call    int32 // index in edges of the call that it is on; -1: it is on none
}

// userNote cannot be the key of an annotation: those have no control characters.
const userNote = "\x00user"

// flatten makes the summary of a trace that is not empty.
func (t *compiledTrace) flatten() *flat {
	f := &flat{id: t.id, start: t.start, end: t.end, partial: t.partial, segments: make([]flatSegment, len(t.tops))}
	root := t.root()
	if !root.segment {
		f.orphan = intern(root.doc.Name)
	}
	edges, notes := 0, 0
	for _, p := range t.parts {
		if p.segment {
			edges++
		}
		notes += len(p.doc.Annotations)
		if p.doc.User != "" {
			notes++
		}
	}
	f.edges, f.notes = make([]flatEdge, 0, edges), make([]note, 0, notes)
	for i, top := range t.tops {
		if top == root {
			f.root = i
		}
		s := &f.segments[i]
		*s = flatSegment{
			id: top.key, outcome: top.outcome(), inferred: top.inferred, start: top.start,
			response: micros(top.start, top.end), duration: micros(top.start, top.lastEnd()), init: -1, facts: top.facts(),
		}
		if top.segment {
			s.node = top.node
			f.flattenCall(t, top, s)
		}
		for _, c := range top.children {
			if c.doc.Name == "Initialization" || c.doc.Name == "Init" {
				s.init = max(s.init, 0) + micros(c.start, c.end)
			}
		}
		for _, l := range top.doc.Links {
			f.links = append(f.links, flatLink{own: i, trace: l.TraceID, segment: l.ID})
		}
	}
	for _, top := range t.tops {
		top.walk(f.takeNotes)
	}
	return f
}

func (f *flat) flattenCall(t *compiledTrace, top *part, s *flatSegment) {
	call, caller := t.callerOf(top)
	switch {
	case caller == nil:
		s.entry = true
	case caller.segment:
		f.edges = append(f.edges, flatEdge{
			from: int32(caller.order), to: int32(top.order), call: call.key,
			outcome: call.outcome(), start: call.start, micros: micros(call.start, call.end), facts: call.facts(),
		})
	}
	// What is left hangs on a subsegment whose own segment has not arrived: its
	// caller is somebody, but nobody knows who.
}

func (f *flat) takeNotes(p *part) {
	if p.doc.User == "" && len(p.doc.Annotations) == 0 {
		return
	}
	call := int32(-1)
	if p.isCall() {
		call = int32(slices.IndexFunc(f.edges, func(e flatEdge) bool { return e.call == p.key }))
	}
	if p.doc.User != "" {
		f.notes = append(f.notes, note{userNote, intern(p.doc.User), int32(p.top.order), call})
	}
	if len(p.doc.Annotations) == 0 {
		return
	}
	keys := make([]string, 0, len(p.doc.Annotations))
	for key := range p.doc.Annotations {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		switch v := p.doc.Annotations[key].(type) {
		case string:
			f.notes = append(f.notes, note{intern(key), intern(v), int32(p.top.order), call})
		case float64, bool:
			f.notes = append(f.notes, note{intern(key), v, int32(p.top.order), call})
		case json.Number:
			if n, err := v.Float64(); err == nil {
				f.notes = append(f.notes, note{intern(key), n, int32(p.top.order), call})
			}
		}
	}
}

// outcome is what X-Ray counts a request as: a fault, else throttled, else another
// error, else ok.
func (p *part) outcome() outcome {
	switch {
	case p.doc.InProgress:
		return pending
	case p.doc.Fault:
		return fault
	case p.doc.Throttle:
		return throttled
	case p.doc.Error:
		return clientError
	}
	return ok
}

func (p *part) facts() unique.Handle[facts] {
	var f facts
	if h := p.doc.HTTP; h != nil {
		f.method, f.url, f.agent, f.ip = h.Request.Method, h.Request.URL, h.Request.UserAgent, h.Request.ClientIP
		f.status = h.Response.Status
	}
	f.arn = p.doc.ResourceARN
	f.account = oneString(p.doc.AWS["account_id"])
	if ec2, ok := p.doc.AWS["ec2"].(map[string]any); ok {
		f.instance, f.zone = oneString(ec2["instance_id"]), oneString(ec2["availability_zone"])
	}
	return unique.Make(f)
}

// micros is a duration in microseconds.
func micros(start, end float64) int64 { return int64(math.Round((end - start) * 1e6)) }

func (f *flat) rootSegment() *flatSegment { return &f.segments[f.root] }

// name returns name and type of a segment's node; an orphan has none.
func (s *flatSegment) name() nodeName {
	if s.node == (node{}) {
		return nodeName{}
	}
	return s.node.Value()
}

func (s *flatSegment) known() facts { return s.facts.Value() }

// find returns the node of the segment with the id, or of the call that it answers.
func (f *flat) find(id string) (n node, start float64, found bool) {
	for i := range f.segments {
		if s := &f.segments[i]; s.id == id && s.node != (node{}) {
			return s.node, s.start, true
		}
	}
	for _, e := range f.edges {
		if e.call == id {
			return f.segments[e.to].node, e.start + float64(e.micros)/1e6, true
		}
	}
	return node{}, 0, false
}

func (f *flat) minute() int64 { return int64(math.Floor(f.start / 60)) }

// compareStart orders by start, then id.
func compareStart(a, b *flat) int {
	return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id))
}

// clientOf is the node that stands for who calls n.
func clientOf(n node) node { return unique.Make(nodeName{n.Value().name, typeClient}) }
