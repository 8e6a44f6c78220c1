package xray

import (
	"cmp"
	"slices"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// maxTime is the year 5000, in seconds.
const maxTime = segment.MaxTime

func (s *Store) pageGraph(q query) (PageGraph, error) {
	from, to, exact, err := s.asked(q)
	if err != nil {
		return PageGraph{}, err
	}
	by, err := q.filter()
	if err != nil {
		return PageGraph{}, err
	}
	seq, _ := s.Changed()
	out := s.graph(from, to, exact, by).page()
	out.Seq = seq
	if exact {
		out.From, out.To = from, to
		return out, nil
	}
	if from > 0 {
		out.From = float64(int64(from/60)) * 60
	}
	if to > 0 {
		out.To = float64(int64(to/60)+1) * 60
	}
	return out, nil
}

func (s *stats) page() PageStats {
	return PageStats{
		OK: int(s.counts[ok]), Error: int(s.counts[clientError]), Throttle: int(s.counts[throttled]), Fault: int(s.counts[fault]),
		Total: s.total(), Seconds: roundMicros(float64(s.micros) / 1e6), P50: s.times.quantile(0.5), P95: s.times.quantile(0.95),
	}
}

func (h histogram) page() []PageBucket {
	out := make([]PageBucket, len(h))
	for i, b := range h {
		out[i] = PageBucket{b.value(), int(b.count)}
	}
	return out
}

func (a *aggregate) page() PageGraph {
	a.addEnds()
	out := PageGraph{Nodes: []PageNode{}, Edges: []PageEdge{}}
	for _, n := range a.traces.counts {
		out.Traces += int(n)
	}
	for n, sum := range a.nodes {
		out.Nodes = append(out.Nodes, sum.page(n.Value()))
	}
	slices.SortFunc(out.Nodes, func(x, y PageNode) int { return cmp.Compare(x.ID, y.ID) })
	for name, e := range a.edges {
		out.Edges = append(out.Edges, PageEdge{
			From: name.from.Value().id(), To: name.to.Value().id(), Link: name.link,
			Stats: e.calls.page(), Histogram: e.calls.times.page(), Ages: e.ages.page(),
		})
	}
	slices.SortFunc(out.Edges, func(x, y PageEdge) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), compareBool(x.Link, y.Link))
	})
	return out
}

func (s *nodeSum) page(name nodeName) PageNode {
	out := PageNode{
		ID: name.id(), Name: name.name, Type: name.typ, State: s.state(name), Root: s.entries > 0, Account: s.account,
		Start: s.start, End: s.end, Pending: int(s.response.counts[pending]), Stats: s.response.page(), Histogram: s.response.times.page(),
	}
	if name.typ == originFunctionType {
		cold := s.cold.page()
		out.Cold = &PageCold{Count: cold.Total, Seconds: cold.Seconds, P50: cold.P50, P95: cold.P95, Histogram: s.cold.times.page()}
	}
	return out
}

// originFunctionType is the node that has cold starts.
const originFunctionType = "AWS::Lambda::Function"

func (s *Store) pageSeries(q query) (PageSeries, error) {
	from, to, exact, err := s.asked(q)
	if err != nil {
		return PageSeries{}, err
	}
	by, err := q.filter()
	if err != nil {
		return PageSeries{}, err
	}
	out := PageSeries{Node: q.text("node"), Step: 60, Points: []PagePoint{}}
	if out.Node == "" {
		return out, badParameter("node", "node must be the id of a node, as in AWS::Lambda orders")
	}
	for _, m := range s.series(from, to, exact, by) {
		for n, sum := range m.sum.nodes {
			if n.Value().id() == out.Node {
				out.Points = append(out.Points, PagePoint{Time: float64(m.minute) * 60, Stats: sum.response.page(), Cold: sum.cold.total()})
			}
		}
	}
	return out, nil
}

// minuteSum is what matched in a minute.
type minuteSum struct {
	minute int64
	sum    *aggregate
}

// series returns the aggregates of a time minute by minute, oldest first; of whole
// minutes as graph does.
func (s *Store) series(from, to float64, exact bool, by *filter.Filter) []minuteSum {
	var out []minuteSum
	if by.All() && !exact {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settleAll()
		for _, key := range s.minutesIn(from, to, false) {
			sum := newAggregate()
			sum.merge(s.minutes[key].sum)
			out = append(out, minuteSum{key, sum})
		}
		return out
	}
	list := s.match(s.snapshot(from, to, false), by)
	slices.SortFunc(list, compareStart)
	for _, f := range list {
		if n := len(out); n == 0 || out[n-1].minute != f.minute() {
			out = append(out, minuteSum{f.minute(), newAggregate()})
		}
		out[len(out)-1].sum.add(f, 1)
	}
	return out
}
