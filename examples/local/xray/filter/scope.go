package filter

// service reads (selector){expression}; both may be left out.
func (p *parser) service() predicate {
	selectors := p.selectors(1)
	inner := p.braced()
	return func(v View) bool {
		return v.Services(func(s View) bool { return selectors[0](s) && inner(s) })
	}
}

// edge reads (selector, selector){expression}.
func (p *parser) edge() predicate {
	selectors := p.selectors(2)
	inner := p.braced()
	return func(v View) bool {
		return v.Edges(func(from, to, call View) bool {
			return selectors[0](from) && selectors[1](to) && inner(call)
		})
	}
}

// braced reads {expression}; without it everything matches.
func (p *parser) braced() predicate {
	if !p.accept("{") {
		return func(View) bool { return true }
	}
	if p.accept("}") {
		return func(View) bool { return true }
	}
	matches := p.or()
	p.expect("}")
	return matches
}

// selectors reads up to n selectors in parentheses; those left out match
// everything.
func (p *parser) selectors(n int) []predicate {
	p.expect("(")
	var out []predicate
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
		out = append(out, func(View) bool { return true })
	}
	return out
}

var selectorKeys = map[string]Keyword{"name": Name, "type": Type, "account.id": AccountID}

// selector reads "name" or id(name: "name", type: "type", account.id: "account").
func (p *parser) selector() predicate {
	if p.token.kind == tokenString {
		name := p.token.text
		p.next()
		return textIs(Name, name)
	}
	if !p.accept("id") {
		p.expected(`a service's name in quotes or id(name: "…")`)
	}
	p.expect("(")
	var all []predicate
	for more := true; more && p.err == nil; more = p.accept(",") {
		key, ok := selectorKeys[p.token.text]
		if p.token.kind != tokenWord || !ok {
			p.expected("name, type or account.id")
		}
		p.next()
		p.expect(":")
		all = append(all, textIs(key, p.take(tokenString, "a string in quotes").text))
	}
	p.expect(")")
	return func(v View) bool {
		for _, matches := range all {
			if !matches(v) {
				return false
			}
		}
		return true
	}
}

func textIs(k Keyword, want string) predicate {
	return func(v View) bool { return v.Text(k, func(got string) bool { return got == want }) }
}
