package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

// serviceMap prints a service graph as a tree with the callers at its root: one
// row a node, with its statistics. A node that has several callers is a row
// beneath each, and its own callees only beneath the first.
type serviceMap struct {
	style
	out     io.Writer
	nodes   map[int]xray.Service
	drawn   map[int]bool
	columns []mapColumn
	ring    int // columns of the ring, 0 for none
}

// mapColumn is a column of numbers of calls.
type mapColumn struct {
	title string
	width int
	color ink
	count func(*xray.SummaryStatistics) int
}

var mapColumns = []mapColumn{
	{"Calls", 5, plain, func(s *xray.SummaryStatistics) int { return s.TotalCount }},
	{"OK", 5, green, func(s *xray.SummaryStatistics) int { return s.OkCount }},
	{"Error", 5, yellow, func(s *xray.SummaryStatistics) int { return s.ErrorStatistics.OtherCount }},
	{"Throttle", 8, purple, func(s *xray.SummaryStatistics) int { return s.ErrorStatistics.ThrottleCount }},
	{"Fault", 5, red, func(s *xray.SummaryStatistics) int { return s.FaultStatistics.TotalCount }},
}

// Columns. What the statistics leave of the page is the node's.
const (
	mapNodeWidth    = 30 // for names of the usual length
	mapMaxNodeWidth = 40
	mapTypeWidth    = 22
	mapAverageWidth = 9
	mapRingWidth    = 10
)

func (m *serviceMap) nodeWidth() int {
	room := m.width - 2 - 1 - mapTypeWidth - 1 - mapAverageWidth
	for _, c := range m.columns {
		room -= c.width + 1
	}
	if m.ring > 0 {
		room -= m.ring + 2
	}
	return min(room, mapMaxNodeWidth)
}

// layout leaves out what a narrow page has no room for: the ring, then the
// number of good calls and the columns of what did not happen.
func (m *serviceMap) layout(services []xray.Service) {
	m.columns, m.ring = mapColumns, mapRingWidth
	if m.nodeWidth() < mapNodeWidth {
		m.ring = 0
	}
	if m.nodeWidth() < mapNodeWidth {
		m.columns = slices.DeleteFunc(slices.Clone(mapColumns), func(c mapColumn) bool {
			return c.title == "OK" || !slices.ContainsFunc(services, func(n xray.Service) bool {
				return n.SummaryStatistics != nil && c.count(n.SummaryStatistics) > 0
			})
		})
	}
}

func printServiceMap(out io.Writer, s style, services []xray.Service) {
	m := &serviceMap{style: s, out: out, nodes: map[int]xray.Service{}, drawn: map[int]bool{}}
	called := map[int]bool{}
	for _, n := range services {
		// Links between traces are left to the page: a tree shows who calls whom.
		n.Edges = slices.DeleteFunc(slices.Clone(n.Edges), func(e xray.Edge) bool { return e.EdgeType != "" })
		m.nodes[n.ReferenceID] = n
		for _, e := range n.Edges {
			called[e.ReferenceID] = true
		}
	}
	m.layout(services)
	header := "  " + fit("Node", m.nodeWidth()) + " " + fit("Type", mapTypeWidth)
	for _, c := range m.columns {
		header += " " + fitRight(c.title, c.width)
	}
	fmt.Fprintln(out, m.paint(dim, header+" "+fitRight("Average", mapAverageWidth)))
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
	edges := slices.DeleteFunc(slices.Clone(n.Edges), func(e xray.Edge) bool {
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

func (m *serviceMap) row(n xray.Service, lead string, again bool) {
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

func (m *serviceMap) statistics(s *xray.SummaryStatistics) string {
	var line string
	for _, c := range m.columns {
		if n := c.count(s); n > 0 {
			line += m.paint(c.color, fitRight(strconv.Itoa(n), c.width)) + " "
		} else {
			line += m.paint(dim, fitRight("·", c.width)) + " "
		}
	}
	line += fitRight(shortDuration(s.TotalResponseTime/float64(s.TotalCount)), mapAverageWidth)
	if m.ring > 0 {
		line += "  " + m.ringOf(s)
	}
	return line
}

// ringOf is the ring of a node in the console, cut open: its parts by outcome.
func (m *serviceMap) ringOf(s *xray.SummaryStatistics) string {
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
		to := (before*m.ring + s.TotalCount/2) / s.TotalCount
		if p.count > 0 && to == drawn {
			to = min(drawn+1, m.ring) // whatever happened is to be seen
		}
		b.WriteString(m.paint(p.color, strings.Repeat(p.mark, max(to-drawn, 0))))
		drawn = max(to, drawn)
	}
	return b.String()
}
