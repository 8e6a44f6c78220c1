package filter

import (
	"cmp"
	"strings"
)

// bracketed reads the [key] of an annotation.
func (p *parser) bracketed() predicate {
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
func (p *parser) annotation(key string) predicate {
	operator := strings.ToLower(p.token.text)
	compare, matchString := comparisons[operator], stringOperators[operator]
	if p.token.kind == tokenString || compare == nil && matchString == nil {
		return func(v View) bool { return v.Annotation(key, func(any) bool { return true }) }
	}
	p.next()
	match := annotationMatch(operator, p.token)
	if match == nil {
		p.expected("a value that goes with " + operator)
	}
	p.next()
	return func(v View) bool { return v.Annotation(key, match) }
}

// annotationMatch compares an annotation with a literal; nil if the operator does
// not go with it. Values of another type never match.
func annotationMatch(operator string, literal token) func(value any) bool {
	compare, matchString := comparisons[operator], stringOperators[operator]
	truth, isBool := literal.truth()
	switch {
	case literal.kind == tokenWord && isBool && (operator == "=" || operator == "!="):
		want := truth == (operator == "=")
		return func(value any) bool {
			got, ok := value.(bool)
			return ok && got == want
		}
	case (literal.kind == tokenString || literal.kind == tokenWord && !isBool) && matchString != nil:
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
	}
	return nil
}
