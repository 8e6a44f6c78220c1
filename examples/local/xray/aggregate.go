package xray

import "math"

// aggregate is what the traces of a minute did: the service graph of any time is a
// sum of these and walks no traces. Adding a trace and taking it out again leaves
// nothing behind but wider times.
type aggregate struct {
	traces stats // by the root's outcome and response time
	nodes  map[node]*nodeSum
	edges  map[edgeName]*edgeSum
}

type edgeName struct {
	from, to node
	link     bool
}

// nodeSum is what a node did.
type nodeSum struct {
	response   stats
	duration   histogram
	cold       stats // initializations, all of them ok
	requests   int32 // segments, in progress too
	entries    int32 // of these nobody in their trace called
	inferred   int32
	account    string
	start, end float64 // of what it did; wider after something was taken out
}

// edgeSum is the calls on an edge, or the links.
type edgeSum struct {
	calls      stats
	ages       histogram // links only
	count      int32
	start, end float64
}

func newAggregate() *aggregate {
	return &aggregate{nodes: make(map[node]*nodeSum), edges: make(map[edgeName]*edgeSum)}
}

// add counts a trace; n is 1, or -1 to take it out.
func (a *aggregate) add(f *flat, n int32) {
	root := f.rootSegment()
	a.traces.add(root.outcome, root.response, n)
	for i := range f.segments {
		s := &f.segments[i]
		if s.node == (node{}) {
			continue
		}
		a.addSegment(s, n)
		if s.entry {
			client := clientOf(s.node)
			a.node(client).see(n, s.start, float64(s.response)/1e6)
			a.drop(client)
			a.edge(edgeName{client, s.node, false}, func(e *edgeSum) {
				e.see(n, s.start, float64(s.response)/1e6)
				e.calls.add(s.outcome, s.response, n)
			})
		}
	}
	for _, e := range f.edges {
		a.edge(edgeName{f.segments[e.from].node, f.segments[e.to].node, false}, func(sum *edgeSum) {
			sum.see(n, e.start, float64(e.micros)/1e6)
			sum.calls.add(e.outcome, e.micros, n)
		})
	}
	for _, l := range f.links {
		own := &f.segments[l.own]
		if l.from == (node{}) || own.node == (node{}) {
			continue
		}
		a.edge(edgeName{l.from, own.node, true}, func(sum *edgeSum) {
			sum.see(n, own.start, float64(own.response)/1e6)
			sum.calls.add(own.outcome, own.response, n)
			sum.ages.add(l.age, n)
		})
	}
}

func (a *aggregate) addSegment(s *flatSegment, n int32) {
	sum := a.node(s.node)
	sum.see(n, s.start, float64(s.duration)/1e6)
	sum.response.add(s.outcome, s.response, n)
	if s.outcome != pending {
		sum.duration.add(s.duration, n)
	}
	if s.entry {
		sum.entries += n
	}
	if s.inferred {
		sum.inferred += n
	} else if account := s.known().account; sum.account == "" {
		sum.account = account
	}
	if s.init >= 0 {
		sum.cold.add(ok, s.init, n)
	}
	a.drop(s.node)
}

func (a *aggregate) node(n node) *nodeSum {
	sum := a.nodes[n]
	if sum == nil {
		sum = &nodeSum{start: math.Inf(1)}
		a.nodes[n] = sum
	}
	return sum
}

// drop forgets a node of which nothing is left.
func (a *aggregate) drop(n node) {
	if sum := a.nodes[n]; sum.requests == 0 {
		delete(a.nodes, n)
	}
}

func (a *aggregate) edge(name edgeName, change func(*edgeSum)) {
	sum := a.edges[name]
	if sum == nil {
		sum = &edgeSum{start: math.Inf(1)}
		a.edges[name] = sum
	}
	change(sum)
	if sum.count == 0 {
		delete(a.edges, name)
	}
}

func (s *nodeSum) see(n int32, start, length float64) {
	s.requests += n
	s.start, s.end = min(s.start, start), max(s.end, start+length)
}

func (s *edgeSum) see(n int32, start, length float64) {
	s.count += n
	s.start, s.end = min(s.start, start), max(s.end, start+length)
}

// merge adds all of another aggregate.
func (a *aggregate) merge(other *aggregate) {
	a.traces.addAll(&other.traces)
	for n, from := range other.nodes {
		to := a.node(n)
		to.response.addAll(&from.response)
		to.duration.addAll(from.duration)
		to.cold.addAll(&from.cold)
		to.requests += from.requests
		to.entries += from.entries
		to.inferred += from.inferred
		if to.account == "" {
			to.account = from.account
		}
		to.start, to.end = min(to.start, from.start), max(to.end, from.end)
	}
	for name, from := range other.edges {
		a.edge(name, func(to *edgeSum) {
			to.calls.addAll(&from.calls)
			to.ages.addAll(from.ages)
			to.count += from.count
			to.start, to.end = min(to.start, from.start), max(to.end, from.end)
		})
	}
}
