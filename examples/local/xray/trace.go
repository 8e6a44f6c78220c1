package xray

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Trace is what BatchGetTraces returns of one trace.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Trace.html
type Trace struct {
	ID            string    `json:"Id"`
	Duration      float64   `json:"Duration"` // seconds, first start to last end
	LimitExceeded bool      `json:"LimitExceeded"`
	Segments      []Segment `json:"Segments"`
}

// Segment is one document of a [Trace].
type Segment struct {
	ID       string `json:"Id"`
	Document string `json:"Document"`
}

// compiledTrace is a trace put together from its entries.
type compiledTrace struct {
	id       string
	parts    map[string]*part
	tops     []*part // segments, orphaned subsegments and inferred segments, by start time
	start    float64 // seconds since 1970
	end      float64
	partial  bool // something is in progress
	exceeded bool
}

// part is a segment or subsegment in its place.
type part struct {
	*entry
	start, end float64 // seconds since 1970; end is start while in progress
	children   []*part // by start time
	top        *part   // the segment it is in, or the orphan at its root
	inferred   bool
	call       *part // of an inferred segment: the subsegment that called it
}

// compileTrace puts the entries in their places. Subsegments without a parent
// in the trace are kept on top, as are those in a cycle.
func compileTrace(id string, entries []*entry) *compiledTrace {
	slices.SortFunc(entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(seconds(a.doc.StartTime), seconds(b.doc.StartTime)), cmp.Compare(a.seq, b.seq), cmp.Compare(a.key, b.key))
	})
	t := &compiledTrace{id: id, parts: make(map[string]*part, len(entries)), start: math.Inf(1)}
	parts := make([]*part, len(entries))
	for i, e := range entries {
		p := &part{entry: e, start: seconds(e.doc.StartTime), end: seconds(e.doc.EndTime)}
		if e.doc.InProgress || p.end < p.start {
			p.end = p.start
		}
		parts[i], t.parts[e.key] = p, p
		t.start, t.end = min(t.start, p.start), max(t.end, p.end)
		t.partial = t.partial || e.doc.InProgress
	}
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
		name, origin := inferredNode(p.doc)
		doc := &segment.Document{
			Name:       name,
			ID:         inferredID(p.doc.ID),
			TraceID:    t.id,
			ParentID:   p.doc.ID,
			StartTime:  p.doc.StartTime,
			EndTime:    p.doc.EndTime,
			InProgress: p.doc.InProgress,
			Origin:     origin,
			Inferred:   true,
			Error:      p.doc.Error,
			Throttle:   p.doc.Throttle,
			Fault:      p.doc.Fault,
			HTTP:       p.doc.HTTP,
			AWS:        p.doc.AWS,
		}
		in := &part{
			entry: &entry{doc: doc, key: doc.ID, parent: p.key, segment: true},
			start: p.start, end: p.end, inferred: true, call: p,
		}
		in.top = in
		t.tops = append(t.tops, in)
	}
}

// isCall reports whether a part is a downstream call, which makes a node.
func (p *part) isCall() bool {
	return !p.segment && (p.doc.Namespace == "aws" || p.doc.Namespace == "remote")
}

// inferredNode returns name and type of the node that a call makes.
func inferredNode(d *segment.Document) (name, nodeType string) {
	if d.Namespace != "aws" {
		return d.Name, typeRemote
	}
	if table := oneString(d.AWS["table_name"], d.AWS["table_names"]); table != "" {
		return table, "AWS::" + d.Name + "::Table"
	}
	if bucket := oneString(d.AWS["bucket_name"]); bucket != "" {
		return bucket, "AWS::" + d.Name + "::Bucket"
	}
	return d.Name, "AWS::" + d.Name
}

// oneString returns the first value that is a string or a list of just one.
func oneString(values ...any) string {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if v != "" {
				return v
			}
		case []any:
			if len(v) == 1 {
				return oneString(v[0])
			}
		}
	}
	return ""
}

// inferredID derives the id of an inferred segment from its subsegment's.
func inferredID(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 8 {
		return id + "/inferred"
	}
	return mapping.DeriveID([8]byte(b), mapping.PartInferred).String()
}

// seconds reads a time; what is none counts as 0.
func seconds(n json.Number) float64 {
	f, err := n.Float64()
	if err != nil || f < 0 || f > segment.MaxTime {
		return 0
	}
	return f
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

// Documents returns the compiled documents of a trace, ordered by start time, or
// nil if the store does not have it: segments with all their subsegments
// nested, inferred segments, and on top as well subsegments whose parent has not
// arrived. The caller must not change the maps and slices in them.
func (s *Store) Documents(traceID string) []*segment.Document {
	traces, _ := s.compile([]string{traceID})
	if len(traces) == 0 {
		return nil
	}
	return traces[0].documents()
}

func (t *compiledTrace) documents() []*segment.Document {
	docs := make([]*segment.Document, len(t.tops))
	for i, p := range t.tops {
		docs[i] = p.document()
	}
	return docs
}

// BatchGetTraces returns the traces with the ids, and the ids that are unknown.
func (s *Store) BatchGetTraces(ids ...string) (traces []Trace, unprocessed []string) {
	if len(ids) == 0 {
		return nil, nil
	}
	compiled, missing := s.compile(ids)
	for _, t := range compiled {
		traces = append(traces, t.apiTrace())
	}
	return traces, missing
}

func (t *compiledTrace) apiTrace() Trace {
	out := Trace{ID: t.id, Duration: between(t.start, t.end), LimitExceeded: t.exceeded}
	for _, d := range t.documents() {
		text, err := json.Marshal(d)
		if err != nil {
			continue // cannot happen: it was read from JSON
		}
		out.Segments = append(out.Segments, Segment{ID: d.ID, Document: string(text)})
	}
	return out
}
