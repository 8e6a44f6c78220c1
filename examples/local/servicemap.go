package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// serviceMap prints a service graph as a tree with the callers at its root: one
// row a node, with its statistics. A node that has several callers is a row
// beneath each, and its own callees only beneath the first.
type serviceMap struct {
	style
	out   io.Writer
	nodes map[int]xraytest.Service
	drawn map[int]bool
}

// Columns. What the statistics leave of the page is the node's.
const (
	mapTypeWidth     = 22
	mapRingWidth     = 10
	mapCountWidth    = 5
	mapThrottleWidth = 8
	mapAverageWidth  = 9
	mapStatistics    = 4*(mapCountWidth+1) + mapThrottleWidth + 1 + mapAverageWidth + 2 + mapRingWidth
)

func (m *serviceMap) nodeWidth() int { return min(m.width-2-1-mapTypeWidth-1-mapStatistics, 40) }

func printServiceMap(out io.Writer, s style, services []xraytest.Service) {
	m := &serviceMap{style: s, out: out, nodes: map[int]xraytest.Service{}, drawn: map[int]bool{}}
	called := map[int]bool{}
	for _, n := range services {
		m.nodes[n.ReferenceID] = n
		for _, e := range n.Edges {
			called[e.ReferenceID] = true
		}
	}
	fmt.Fprintln(out, m.paint(dim, "  "+fit("Node", m.nodeWidth())+" "+fit("Type", mapTypeWidth)+" "+
		fitRight("Calls", mapCountWidth)+" "+fitRight("OK", mapCountWidth)+" "+fitRight("Error", mapCountWidth)+" "+
		fitRight("Throttle", mapThrottleWidth)+" "+fitRight("Fault", mapCountWidth)+" "+fitRight("Average", mapAverageWidth)))
	for _, n := range services {
		if !called[n.ReferenceID] {
			m.node(n.ReferenceID, "", "", "")
		}
	}
	for _, n := range services { // what is left calls each other in circles
		if !m.drawn[n.ReferenceID] {
			m.node(n.ReferenceID, "", "", "")
		}
	}
}

// node prints a row and those below it. branch is the arrow to the node, below
// the indent of what it calls.
func (m *serviceMap) node(id int, indent, branch, below string) {
	n := m.nodes[id]
	again := m.drawn[id]
	m.drawn[id] = true
	m.row(n, indent+branch, again)
	if again {
		return
	}
	edges := slices.DeleteFunc(slices.Clone(n.Edges), func(e xraytest.Edge) bool {
		_, known := m.nodes[e.ReferenceID]
		return !known
	})
	for i, e := range edges {
		branch, next := "├─▶ ", "│   "
		if i == len(edges)-1 {
			branch, next = "╰─▶ ", "    "
		}
		m.node(e.ReferenceID, indent+below, branch, next)
	}
}

func (m *serviceMap) row(n xraytest.Service, lead string, again bool) {
	if n.Type == "client" {
		n.Name = "Clients" // X-Ray names them after what they call
	}
	name := fit(lead+n.Name, m.nodeWidth())
	if at := len([]rune(lead)); at < m.nodeWidth() {
		r := []rune(name)
		name = m.paint(dim, string(r[:at])) + m.paint(bold, string(r[at:]))
	}
	line := "  " + name + " " + m.paint(dim, fit(n.Type, mapTypeWidth))
	switch {
	case again:
		line += " " + m.paint(dim, "see above")
	case n.SummaryStatistics != nil && n.SummaryStatistics.TotalCount > 0:
		line += " " + m.statistics(n.SummaryStatistics)
	}
	fmt.Fprintln(m.out, strings.TrimRight(line, " "))
}

func (m *serviceMap) statistics(s *xraytest.SummaryStatistics) string {
	count := func(n, width int, color ink) string {
		if n == 0 {
			return m.paint(dim, fitRight("·", width))
		}
		return m.paint(color, fitRight(strconv.Itoa(n), width))
	}
	return count(s.TotalCount, mapCountWidth, plain) + " " + count(s.OkCount, mapCountWidth, green) + " " +
		count(s.ErrorStatistics.OtherCount, mapCountWidth, yellow) + " " + count(s.ErrorStatistics.ThrottleCount, mapThrottleWidth, purple) + " " +
		count(s.FaultStatistics.TotalCount, mapCountWidth, red) + " " +
		fitRight(shortDuration(s.TotalResponseTime/float64(s.TotalCount)), mapAverageWidth) + "  " + m.ring(s)
}

// ring is the ring of a node in the console, cut open: its parts by outcome.
func (m *serviceMap) ring(s *xraytest.SummaryStatistics) string {
	parts := []struct {
		count int
		mark  string
		color ink
	}{
		{s.OkCount, "█", green},
		{s.ErrorStatistics.OtherCount, "▒", yellow},
		{s.ErrorStatistics.ThrottleCount, "▓", purple},
		{s.FaultStatistics.TotalCount, "░", red},
	}
	var b strings.Builder
	before, drawn := 0, 0
	for _, p := range parts {
		before += p.count
		to := (before*mapRingWidth + s.TotalCount/2) / s.TotalCount
		if p.count > 0 && to == drawn {
			to = min(drawn+1, mapRingWidth) // whatever happened is to be seen
		}
		b.WriteString(m.paint(p.color, strings.Repeat(p.mark, max(to-drawn, 0))))
		drawn = max(to, drawn)
	}
	return b.String()
}
