package xray

import (
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// traceView is a trace as filter expressions see it: whole traces answer for their
// root segment where the developer guide speaks of the root, and for all segments
// with users, annotations and resources.
type traceView struct {
	*flat
	store  *Store
	nested bool // within the expression of a group, which has no groups
}

// segmentView is one segment of a trace, or a call to it as the caller saw it.
type segmentView struct {
	trace *traceView
	index int
	edge  *flatEdge // nil: the segment itself
}

func (v *traceView) root() *segmentView { return &segmentView{v, v.flat.root, nil} }

// Flag returns a boolean keyword.
func (v *traceView) Flag(k filter.Keyword) bool {
	switch k {
	case filter.Partial:
		return v.partial
	case filter.Inferred:
		for i := range v.segments {
			if v.segments[i].inferred {
				return true
			}
		}
		return false
	}
	return v.root().Flag(k)
}

// Number returns a number keyword.
func (v *traceView) Number(k filter.Keyword) (float64, bool) {
	if k == filter.Duration {
		return between(v.start, v.end), true
	}
	return v.root().Number(k)
}

// Text goes through the values of a string keyword.
func (v *traceView) Text(k filter.Keyword, f func(string) bool) bool {
	switch k {
	case filter.User:
		for _, n := range v.notes {
			if n.key == userNote && f(n.value.(string)) {
				return true
			}
		}
		return false
	case filter.AvailabilityZone, filter.InstanceID, filter.ResourceARN, filter.AccountID:
		for i := range v.segments {
			if (&segmentView{v, i, nil}).Text(k, f) {
				return true
			}
		}
		return false
	}
	return v.root().Text(k, f)
}

// Annotation goes through the values of an annotation.
func (v *traceView) Annotation(key string, f func(any) bool) bool {
	for _, n := range v.notes {
		if n.key == key && f(n.value) {
			return true
		}
	}
	return false
}

// Services goes through the segments.
func (v *traceView) Services(f func(filter.View) bool) bool {
	one := &segmentView{trace: v} // one for all: nobody keeps it
	for i := range v.segments {
		if one.index = i; v.segments[i].node != (node{}) && f(one) {
			return true
		}
	}
	return false
}

// Edges goes through the calls.
func (v *traceView) Edges(f func(from, to, call filter.View) bool) bool {
	from, to, call := &segmentView{trace: v}, &segmentView{trace: v}, &segmentView{trace: v}
	for i := range v.edges {
		e := &v.edges[i]
		from.index, to.index, call.index, call.edge = int(e.from), int(e.to), int(e.to), e
		if f(from, to, call) {
			return true
		}
	}
	return false
}

// Group goes through the groups that the trace is in.
func (v *traceView) Group(k filter.Keyword, f func(string) bool) bool {
	if v.nested {
		return false
	}
	inside := &traceView{flat: v.flat, store: v.store, nested: true}
	for _, g := range v.store.groups() {
		name := g.GroupName
		if k == filter.GroupARN {
			name = g.GroupARN
		}
		if f(name) && g.filter.Match(inside) {
			return true
		}
	}
	return false
}

// Causes returns why the trace is a fault, an error, or slow. It opens the trace.
func (v *traceView) Causes(kind filter.CauseKind) []filter.Cause {
	traces, _ := v.store.compiledOf([]string{v.id})
	if len(traces) == 0 {
		return nil
	}
	return traces[0].causes(kind)
}

func (v *segmentView) segment() *flatSegment { return &v.trace.segments[v.index] }

func (v *segmentView) outcome() outcome {
	if v.edge != nil {
		return v.edge.outcome
	}
	return v.segment().outcome
}

// Flag returns a boolean keyword.
func (v *segmentView) Flag(k filter.Keyword) bool {
	o := v.outcome()
	switch k {
	case filter.OK:
		return o == ok
	case filter.Error:
		return o == clientError || o == throttled
	case filter.Throttle:
		return o == throttled
	case filter.Fault:
		return o == fault
	case filter.Partial:
		return o == pending
	case filter.Inferred:
		return v.segment().inferred
	case filter.Root:
		return v.index == v.trace.flat.root
	case filter.Remote:
		return v.edge != nil || v.segment().inferred
	}
	return false
}

// Number returns a number keyword.
func (v *segmentView) Number(k filter.Keyword) (float64, bool) {
	s := v.segment()
	switch k {
	case filter.ResponseTime:
		micros := s.response
		if v.edge != nil {
			micros = v.edge.micros
		}
		return float64(micros) / 1e6, v.outcome() != pending
	case filter.Duration:
		if v.edge != nil {
			return float64(v.edge.micros) / 1e6, true
		}
		return float64(s.duration) / 1e6, true
	case filter.HTTPStatus:
		status := v.known().status
		return float64(status), status != 0
	}
	return 0, false
}

func (v *segmentView) known() facts {
	if v.edge != nil {
		return v.edge.facts.Value()
	}
	return v.segment().known()
}

// Text returns a string keyword.
func (v *segmentView) Text(k filter.Keyword, f func(string) bool) bool {
	text := ""
	switch k {
	case filter.HTTPURL:
		text = v.known().url
	case filter.HTTPMethod:
		text = v.known().method
	case filter.HTTPUserAgent:
		text = v.known().agent
	case filter.HTTPClientIP:
		text = v.known().ip
	case filter.Name:
		text = v.segment().name().name
	case filter.Type:
		text = v.segment().name().typ
	case filter.AvailabilityZone:
		text = v.segment().known().zone
	case filter.InstanceID:
		text = v.segment().known().instance
	case filter.ResourceARN:
		text = v.segment().known().arn
	case filter.AccountID:
		text = v.segment().known().account
	case filter.User:
		return v.note(userNote, func(value any) bool { return f(value.(string)) })
	}
	return text != "" && f(text)
}

// Annotation goes through the values of an annotation on the segment, or on the
// call alone.
func (v *segmentView) Annotation(key string, f func(any) bool) bool { return v.note(key, f) }

func (v *segmentView) note(key string, f func(any) bool) bool {
	for _, n := range v.trace.notes {
		if n.key != key {
			continue
		}
		if v.edge != nil && (n.call < 0 || &v.trace.edges[n.call] != v.edge) || v.edge == nil && int(n.segment) != v.index {
			continue
		}
		if f(n.value) {
			return true
		}
	}
	return false
}

// Services is the segment itself.
func (v *segmentView) Services(f func(filter.View) bool) bool {
	return f(&segmentView{v.trace, v.index, nil})
}

// Edges goes through the calls to the segment.
func (v *segmentView) Edges(f func(from, to, call filter.View) bool) bool {
	return v.trace.Edges(func(from, to, call filter.View) bool {
		return to.(*segmentView).index == v.index && f(from, to, call)
	})
}

// Group and Causes are the trace's.

func (v *segmentView) Group(k filter.Keyword, f func(string) bool) bool { return v.trace.Group(k, f) }

func (v *segmentView) Causes(kind filter.CauseKind) []filter.Cause { return v.trace.Causes(kind) }

// match returns the traces that a filter chooses.
func (s *Store) match(list []*flat, by *filter.Filter) []*flat {
	if by.All() {
		return list
	}
	out := list[:0:0]
	view := &traceView{store: s}
	for _, f := range list {
		if view.flat = f; by.Match(view) {
			out = append(out, f)
		}
	}
	return out
}

// fromTime converts the bound of a time range; the zero time is none.
func fromTime(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return epoch(t)
}
