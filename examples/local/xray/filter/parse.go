package filter

import (
	"cmp"
	"fmt"
	"strings"
)

// Filter is an expression that has been read. It is safe for concurrent use.
type Filter struct {
	matches predicate
}

// predicate says whether a view matches.
type predicate func(View) bool

// Match reports whether a trace matches; a nil Filter matches all.
func (f *Filter) Match(v View) bool { return f == nil || f.matches == nil || f.matches(v) }

// All reports whether every trace matches.
func (f *Filter) All() bool { return f == nil || f.matches == nil }

// SyntaxError says where an expression is wrong.
type SyntaxError struct {
	Column  int // of the character, from 1
	Message string
}

// Error returns column and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter expression, column %d: %s", e.Column, e.Message)
}

// maxDepth bounds nesting, because the parser recurses.
const maxDepth = 50

// Parse reads an expression. An error is a [*SyntaxError]. The empty expression
// matches every trace.
func Parse(expression string) (*Filter, error) {
	p := &parser{lexer: lexer{text: expression}}
	p.next()
	f := &Filter{}
	if p.token.kind != tokenEnd {
		f.matches = p.or()
	}
	if p.token.kind != tokenEnd {
		p.expected("AND, OR or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return f, nil
}

// parser is a recursive descent over the tokens. Each method starts at the first
// token of what it reads and ends at the first behind it. After an error the only
// token is the end; what the methods return then is never used.
type parser struct {
	lexer
	token token
	depth int
	err   error // the first
}

func (p *parser) next() {
	if p.err != nil {
		return
	}
	var err *SyntaxError
	if p.token, err = p.lexer.next(); err != nil {
		p.fail(err.Column, err.Message)
	}
}

func (p *parser) fail(column int, message string) {
	if p.err == nil {
		p.err = &SyntaxError{column, message}
	}
	p.token = token{kind: tokenEnd}
}

func (p *parser) expected(what string) {
	p.fail(p.token.position, "expected "+what+", found "+p.token.String())
}

// accept steps over a sign or word if it is there.
func (p *parser) accept(text string) bool {
	found := p.token.is(text)
	if found {
		p.next()
	}
	return found
}

// expect steps over a sign that must be there.
func (p *parser) expect(sign string) {
	if !p.accept(sign) {
		p.expected(sign)
	}
}

// take steps over a token of a kind that must be there, and returns it.
func (p *parser) take(kind tokenKind, what string) token {
	t := p.token
	if t.kind != kind {
		p.expected(what)
	}
	p.next()
	return t
}

func (p *parser) or() predicate {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.token.position, fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	defer func() { p.depth-- }()
	left := p.and()
	for p.accept("OR") {
		a, b := left, p.and()
		left = func(v View) bool { return a(v) || b(v) }
	}
	return left
}

// and reads terms with AND or nothing between them.
func (p *parser) and() predicate {
	left := p.unary()
	for p.accept("AND") || p.begins() {
		a, b := left, p.unary()
		left = func(v View) bool { return a(v) && b(v) }
	}
	return left
}

// begins reports whether another term begins at the token.
func (p *parser) begins() bool {
	return p.token.is("!") || p.token.is("(") || p.token.kind == tokenWord && !p.token.is("OR")
}

func (p *parser) unary() predicate {
	negated := false
	for p.accept("!") || p.accept("NOT") {
		negated = !negated
	}
	matches := p.primary()
	return func(v View) bool { return matches(v) != negated }
}

func (p *parser) primary() predicate {
	if p.accept("(") {
		matches := p.or()
		p.expect(")")
		return matches
	}
	start := p.take(tokenWord, "a keyword or (")
	if key, ok := annotationKey(start.text); ok {
		return p.annotation(key)
	}
	word := strings.ToLower(start.text)
	if cause, ok := strings.CutPrefix(word, "rootcause."); ok {
		return p.rootCause(cause, start)
	}
	switch word {
	case "annotation":
		return p.bracketed()
	case "service":
		return p.service()
	case "edge":
		return p.edge()
	case "json":
		return p.causeJSON()
	}
	k, ok := keywords[word]
	if !ok {
		p.fail(start.position, "unknown keyword "+start.text)
		return nil
	}
	switch k.value {
	case boolType:
		return p.boolean(k.keyword)
	case numberType:
		return p.number(k.keyword)
	case groupType:
		return p.text(func(v View, f func(string) bool) bool { return v.Group(k.keyword, f) })
	}
	return p.text(func(v View, f func(string) bool) bool { return v.Text(k.keyword, f) })
}

func annotationKey(word string) (key string, ok bool) {
	const prefix = "annotation."
	if len(word) <= len(prefix) || !strings.EqualFold(word[:len(prefix)], prefix) {
		return "", false
	}
	return word[len(prefix):], true
}

// boolean reads what may follow a boolean keyword: = true, or nothing.
func (p *parser) boolean(k Keyword) predicate {
	want := true
	if equal := p.token.is("="); equal || p.token.is("!=") {
		p.next()
		value, ok := p.token.truth()
		if !ok {
			p.expected("true or false")
		}
		want = value == equal
		p.next()
	}
	return func(v View) bool { return v.Flag(k) == want }
}

// truth reads true and false, in quotes too: the guide calls them strings.
func (t token) truth() (value, ok bool) {
	if t.kind != tokenWord && t.kind != tokenString {
		return false, false
	}
	value = strings.EqualFold(t.text, "true")
	return value, value || strings.EqualFold(t.text, "false")
}

// number reads a comparison, or nothing, which asks whether there is a number.
func (p *parser) number(k Keyword) predicate {
	compare := comparisons[p.token.text]
	if p.token.kind != tokenSign || compare == nil {
		if p.token.kind != tokenString && stringOperators[strings.ToLower(p.token.text)] != nil {
			p.expected("= != < <= > or >=")
		}
		return func(v View) bool {
			_, ok := v.Number(k)
			return ok
		}
	}
	p.next()
	want := p.take(tokenNumber, "a number").number
	return func(v View) bool {
		got, ok := v.Number(k)
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

// text reads operator and literal, of which one value has to match; or nothing,
// which asks whether there is a value.
func (p *parser) text(values func(View, func(string) bool) bool) predicate {
	matches := stringOperators[strings.ToLower(p.token.text)]
	if matches == nil || p.token.kind == tokenString {
		if p.token.kind == tokenSign && comparisons[p.token.text] != nil {
			p.expected("= != CONTAINS BEGINSWITH or ENDSWITH")
		}
		return func(v View) bool { return values(v, func(string) bool { return true }) }
	}
	p.next()
	want := p.literal()
	return func(v View) bool {
		return values(v, func(got string) bool { return matches(got, want) })
	}
}

// literal reads a string. The guide has one without quotes.
func (p *parser) literal() string {
	t := p.token
	if t.kind != tokenString && t.kind != tokenWord {
		p.expected("a string in quotes")
	}
	p.next()
	return t.text
}
