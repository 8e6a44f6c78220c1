package filter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Want is what may stand at a place of an expression.
type Want uint8

// What may stand at a place.
const (
	WantKeyword    Want = iota // or a service(, edge(, annotation.
	WantAnnotation             // the key of one
	WantOperator               // of Place.Subject
	WantValue                  // of Place.Subject
	WantJoin                   // AND, OR, or another term
	WantService                // a service's name
	WantNothing                // the expression is wrong before, or in a string of its own
)

// Place is what [At] finds.
type Place struct {
	From, To int // the characters that a proposal replaces, from 1; To is behind them
	Prefix   string
	Want     Want
	Subject  string // the keyword, in lower case, or annotation.key
}

// At returns what may stand at a column, counted in characters from 1, in an
// expression that need not be complete. What is behind the column is not looked at.
func At(expression string, column int) Place {
	head := cutColumn(expression, column)
	l := lexer{text: head}
	var tokens []token
	for {
		t, err := l.next()
		if err != nil {
			if head[byteAt(head, t.position)] != '"' {
				return Place{From: column, To: column, Want: WantNothing}
			}
			t.kind, t.text = tokenString, head[byteAt(head, t.position)+1:] // not closed yet
			t.end = utf8.RuneCountInString(head) + 1
			return place(tokens, t)
		}
		if t.kind == tokenEnd {
			break
		}
		tokens = append(tokens, t)
	}
	end := utf8.RuneCountInString(head) + 1
	if n := len(tokens); n > 0 && tokens[n-1].end == end && tokens[n-1].kind == tokenWord {
		return place(tokens[:n-1], tokens[n-1]) // it may go on
	}
	return place(tokens, token{kind: tokenEnd, position: end, end: end})
}

func cutColumn(s string, column int) string {
	if i := byteAt(s, column); i < len(s) {
		return s[:i]
	}
	return s
}

// byteAt returns the index of the byte where a column begins.
func byteAt(s string, column int) int {
	for i := range s {
		if column--; column <= 0 {
			return i
		}
	}
	return len(s)
}

// place says what may stand after tokens, where last has been begun.
func place(tokens []token, last token) Place {
	p := Place{From: last.position, To: last.end, Prefix: last.text}
	n := len(tokens)
	back := func(i int) token {
		if i > n {
			return token{}
		}
		return tokens[n-i]
	}
	inString := last.kind == tokenString
	switch one, two := back(1), back(2); {
	case isOperator(one) && two.kind == tokenWord:
		p.Want, p.Subject = WantValue, strings.ToLower(two.text)
	case isOperator(one) && two.is("]"):
		p.Want, p.Subject = WantValue, "annotation."+back(3).text
	case inString && isSelector(tokens):
		p.Want = WantService
	case inString:
		p.Want = WantNothing
	case isSelector(tokens):
		p.Want = WantService
	case one.is("[") && two.is("annotation"):
		p.Want = WantAnnotation
	case last.kind == tokenWord && strings.HasPrefix(strings.ToLower(last.text), "annotation."):
		p.Want, p.Prefix = WantAnnotation, last.text[len("annotation."):]
		p.From += len("annotation.")
	case begins(one):
		p.Want = WantKeyword
	case one.is("]"):
		p.Want, p.Subject = WantOperator, "annotation."+two.text
	case one.kind == tokenWord && !begins(two) && !isTerm(one):
		p.Want = WantJoin // the value of a comparison, without quotes
	case one.kind == tokenWord:
		p.Want, p.Subject = WantOperator, strings.ToLower(one.text)
	default:
		p.Want = WantJoin
	}
	return p
}

// begins reports whether a term may begin behind a token.
func begins(t token) bool {
	return t.kind == tokenEnd || t.is("AND") || t.is("OR") || t.is("NOT") || t.is("!") || t.is("(") || t.is("{")
}

// isTerm reports whether a word is a keyword that an operator may follow.
func isTerm(t token) bool {
	_, known := keywords[strings.ToLower(t.text)]
	_, annotation := annotationKey(t.text)
	return known || annotation
}

// isOperator reports whether a value may follow a token.
func isOperator(t token) bool {
	if t.kind != tokenSign && t.kind != tokenWord {
		return false
	}
	operator := strings.ToLower(t.text)
	return comparisons[operator] != nil || stringOperators[operator] != nil
}

// isSelector reports whether the name of a service may follow: within the
// parentheses of service and edge.
func isSelector(tokens []token) bool {
	for i := len(tokens) - 1; i >= 0; i-- {
		switch t := tokens[i]; {
		case t.is("(") && i > 0 && (tokens[i-1].is("service") || tokens[i-1].is("edge")):
			at := tokens[len(tokens)-1]
			return at.is("(") || at.is(",")
		case t.is("(") && i > 0 && tokens[i-1].is("id"):
			n := len(tokens)
			return n >= 2 && tokens[n-1].is(":") && tokens[n-2].is("name")
		case t.is(")") || t.is("{") || t.is("}"):
			return false
		}
	}
	return false
}

// Keywords returns all keywords and how complex ones begin, sorted.
func Keywords() []string {
	words := []string{"annotation.", "service(", "edge(", "rootcause.json"}
	for w := range keywords {
		words = append(words, w)
	}
	for kind := range causeKinds {
		for _, level := range []string{"service", "entity", "exception"} {
			if level != "exception" || kind != "responsetime" {
				words = append(words, "rootcause."+kind+"."+level)
			}
		}
	}
	slices.Sort(words)
	return words
}

// Operators returns the operators that go with a subject.
func Operators(subject string) []string {
	k, known := keywords[subject]
	switch {
	case strings.HasPrefix(subject, "annotation."):
		return []string{"=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH", "<", "<=", ">", ">="}
	case !known:
		return nil
	case k.value == boolType:
		return []string{"=", "!="}
	case k.value == numberType:
		return []string{"=", "!=", "<", "<=", ">", ">="}
	}
	return []string{"=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"}
}

// Lookup returns the keyword that a subject is, and whether it has text values.
func Lookup(subject string) (k Keyword, text, known bool) {
	found, known := keywords[subject]
	return found.keyword, found.value == textType || found.value == groupType, known
}
