package xray

import "slices"

// service reads (selector){expression}; both may be left out.
func (p *filterParser) service() predicate {
	selectors := p.selectors(1)
	inner := p.braced()
	return func(v view) bool {
		return slices.ContainsFunc(v.services(), func(s view) bool { return selectors[0](s.part) && inner(s) })
	}
}

// edge reads (selector, selector){expression}.
func (p *filterParser) edge() predicate {
	selectors := p.selectors(2)
	inner := p.braced()
	return func(v view) bool {
		return slices.ContainsFunc(v.edges(), func(e call) bool {
			return selectors[0](e.from) && selectors[1](e.to) && inner(e.call)
		})
	}
}

// braced reads {expression}; without it everything matches.
func (p *filterParser) braced() predicate {
	if !p.accept("{") {
		return func(view) bool { return true }
	}
	matches := p.or()
	p.expect("}")
	return matches
}

// selector says whether a segment is of the service that is meant.
type selector func(*part) bool

// selectors reads up to n selectors in parentheses; those left out match
// everything.
func (p *filterParser) selectors(n int) []selector {
	p.expect("(")
	var out []selector
	for !p.token.is(")") && p.err == nil {
		if len(out) == n {
			p.expected(")")
		}
		if len(out) > 0 {
			p.expect(",")
		}
		out = append(out, p.selector())
	}
	p.next()
	for len(out) < n {
		out = append(out, func(*part) bool { return true })
	}
	return out
}

// selector reads "name" or id(name: "name", type: "type", account.id: "account").
func (p *filterParser) selector() selector {
	if p.token.kind == tokenString {
		name := p.token.text
		p.next()
		return func(s *part) bool { return s.doc.Name == name }
	}
	if !p.accept("id") {
		p.expected(`a service's name in quotes or id(name: "…")`)
	}
	p.expect("(")
	want := make(map[string]string)
	for more := true; more && p.err == nil; more = p.accept(",") {
		key := p.token.text
		if p.token.kind != tokenWord || key != "name" && key != "type" && key != "account.id" {
			p.expected("name, type or account.id")
		}
		p.next()
		p.expect(":")
		want[key] = p.take(tokenString, "a string in quotes").text
	}
	p.expect(")")
	return func(s *part) bool {
		id := s.serviceID()
		for key, got := range map[string]string{"name": id.Name, "type": id.Type, "account.id": id.AccountID} {
			if w, ok := want[key]; ok && got != w {
				return false
			}
		}
		return true
	}
}
