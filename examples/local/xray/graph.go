package xray

import (
	"cmp"
	"slices"
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
	ResponseTimeHistogram []HistogramEntry   // until the response was sent
	DurationHistogram     []HistogramEntry   // with what went on after it
}

// Edge is the calls from one [Service] to another, as the caller sees them, or the
// links from the traces of one to those of the other.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Edge.html
type Edge struct {
	ReferenceID               int     `json:"ReferenceId"` // of the service called
	StartTime                 float64 // seconds since 1970
	EndTime                   float64 // seconds since 1970
	SummaryStatistics         *SummaryStatistics
	ResponseTimeHistogram     []HistogramEntry
	Aliases                   []string         // always empty: alternate names are not modelled
	EdgeType                  string           `json:",omitempty"` // link, or empty
	ReceivedEventAgeHistogram []HistogramEntry // of a link: from the sending to the receiving
}

// edgeTypeLink is the EdgeType of an edge between linked traces, drawn dashed.
const edgeTypeLink = "link"

// SummaryStatistics counts the completed requests of a service or an edge. A
// request counts once: as a fault, else throttled, else as another error, else
// as ok.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_ServiceStatistics.html
type SummaryStatistics struct {
	OkCount           int
	ErrorStatistics   ErrorStatistics
	FaultStatistics   FaultStatistics
	TotalCount        int
	TotalResponseTime float64 // seconds
}

// ErrorStatistics counts client errors, 4xx.
type ErrorStatistics struct {
	ThrottleCount int // 429
	OtherCount    int
	TotalCount    int
}

// FaultStatistics counts faults, 5xx.
type FaultStatistics struct {
	OtherCount int
	TotalCount int
}

// HistogramEntry counts the requests that took about the same time.
type HistogramEntry struct {
	Value float64 // seconds
	Count int
}

func (s *stats) summary() *SummaryStatistics {
	return &SummaryStatistics{
		OkCount: int(s.counts[ok]),
		ErrorStatistics: ErrorStatistics{
			ThrottleCount: int(s.counts[throttled]), OtherCount: int(s.counts[clientError]), TotalCount: int(s.counts[throttled] + s.counts[clientError]),
		},
		FaultStatistics:   FaultStatistics{OtherCount: int(s.counts[fault]), TotalCount: int(s.counts[fault])},
		TotalCount:        s.total(),
		TotalResponseTime: roundMicros(float64(s.micros) / 1e6),
	}
}

func (h histogram) entries() []HistogramEntry {
	out := make([]HistogramEntry, len(h))
	for i, b := range h {
		out[i] = HistogramEntry{b.value(), int(b.count)}
	}
	return out
}

// sortedNodes returns the nodes in the order of their first sign, clients behind
// what they call.
func (a *aggregate) sortedNodes() []node {
	list := make([]node, 0, len(a.nodes))
	for n := range a.nodes {
		list = append(list, n)
	}
	slices.SortFunc(list, func(x, y node) int {
		xn, yn := x.Value(), y.Value()
		return cmp.Or(
			cmp.Compare(a.nodes[x].start, a.nodes[y].start),
			compareBool(xn.typ == typeClient, yn.typ == typeClient),
			compareBool(a.nodes[y].entries > 0, a.nodes[x].entries > 0),
			cmp.Compare(xn.typ, yn.typ), cmp.Compare(xn.name, yn.name))
	})
	return list
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// addEnds adds the nodes at the ends of edges that did nothing in this time, as the
// source of a link may have.
func (a *aggregate) addEnds() {
	for name, e := range a.edges {
		for _, n := range []node{name.from, name.to} {
			if a.nodes[n] == nil {
				a.nodes[n] = &nodeSum{start: e.start, end: e.end}
			}
		}
	}
}

// services writes the aggregate as X-Ray's API does.
func (a *aggregate) services() []Service {
	a.addEnds()
	list := a.sortedNodes()
	ids := make(map[node]int, len(list))
	for i, n := range list {
		ids[n] = i
	}
	out := make([]Service, len(list))
	for i, n := range list {
		out[i] = a.nodes[n].service(n, i)
	}
	for name, e := range a.edges {
		from := &out[ids[name.from]]
		from.Edges = append(from.Edges, e.edge(ids[name.to], name.link))
	}
	for i := range out {
		slices.SortFunc(out[i].Edges, func(x, y Edge) int {
			return cmp.Or(cmp.Compare(x.ReferenceID, y.ReferenceID), cmp.Compare(x.EdgeType, y.EdgeType))
		})
	}
	return out
}

func (s *nodeSum) service(n node, id int) Service {
	name := n.Value()
	out := Service{
		ReferenceID: id, Name: name.name, Names: []string{name.name}, Root: s.entries > 0, AccountID: s.account, Type: name.typ,
		State: s.state(name), StartTime: s.start, EndTime: s.end, Edges: []Edge{},
		ResponseTimeHistogram: s.response.times.entries(), DurationHistogram: s.duration.entries(),
	}
	if name.typ != typeClient {
		out.SummaryStatistics = s.response.summary()
	}
	return out
}

// state is unknown where no segment was sent.
func (s *nodeSum) state(name nodeName) string {
	if name.typ == typeClient || s.requests == s.inferred {
		return "unknown"
	}
	return "active"
}

func (s *edgeSum) edge(to int, link bool) Edge {
	out := Edge{
		ReferenceID: to, StartTime: s.start, EndTime: s.end, SummaryStatistics: s.calls.summary(),
		ResponseTimeHistogram: s.calls.times.entries(), Aliases: []string{}, ReceivedEventAgeHistogram: s.ages.entries(),
	}
	if link {
		out.EdgeType = edgeTypeLink
	}
	return out
}
