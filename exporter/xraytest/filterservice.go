package xraytest

// service reads (selector){expression}; both may be left out.
func (p *filterParser) service() (predicate, error) {
	selectors, err := p.selectors(1)
	if err != nil {
		return nil, err
	}
	inner, err := p.braced()
	if err != nil {
		return nil, err
	}
	return func(v view) bool {
		for _, s := range v.services() {
			if selectors[0](s.part) && inner(s) {
				return true
			}
		}
		return false
	}, nil
}

// edge reads (selector, selector){expression}.
func (p *filterParser) edge() (predicate, error) {
	selectors, err := p.selectors(2)
	if err != nil {
		return nil, err
	}
	inner, err := p.braced()
	if err != nil {
		return nil, err
	}
	return func(v view) bool {
		for _, e := range v.edges() {
			if selectors[0](e.from) && selectors[1](e.to) && inner(e.call) {
				return true
			}
		}
		return false
	}, nil
}

// braced reads {expression}; without it everything matches.
func (p *filterParser) braced() (predicate, error) {
	found, err := p.accept("{")
	if err != nil || found {
		return p.enclosed("}", err)
	}
	return func(view) bool { return true }, nil
}

// selector says whether a segment is of the service that is meant.
type selector func(*part) bool

// selectors reads n selectors in parentheses; those left out match everything.
func (p *filterParser) selectors(n int) ([]selector, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var out []selector
	for !p.token.is(")") {
		if len(out) == n {
			return nil, p.expected(")")
		}
		if len(out) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		s, err := p.selector()
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	for len(out) < n {
		out = append(out, func(*part) bool { return true })
	}
	return out, p.next()
}

func (p *filterParser) selector() (selector, error) {
	if p.token.kind == tokenString {
		name := p.token.text
		return func(s *part) bool { return s.doc.Name == name }, p.next()
	}
	if !p.token.is("id") {
		return nil, p.expected(`a service's name in quotes or id(name: "…")`)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	want := make(map[string]string)
	for len(want) == 0 || !p.token.is(")") {
		if len(want) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		key := p.token.text
		if p.token.kind != tokenWord || key != "name" && key != "type" && key != "account.id" {
			return nil, p.expected("name, type or account.id")
		}
		if err := p.next(); err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		if p.token.kind != tokenString {
			return nil, p.expected("a string in quotes")
		}
		want[key] = p.token.text
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return func(s *part) bool {
		id := s.serviceID()
		for key, got := range map[string]string{"name": id.Name, "type": id.Type, "account.id": id.AccountID} {
			if w, ok := want[key]; ok && got != w {
				return false
			}
		}
		return true
	}, p.next()
}
