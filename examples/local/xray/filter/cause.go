package filter

import (
	"encoding/json"
	"strings"
)

// rootCause reads what follows rootcause.: json, or a kind, a level and
// {expression}.
func (p *parser) rootCause(word string, start token) predicate {
	if word == "json" {
		return p.causeJSON()
	}
	kindName, level, _ := strings.Cut(word, ".")
	kind, known := causeKinds[kindName]
	if !known {
		p.fail(start.position, "unknown keyword "+start.text+": rootcause. goes on with fault, error, responsetime or json")
		return nil
	}
	var each func(c Cause, f func(element) bool) bool
	switch {
	case level == "":
		each = func(_ Cause, f func(element) bool) bool { return f(element{}) }
	case level == "service":
		each = Cause.eachService
	case level == "entity":
		each = Cause.eachEntity
	case level == "exception" && kind != ResponseTimeCause:
		each = Cause.eachException
	default:
		p.fail(start.position, "unknown keyword "+start.text+": a root cause has service, entity and, unless it is of the response time, exception")
		return nil
	}
	inner := p.braced()
	return func(v View) bool {
		for _, c := range v.Causes(kind) {
			if each(c, func(e element) bool { return inner(e) }) {
				return true
			}
		}
		return false
	}
}

// element is a service, an entity or an exception in a root cause, as a View.
type element struct {
	index, count int
	name, typ    string
	account      string
	message      string
	inferred     bool
	remote       bool
	coverage     float64
	hasCoverage  bool
}

func (c Cause) eachService(f func(element) bool) bool {
	for i, s := range c.Services {
		if f(element{index: i, count: len(c.Services), name: s.Name, typ: s.Type, account: s.AccountID, inferred: s.Inferred}) {
			return true
		}
	}
	return false
}

func (c Cause) eachEntity(f func(element) bool) bool {
	for _, s := range c.Services {
		for i, e := range s.Entities {
			if f(element{index: i, count: len(s.Entities), name: e.Name, remote: e.Remote, coverage: e.Coverage, hasCoverage: true, inferred: s.Inferred}) {
				return true
			}
		}
	}
	return false
}

func (c Cause) eachException(f func(element) bool) bool {
	for _, s := range c.Services {
		for _, e := range s.Entities {
			for i, x := range e.Exceptions {
				if f(element{index: i, count: len(e.Exceptions), name: x.Name, message: x.Message, remote: e.Remote}) {
					return true
				}
			}
		}
	}
	return false
}

// Flag returns a boolean keyword.
func (e element) Flag(k Keyword) bool {
	switch k {
	case First:
		return e.index == 0
	case Last:
		return e.index == e.count-1
	case Remote:
		return e.remote
	case Inferred:
		return e.inferred
	}
	return false
}

// Number returns a number keyword.
func (e element) Number(k Keyword) (float64, bool) {
	switch k {
	case Index:
		return float64(e.index), true
	case Coverage:
		return e.coverage, e.hasCoverage
	}
	return 0, false
}

// Text returns a string keyword.
func (e element) Text(k Keyword, f func(string) bool) bool {
	text := ""
	switch k {
	case Name:
		text = e.name
	case Type:
		text = e.typ
	case Message:
		text = e.message
	case AccountID:
		text = e.account
	}
	return text != "" && f(text)
}

// The others: an element has nothing of these.

func (e element) Annotation(string, func(any) bool) bool    { return false }
func (e element) Services(func(View) bool) bool             { return false }
func (e element) Edges(func(from, to, call View) bool) bool { return false }
func (e element) Group(Keyword, func(string) bool) bool     { return false }
func (e element) Causes(CauseKind) []Cause                  { return nil }

// jsonCause is a root cause as the API has it. What is left out matches anything.
type jsonCause struct {
	Services []struct {
		Name       string
		Type       string
		AccountID  string `json:"AccountId"`
		Inferred   *bool
		EntityPath []struct {
			Name       string
			Remote     *bool
			Exceptions []struct{ Name, Message string }
		}
	}
}

// causeJSON reads = or != and JSON behind #; or nothing, which asks whether there
// is a root cause. The trace must have every root cause of the list.
func (p *parser) causeJSON() predicate {
	equal := p.token.is("=")
	if !equal && !p.token.is("!=") {
		return func(v View) bool {
			return anyCause(v, func(Cause) bool { return true })
		}
	}
	p.next()
	t := p.take(tokenJSON, "JSON behind #, as in #[{\"Services\": …}]")
	var wanted []jsonCause
	if p.err == nil {
		if err := json.Unmarshal([]byte(t.text), &wanted); err != nil {
			var one jsonCause
			if json.Unmarshal([]byte(t.text), &one) != nil {
				p.fail(t.position, "a root cause is a list of {\"Services\": [{\"Name\": …, \"EntityPath\": […]}]}: "+err.Error())
				return nil
			}
			wanted = []jsonCause{one}
		}
	}
	return func(v View) bool {
		for _, want := range wanted {
			if !anyCause(v, want.matches) {
				return !equal
			}
		}
		return equal
	}
}

func anyCause(v View, f func(Cause) bool) bool {
	for _, kind := range causeKinds {
		for _, c := range v.Causes(kind) {
			if f(c) {
				return true
			}
		}
	}
	return false
}

// matches compares the path: as many services and entities, one by one.
func (w jsonCause) matches(c Cause) bool {
	if len(w.Services) != len(c.Services) {
		return false
	}
	for i, ws := range w.Services {
		s := c.Services[i]
		if !agrees(ws.Name, s.Name) || !agrees(ws.Type, s.Type) || !agrees(ws.AccountID, s.AccountID) || ws.Inferred != nil && *ws.Inferred != s.Inferred {
			return false
		}
		if ws.EntityPath == nil {
			continue
		}
		if len(ws.EntityPath) != len(s.Entities) {
			return false
		}
		for j, we := range ws.EntityPath {
			e := s.Entities[j]
			if !agrees(we.Name, e.Name) || we.Remote != nil && *we.Remote != e.Remote || len(we.Exceptions) > len(e.Exceptions) {
				return false
			}
			for k, wx := range we.Exceptions {
				if !agrees(wx.Name, e.Exceptions[k].Name) || !agrees(wx.Message, e.Exceptions[k].Message) {
					return false
				}
			}
		}
	}
	return true
}

func agrees(want, got string) bool { return want == "" || want == got }
