package xray

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Filter is a filter expression, which chooses traces.
//
//	service("orders") { fault } AND annotation.tier = "gold" AND !partial
//
// It knows the keywords ok, error, fault, throttle, partial, responsetime,
// duration, http.status, http.url, http.method, http.useragent, http.clientip,
// user, name, type, annotation.key, annotation[key], service(…){…} and
// edge(…, …){…}; in the place of a service's name may stand id(name: "…", type:
// "…"). Booleans take !, numbers = != < <= > >=, strings = != CONTAINS BEGINSWITH
// ENDSWITH; AND, OR, NOT and parentheses join them.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
type Filter struct {
	matches predicate
}

// predicate says whether a view matches.
type predicate func(view) bool

// FilterError says where a filter expression is wrong.
type FilterError struct {
	Position int // of the character, from 1
	Message  string
}

// Error returns position and message.
func (e *FilterError) Error() string {
	return fmt.Sprintf("filter expression, position %d: %s", e.Position, e.Message)
}

// maxFilterDepth bounds nesting, because the parser recurses.
const maxFilterDepth = 50

// ParseFilter reads a filter expression. An error is a [*FilterError]. The empty
// expression matches every trace.
func ParseFilter(expression string) (*Filter, error) {
	p := &filterParser{lexer: lexer{text: expression}}
	p.next()
	matches := func(view) bool { return true }
	if p.token.kind != tokenEnd {
		matches = p.or()
	}
	if p.token.kind != tokenEnd {
		p.expected("AND, OR or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Filter{matches: matches}, nil
}

// filterParser is a recursive descent over the tokens. Each method starts at the
// first token of what it reads and ends at the first behind it. After an error
// the only token is the end; what the methods return then is never used.
type filterParser struct {
	lexer
	token token
	depth int
	err   error // the first
}

func (p *filterParser) next() {
	if p.err != nil {
		return
	}
	var err *FilterError
	if p.token, err = p.lexer.next(); err != nil {
		p.fail(err.Position, err.Message)
	}
}

func (p *filterParser) fail(position int, message string) {
	if p.err == nil {
		p.err = &FilterError{position, message}
	}
	p.token = token{kind: tokenEnd}
}

func (p *filterParser) expected(what string) {
	p.fail(p.token.position, "expected "+what+", found "+p.token.String())
}

// accept steps over a sign or word if it is there.
func (p *filterParser) accept(text string) bool {
	found := p.token.is(text)
	if found {
		p.next()
	}
	return found
}

// expect steps over a sign that must be there.
func (p *filterParser) expect(sign string) {
	if !p.accept(sign) {
		p.expected(sign)
	}
}

// take steps over a token of a kind that must be there, and returns it.
func (p *filterParser) take(kind tokenKind, what string) token {
	t := p.token
	if t.kind != kind {
		p.expected(what)
	}
	p.next()
	return t
}

func (p *filterParser) or() predicate {
	if p.depth++; p.depth > maxFilterDepth {
		p.fail(p.token.position, fmt.Sprintf("nested more than %d deep", maxFilterDepth))
	}
	defer func() { p.depth-- }()
	left := p.and()
	for p.accept("OR") {
		a, b := left, p.and()
		left = func(v view) bool { return a(v) || b(v) }
	}
	return left
}

func (p *filterParser) and() predicate {
	left := p.unary()
	for p.accept("AND") {
		a, b := left, p.unary()
		left = func(v view) bool { return a(v) && b(v) }
	}
	return left
}

func (p *filterParser) unary() predicate {
	negated := false
	for p.accept("!") || p.accept("NOT") {
		negated = !negated
	}
	matches := p.primary()
	return func(v view) bool { return matches(v) != negated }
}

func (p *filterParser) primary() predicate {
	if p.accept("(") {
		matches := p.or()
		p.expect(")")
		return matches
	}
	start := p.take(tokenWord, "a keyword or (")
	if key, ok := strings.CutPrefix(start.text, "annotation."); ok && key != "" {
		return p.annotation(key)
	}
	word := strings.ToLower(start.text)
	switch {
	case word == "annotation":
		return p.bracketed()
	case word == "service":
		return p.service()
	case word == "edge":
		return p.edge()
	case booleanKeywords[word] != nil:
		return p.boolean(booleanKeywords[word])
	case numberKeywords[word] != nil:
		return p.number(numberKeywords[word])
	case stringKeywords[word] != nil:
		return p.string(stringKeywords[word])
	}
	p.fail(start.position, "unknown keyword "+start.text)
	return nil
}

// boolean reads what may follow a boolean keyword: = true, or nothing.
func (p *filterParser) boolean(get func(view) bool) predicate {
	want := true
	if equal := p.token.is("="); equal || p.token.is("!=") {
		p.next()
		if !p.token.is("true") && !p.token.is("false") {
			p.expected("true or false")
		}
		want = p.token.is("true") == equal
		p.next()
	}
	return func(v view) bool { return get(v) == want }
}

func (p *filterParser) number(get func(view) (float64, bool)) predicate {
	compare := comparisons[p.token.text]
	if p.token.kind != tokenSign || compare == nil {
		p.expected("= != < <= > or >=")
	}
	p.next()
	want := p.take(tokenNumber, "a number").number
	return func(v view) bool {
		got, ok := get(v)
		return ok && compare(cmp.Compare(got, want))
	}
}

var comparisons = map[string]func(int) bool{
	"=":  func(c int) bool { return c == 0 },
	"!=": func(c int) bool { return c != 0 },
	"<":  func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 },
	">":  func(c int) bool { return c > 0 },
	">=": func(c int) bool { return c >= 0 },
}

var stringOperators = map[string]func(got, want string) bool{
	"=":          func(got, want string) bool { return got == want },
	"!=":         func(got, want string) bool { return got != want },
	"contains":   strings.Contains,
	"beginswith": strings.HasPrefix,
	"endswith":   strings.HasSuffix,
}

// string reads operator and literal; one of the values has to match.
func (p *filterParser) string(get func(view) []string) predicate {
	matches := stringOperators[strings.ToLower(p.token.text)]
	if matches == nil || p.token.kind == tokenString {
		p.expected("= != CONTAINS BEGINSWITH or ENDSWITH")
	}
	p.next()
	want := p.take(tokenString, "a string in quotes").text
	return func(v view) bool {
		return slices.ContainsFunc(get(v), func(got string) bool { return matches(got, want) })
	}
}

// bracketed reads the [key] of an annotation.
func (p *filterParser) bracketed() predicate {
	if !p.accept("[") {
		p.expected(".key or [key]")
	}
	key := p.token.text
	if p.token.kind != tokenWord && p.token.kind != tokenString {
		p.expected("the key of an annotation")
	}
	p.next()
	p.expect("]")
	return p.annotation(key)
}

// annotation reads what follows an annotation's key: a comparison with a string,
// number or boolean, or nothing, which asks whether it is there.
func (p *filterParser) annotation(key string) predicate {
	operator := strings.ToLower(p.token.text)
	compare, matchString := comparisons[operator], stringOperators[operator]
	if p.token.kind == tokenString || compare == nil && matchString == nil {
		return func(v view) bool { return len(v.annotations(key)) > 0 }
	}
	p.next()
	match := annotationMatch(operator, p.token)
	if match == nil {
		p.expected("a value that goes with " + operator)
	}
	p.next()
	return func(v view) bool { return slices.ContainsFunc(v.annotations(key), match) }
}

// annotationMatch compares an annotation with a literal; nil if the operator does
// not go with it. Values of another type never match.
func annotationMatch(operator string, literal token) func(value any) bool {
	compare, matchString := comparisons[operator], stringOperators[operator]
	switch {
	case literal.kind == tokenString && matchString != nil:
		return func(value any) bool {
			got, ok := value.(string)
			return ok && matchString(got, literal.text)
		}
	case literal.kind == tokenString:
		return func(value any) bool {
			got, ok := value.(string)
			return ok && compare(strings.Compare(got, literal.text))
		}
	case literal.kind == tokenNumber && compare != nil:
		return func(value any) bool {
			got, ok := value.(float64)
			return ok && compare(cmp.Compare(got, literal.number))
		}
	case (literal.is("true") || literal.is("false")) && (operator == "=" || operator == "!="):
		want := literal.is("true") == (operator == "=")
		return func(value any) bool {
			got, ok := value.(bool)
			return ok && got == want
		}
	}
	return nil
}
