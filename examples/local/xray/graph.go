package xray

import (
	"slices"
	"time"
)

// Service is a node of the service graph. Times are seconds since 1970.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Service.html
type Service struct {
	ReferenceID int    `json:"ReferenceId"`
	Name        string // of the segments; a client has the name of its service
	Names       []string
	Root        bool   `json:",omitempty"` // requests come in here
	AccountID   string `json:"AccountId,omitempty"`
	Type        string `json:",omitempty"` // the origin, remote, or client
	State       string // active, or unknown for what sends no segments
	StartTime   float64
	EndTime     float64
	Edges       []Edge

	SummaryStatistics     *SummaryStatistics `json:",omitempty"` // nil on a client
	ResponseTimeHistogram []HistogramEntry   `json:",omitempty"` // until the response was sent
	DurationHistogram     []HistogramEntry   `json:",omitempty"` // with what went on after it
}

// Edge is the calls from one [Service] to another, as the caller sees them.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Edge.html
type Edge struct {
	ReferenceID           int     `json:"ReferenceId"` // of the service called
	StartTime             float64 // seconds since 1970
	EndTime               float64 // seconds since 1970
	SummaryStatistics     *SummaryStatistics
	ResponseTimeHistogram []HistogramEntry
	Aliases               []string // always empty: alternate names are not modelled
}

// Types of services that are no origin of a segment.
const (
	typeClient = "client"
	typeRemote = "remote"
)

// ServiceGraph returns the services of the traces that overlap the time from
// start to end. A zero time is no bound.
func (s *Store) ServiceGraph(start, end time.Time) []Service {
	traces, _ := s.compile(nil)
	return graphOf(slices.DeleteFunc(traces, func(t *compiledTrace) bool { return !t.overlaps(start, end) }))
}

// TraceGraph returns the services of the traces with the ids, and the ids that
// are unknown.
func (s *Store) TraceGraph(ids ...string) (services []Service, unprocessed []string) {
	if len(ids) == 0 {
		return nil, nil
	}
	traces, missing := s.compile(ids)
	return graphOf(traces), missing
}

func (t *compiledTrace) overlaps(start, end time.Time) bool {
	return (start.IsZero() || t.end >= epoch(start)) && (end.IsZero() || t.start <= epoch(end))
}

// epoch converts a time to seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// graph builds services from traces.
type graph struct {
	services []*Service
	byKey    map[serviceKey]*Service
}

// serviceKey is what makes two requests belong to one node.
type serviceKey struct{ name, nodeType string }

func graphOf(traces []*compiledTrace) []Service {
	g := graph{byKey: make(map[serviceKey]*Service)}
	for _, t := range traces {
		for _, p := range t.tops {
			if p.segment {
				g.add(t, p)
			}
		}
	}
	out := make([]Service, len(g.services))
	for i, s := range g.services {
		out[i] = *s
	}
	return out
}

func (g *graph) add(t *compiledTrace, p *part) {
	service := g.serviceOf(p)
	service.count(p)
	call, caller := t.callerOf(p)
	switch {
	case caller != nil && caller.segment:
		g.serviceOf(caller).edge(service.ReferenceID, call)
	case caller == nil:
		service.Root = true
		client := g.service(serviceKey{service.Name, typeClient}, "unknown")
		client.span(p)
		client.edge(service.ReferenceID, p)
	}
	// What is left hangs on a subsegment whose own segment has not arrived: its
	// caller is somebody, but nobody knows who.
}

// callerOf returns the call that led to a segment, as seen by the caller, and
// the top of what made it. Without a caller in the trace both are nil.
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

func (g *graph) serviceOf(p *part) *Service {
	state := "active"
	if p.inferred {
		state = "unknown"
	}
	s := g.service(keyOf(p), state)
	if account, ok := p.doc.AWS["account_id"].(string); ok && s.AccountID == "" && !p.inferred {
		s.AccountID = account
	}
	return s
}

func keyOf(p *part) serviceKey { return serviceKey{p.doc.Name, p.doc.Origin} }

func (g *graph) service(key serviceKey, state string) *Service {
	s := g.byKey[key]
	if s == nil {
		s = &Service{
			ReferenceID: len(g.services),
			Name:        key.name,
			Names:       []string{key.name},
			Type:        key.nodeType,
			State:       state,
			Edges:       []Edge{},
		}
		g.byKey[key] = s
		g.services = append(g.services, s)
	}
	return s
}

// span widens the time in which the service was seen.
func (s *Service) span(p *part) {
	if s.StartTime == 0 || p.start < s.StartTime {
		s.StartTime = p.start
	}
	s.EndTime = max(s.EndTime, p.end)
}

func (s *Service) count(p *part) {
	s.span(p)
	if s.SummaryStatistics == nil {
		s.SummaryStatistics = new(SummaryStatistics)
	}
	s.SummaryStatistics.add(p)
	if p.doc.InProgress {
		return
	}
	s.ResponseTimeHistogram = addToHistogram(s.ResponseTimeHistogram, p.end-p.start)
	s.DurationHistogram = addToHistogram(s.DurationHistogram, p.lastEnd()-p.start)
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

func (s *Service) edge(to int, call *part) {
	i := slices.IndexFunc(s.Edges, func(e Edge) bool { return e.ReferenceID == to })
	if i < 0 {
		i = len(s.Edges)
		s.Edges = append(s.Edges, Edge{
			ReferenceID:       to,
			StartTime:         call.start,
			SummaryStatistics: new(SummaryStatistics),
			Aliases:           []string{},
		})
	}
	e := &s.Edges[i]
	e.StartTime, e.EndTime = min(e.StartTime, call.start), max(e.EndTime, call.end)
	e.SummaryStatistics.add(call)
	if !call.doc.InProgress {
		e.ResponseTimeHistogram = addToHistogram(e.ResponseTimeHistogram, call.end-call.start)
	}
}
