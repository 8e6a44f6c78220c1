package xray

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
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

// Documents returns the compiled documents of a trace, ordered by start time, or
// nil if the store does not have it: segments with all their subsegments
// nested, inferred segments, and on top as well subsegments whose parent has not
// arrived. The caller must not change the maps and slices in them.
func (s *Store) Documents(traceID string) []*segment.Document {
	traces, _ := s.compiledOf([]string{traceID})
	if len(traces) == 0 {
		return nil
	}
	return traces[0].documents()
}

// BatchGetTraces returns the traces with the ids, and the ids that are unknown.
func (s *Store) BatchGetTraces(ids ...string) (traces []Trace, unprocessed []string) {
	traces, unprocessed = []Trace{}, []string{}
	for _, id := range ids {
		s.mu.Lock()
		t := s.traces[id]
		var c *compiledTrace
		exceeded := false
		if t != nil {
			c, exceeded = s.compile(t), t.exceeded
		}
		s.mu.Unlock()
		switch {
		case t == nil:
			unprocessed = append(unprocessed, id)
		case c == nil: // its first document was more than may be kept
			traces = append(traces, Trace{ID: id, LimitExceeded: exceeded, Segments: []Segment{}})
		default:
			traces = append(traces, c.apiTrace(exceeded))
		}
	}
	return traces, unprocessed
}

func (t *compiledTrace) apiTrace(exceeded bool) Trace {
	out := Trace{ID: t.id, Duration: between(t.start, t.end), LimitExceeded: exceeded, Segments: []Segment{}}
	for _, d := range t.documents() {
		text, err := json.Marshal(d)
		if err != nil {
			continue // cannot happen: it was read from JSON
		}
		out.Segments = append(out.Segments, Segment{ID: d.ID, Document: string(text)})
	}
	return out
}

// ServiceGraph returns the services of the traces that began in the minutes from
// start to end. A zero time is no bound.
func (s *Store) ServiceGraph(start, end time.Time) []Service {
	return s.sum(fromTime(start), fromTime(end)).services()
}

// graph is the aggregate of the traces of a time that match: of whole minutes, unless
// exact or the filter have it look at each trace.
func (s *Store) graph(from, to float64, exact bool, by *filter.Filter) *aggregate {
	if by.All() && !exact {
		return s.sum(from, to)
	}
	return sumOf(s.match(s.snapshot(from, to, false), by))
}

func sumOf(list []*flat) *aggregate {
	out := newAggregate()
	for _, f := range list {
		out.add(f, 1)
	}
	return out
}

// TraceGraph returns the services of the traces with the ids, and the ids that
// are unknown.
func (s *Store) TraceGraph(ids ...string) (services []Service, unprocessed []string) {
	list, unprocessed := s.flats(ids)
	return sumOf(list).services(), unprocessed
}

// flats returns the summaries of the traces with the ids, and the ids of those that
// have none.
func (s *Store) flats(ids []string) (list []*flat, missing []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
	missing = []string{}
	for _, id := range ids {
		if t := s.traces[id]; t != nil && t.flat != nil {
			list = append(list, t.flat)
		} else {
			missing = append(missing, id)
		}
	}
	return list, missing
}

// snapshot returns the summaries of the traces that began in the time, or, if
// overlap is set, that were under way in it, minute by minute in no order within.
// Zero is no bound.
func (s *Store) snapshot(from, to float64, overlap bool) []*flat {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
	var out []*flat
	for _, key := range s.minutesIn(from, to, overlap) {
		for _, t := range s.minutes[key].traces {
			f := t.flat
			if (to == 0 || f.start <= to) && (f.start >= from || overlap && f.end >= from) {
				out = append(out, f)
			}
		}
	}
	return out
}

// minutesIn returns the minutes of a time that are not empty, in order.
func (s *Store) minutesIn(from, to float64, overlap bool) []int64 {
	if overlap && from > 0 {
		from = max(from-s.longest, 0)
	}
	var keys []int64
	for key := range s.minutes {
		if float64(key+1)*60 > from && (to == 0 || float64(key)*60 <= to) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// sum adds up the minutes of a time.
func (s *Store) sum(from, to float64) *aggregate {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll()
	out := newAggregate()
	for _, key := range s.minutesIn(from, to, false) {
		out.merge(s.minutes[key].sum)
	}
	return out
}
