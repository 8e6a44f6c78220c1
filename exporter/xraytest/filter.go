package xraytest

import (
	"cmp"
	"fmt"
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
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.token.kind == tokenEnd {
		return &Filter{matches: func(view) bool { return true }}, nil
	}
	matches, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.expected("AND, OR or the end")
	}
	return &Filter{matches: matches}, nil
}

// filterParser is a recursive descent over the tokens. Each method starts at the
// first token of what it reads and ends at the first behind it.
type filterParser struct {
	lexer
	token token
	depth int
}

func (p *filterParser) next() (err error) {
	p.token, err = p.lexer.next()
	return err
}

func (p *filterParser) expected(what string) error {
	return &FilterError{p.token.position, "expected " + what + ", found " + p.token.String()}
}

// accept steps over a sign or word if it is there.
func (p *filterParser) accept(text string) (bool, error) {
	if !p.token.is(text) {
		return false, nil
	}
	return true, p.next()
}

// expect steps over a sign that must be there.
func (p *filterParser) expect(text string) error {
	found, err := p.accept(text)
	if err == nil && !found {
		err = p.expected(text)
	}
	return err
}

func (p *filterParser) or() (predicate, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, &FilterError{p.token.position, fmt.Sprintf("nested more than %d deep", maxFilterDepth)}
	}
	defer func() { p.depth-- }()
	return p.joined("OR", p.and, func(a, b predicate) predicate {
		return func(v view) bool { return a(v) || b(v) }
	})
}

func (p *filterParser) and() (predicate, error) {
	return p.joined("AND", p.unary, func(a, b predicate) predicate {
		return func(v view) bool { return a(v) && b(v) }
	})
}

// joined reads operands with the word between them.
func (p *filterParser) joined(word string, operand func() (predicate, error), join func(a, b predicate) predicate) (predicate, error) {
	left, err := operand()
	for err == nil {
		var more bool
		if more, err = p.accept(word); err != nil || !more {
			break
		}
		var right predicate
		if right, err = operand(); err == nil {
			left = join(left, right)
		}
	}
	return left, err
}

func (p *filterParser) unary() (predicate, error) {
	negated := false
	for p.token.is("!") || p.token.is("NOT") {
		negated = !negated
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	matches, err := p.primary()
	if err != nil || !negated {
		return matches, err
	}
	return func(v view) bool { return !matches(v) }, nil
}

func (p *filterParser) primary() (predicate, error) {
	if found, err := p.accept("("); err != nil || found {
		return p.enclosed(")", err)
	}
	if p.token.kind != tokenWord {
		return nil, p.expected("a keyword or (")
	}
	start, word := p.token, strings.ToLower(p.token.text)
	if err := p.next(); err != nil {
		return nil, err
	}
	if key, ok := strings.CutPrefix(start.text, "annotation."); ok && key != "" {
		return p.annotation(key)
	}
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
	return nil, &FilterError{start.position, "unknown keyword " + start.text}
}

// enclosed reads an expression and the sign behind it.
func (p *filterParser) enclosed(closing string, err error) (predicate, error) {
	if err != nil {
		return nil, err
	}
	matches, err := p.or()
	if err != nil {
		return nil, err
	}
	return matches, p.expect(closing)
}

// boolean reads what may follow a boolean keyword: = true, or nothing.
func (p *filterParser) boolean(get func(view) bool) (predicate, error) {
	want := true
	if p.token.is("=") || p.token.is("!=") {
		want = p.token.is("=")
		if err := p.next(); err != nil {
			return nil, err
		}
		switch {
		case p.token.is("true"):
		case p.token.is("false"):
			want = !want
		default:
			return nil, p.expected("true or false")
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return func(v view) bool { return get(v) == want }, nil
}

func (p *filterParser) number(get func(view) (float64, bool)) (predicate, error) {
	compare, err := p.comparison()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenNumber {
		return nil, p.expected("a number")
	}
	want := p.token.number
	return func(v view) bool {
		got, ok := get(v)
		return ok && compare(cmp.Compare(got, want))
	}, p.next()
}

// comparison reads = != < <= > >= and returns what it says of a cmp.Compare.
func (p *filterParser) comparison() (func(int) bool, error) {
	compare, ok := comparisons[p.token.text]
	if p.token.kind != tokenSign || !ok {
		return nil, p.expected("= != < <= > or >=")
	}
	return compare, p.next()
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
func (p *filterParser) string(get func(view) []string) (predicate, error) {
	operator := stringOperators[strings.ToLower(p.token.text)]
	if operator == nil || p.token.kind == tokenString {
		return nil, p.expected("= != CONTAINS BEGINSWITH or ENDSWITH")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.token.kind != tokenString {
		return nil, p.expected("a string in quotes")
	}
	want := p.token.text
	return func(v view) bool {
		for _, got := range get(v) {
			if operator(got, want) {
				return true
			}
		}
		return false
	}, p.next()
}

// bracketed reads the [key] of an annotation.
func (p *filterParser) bracketed() (predicate, error) {
	if !p.token.is("[") {
		return nil, p.expected(`.key or [key]`)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.token.kind != tokenWord && p.token.kind != tokenString {
		return nil, p.expected("the key of an annotation")
	}
	key := p.token.text
	if err := p.next(); err != nil {
		return nil, err
	}
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	return p.annotation(key)
}

// annotation reads what follows an annotation's key: a comparison with a string,
// number or boolean, or nothing, which asks whether it is there.
func (p *filterParser) annotation(key string) (predicate, error) {
	operator := strings.ToLower(p.token.text)
	compare, compares := comparisons[operator]
	matchString := stringOperators[operator]
	if p.token.kind == tokenString || !compares && matchString == nil {
		return func(v view) bool { return len(v.annotations(key)) > 0 }, nil
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	var match func(value any) bool
	switch {
	case p.token.kind == tokenString:
		want := p.token.text
		match = func(value any) bool {
			got, ok := value.(string)
			if matchString != nil {
				return ok && matchString(got, want)
			}
			return ok && compare(strings.Compare(got, want))
		}
	case p.token.kind == tokenNumber && compares:
		want := p.token.number
		match = func(value any) bool {
			got, ok := value.(float64)
			return ok && compare(cmp.Compare(got, want))
		}
	case (p.token.is("true") || p.token.is("false")) && (operator == "=" || operator == "!="):
		want := p.token.is("true") == (operator == "=")
		match = func(value any) bool {
			got, ok := value.(bool)
			return ok && got == want
		}
	default:
		return nil, p.expected("a value that goes with " + operator)
	}
	return func(v view) bool {
		for _, value := range v.annotations(key) {
			if match(value) {
				return true
			}
		}
		return false
	}, p.next()
}
