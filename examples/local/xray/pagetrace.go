package xray

import (
	"net/http"
	"slices"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// pageTrace is the trace page.
func (s *Store) pageTrace(id string) (PageTrace, error) {
	s.mu.Lock()
	s.settleAll()
	t := s.traces[id]
	if t == nil || t.flat == nil {
		s.mu.Unlock()
		return PageTrace{}, &pageError{status: http.StatusNotFound, message: "there is no trace " + id + ", or not any more"}
	}
	f, c := t.flat, s.compile(t)
	out := PageTrace{Seq: s.seq, Exceeded: t.exceeded, Upstream: []PageLink{}, Downstream: []PageLink{}, Raw: s.rawDocuments(t)}
	var linkers []*flat
	for _, linker := range slices.Compact(slices.Sorted(slices.Values(s.linkers[id]))) {
		if other := s.traces[linker]; linker != id && other != nil && other.flat != nil {
			linkers = append(linkers, other.flat)
		}
	}
	s.mu.Unlock()

	out.PageRow, out.End, out.Segments, out.Parts = f.row(), f.end, c.documents(), c.where(f.rootSegment().response)
	out.Run = s.runOf(out.Start)
	for i := range out.Raw {
		for _, v := range segment.Check([]byte(out.Raw[i].Text)) {
			out.Raw[i].Violations = append(out.Raw[i].Violations, PageViolation{v.Path, v.Rule, v.ErrorCode})
		}
	}
	for _, l := range f.links {
		link := PageLink{Trace: l.trace, Segment: l.segment, Own: f.segments[l.own].id}
		if l.from != (node{}) {
			link.Node = l.from.Value().id()
		}
		out.Upstream = append(out.Upstream, link)
	}
	slices.SortFunc(linkers, compareStart)
	for _, other := range linkers {
		for _, l := range other.links {
			if l.trace == id {
				own := &other.segments[l.own]
				out.Downstream = append(out.Downstream, PageLink{Trace: other.id, Segment: own.id, Own: l.segment, Node: own.name().id()})
			}
		}
	}
	return out, nil
}

// rawDocuments returns a trace's documents as they came.
func (s *Store) rawDocuments(t *trace) []PageRawDocument {
	out := []PageRawDocument{}
	for _, d := range t.documents {
		out = append(out, PageRawDocument{
			Time: float64(d.time/1000) / 1e6, Source: sources[d.source], Text: string(s.reader.read(d.rawRef)), Violations: []PageViolation{},
		})
	}
	return out
}
