package filter

// Selector chooses nodes or edges of the service graph, as the
// EntitySelectorExpression of GetTimeSeriesServiceStatistics does: service(…) or
// edge(…, …).
type Selector struct {
	Edge     bool
	from, to predicate // from is the service's
}

// ParseSelector reads a selector; nil for the empty expression. An error is a
// [*SyntaxError].
func ParseSelector(expression string) (*Selector, error) {
	p := &parser{lexer: lexer{text: expression}}
	p.next()
	if p.token.kind == tokenEnd && p.err == nil {
		return nil, nil
	}
	s := &Selector{}
	switch {
	case p.accept("service"):
		s.from = p.selectors(1)[0]
	case p.accept("edge"):
		both := p.selectors(2)
		s.Edge, s.from, s.to = true, both[0], both[1]
	default:
		p.expected("service(…) or edge(…, …)")
	}
	if p.token.kind != tokenEnd {
		p.expected("the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return s, nil
}

// Match reports whether a node is chosen.
func (s *Selector) Match(name, typ string) bool { return s.from(element{name: name, typ: typ}) }

// MatchEdge reports whether an edge is chosen.
func (s *Selector) MatchEdge(fromName, fromType, toName, toType string) bool {
	return s.from(element{name: fromName, typ: fromType}) && s.to(element{name: toName, typ: toType})
}
