package filter

import (
	"errors"
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct {
		expression string
		column     int
		message    string
	}{
		{"ok AND", 7, "expected a keyword or (, found the end"},
		{"ok }", 4, `expected AND, OR or the end, found "}"`},
		{"speed > 1", 1, "unknown keyword speed"},
		{"responsetime > ", 16, "expected a number, found the end"},
		{`responsetime CONTAINS "1"`, 14, "expected = != < <= > or >="},
		{"responsetime > 1.2.3", 16, "bad number 1.2.3"},
		{`user = 1`, 8, "expected a string in quotes"},
		{`rootcause.speed`, 1, "goes on with fault"},
		{`ok rootcause.responsetime.exception { name = "x" }`, 4, "has service, entity"},
		{`rootcause.fault.exception { last and message = "x"`, 51, "expected }"},
		{`rootcause.json = [1]`, 18, "expected JSON behind #"},
		{`rootcause.json = #[{]`, 18, "JSON is needed behind #"},
		{`rootcause.json = #"x"`, 18, "a root cause is a list"},
		{`group.name > "x"`, 12, "expected = != CONTAINS"},
		{`user > "u"`, 6, "expected = != CONTAINS"},
		{`user = "ü" § ok`, 12, "unexpected character '§'"},
		{`user = "u`, 8, "without a closing quote"},
		{"(ok", 4, "expected ), found the end"},
		{"fault = 1", 9, "expected true or false"},
		{`annotation = "a"`, 12, "expected .key or [key]"},
		{`annotation.a CONTAINS 1`, 23, "expected a value that goes with contains"},
		{`annotation[1]`, 12, "expected the key"},
		{`service("a"`, 12, "expected )"},
		{`service("a", "b")`, 12, "expected )"},
		{`service(a)`, 9, "expected a service's name"},
		{`service("a") { fault`, 21, "expected }"},
		{`service(id(size: "a"))`, 12, "expected name, type or account.id"},
		{`edge("a" "b")`, 10, "expected ,"},
		{`edge "a"`, 6, `expected (, found "a"`},
		{`service(id("a"))`, 12, "expected name, type or account.id"},
		{`service(id(name "a"))`, 17, "expected :"},
		{`service(id(name: a))`, 18, "expected a string in quotes"},
		{`service(id(name: "a" type: "b"))`, 22, "expected )"},
		{`annotation[a = 1`, 14, "expected ]"},
		{strings.Repeat("(", 100), maxDepth + 1, "nested more than 50 deep"},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			_, err := Parse(tt.expression)
			var fe *SyntaxError
			if !errors.As(err, &fe) {
				t.Fatalf("error %v, want a SyntaxError", err)
			}
			if fe.Column != tt.column || !strings.Contains(fe.Message, tt.message) {
				t.Errorf("got %v, want column %d: %s", fe, tt.column, tt.message)
			}
		})
	}
}

// everything is a View that has a value for all.
type everything struct{}

func (everything) Flag(Keyword) bool                             { return true }
func (everything) Number(Keyword) (float64, bool)                { return 1, true }
func (everything) Text(_ Keyword, f func(string) bool) bool      { return f("x") }
func (everything) Annotation(_ string, f func(any) bool) bool    { return f("x") || f(1.0) || f(true) }
func (v everything) Services(f func(View) bool) bool             { return f(v) }
func (v everything) Edges(f func(from, to, call View) bool) bool { return f(v, v, v) }
func (everything) Group(_ Keyword, f func(string) bool) bool     { return f("x") }
func (everything) Causes(CauseKind) []Cause {
	return []Cause{{}, {Services: []CauseService{{Name: "x", Entities: []CauseEntity{{Name: "x", Exceptions: []CauseException{{"x", "y"}}}}}}}}
}

func FuzzParse(f *testing.F) {
	f.Add(`service("x") { fault AND !annotation.a = "b" } OR edge(id(name: "a", type: "b"), "c") { responsetime > 1.5 }`)
	f.Add(`annotation[k] CONTAINS "\"" AND (http.status >= 400 OR user ENDSWITH "x") group.name = "x"`)
	f.Add(`rootcause.json = #[{"Services":[{"Name":"x","EntityPath":[{"Name":"x"}]}]}] rootcause.fault.exception{last index=1}`)
	f.Fuzz(func(t *testing.T, expression string) {
		filter, err := Parse(expression)
		if (filter == nil) != (err != nil) {
			t.Fatalf("filter %v and error %v", filter, err)
		}
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 1 || syntax.Column > len(expression)+1 {
				t.Errorf("error %v", err)
			}
			return
		}
		filter.Match(everything{})
	})
}
