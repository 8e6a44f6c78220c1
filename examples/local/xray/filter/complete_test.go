package filter

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestAt: the cursor is where the bar stands.
func TestAt(t *testing.T) {
	for _, test := range []struct {
		expression string
		want       Want
		replaced   string
		subject    string
	}{
		{`|`, WantKeyword, ``, ``},
		{`fau|`, WantKeyword, `fau`, ``},
		{`!fau|lt`, WantKeyword, `fau`, ``},
		{`ok AND |`, WantKeyword, ``, ``},
		{`ok |`, WantOperator, ``, `ok`},
		{`service("x") { err|`, WantKeyword, `err`, ``},
		{`responsetime |`, WantOperator, ``, `responsetime`},
		{`http.url CONT|`, WantOperator, `CONT`, `http.url`},
		{`http.url CONTAINS |`, WantValue, ``, `http.url`},
		{`http.url CONTAINS "/or|`, WantValue, `"/or`, `http.url`},
		{`user = ad|`, WantValue, `ad`, `user`},
		{`user = "ada" |`, WantJoin, ``, ``},
		{`responsetime > 3 |`, WantJoin, ``, ``},
		{`annotation.ti|`, WantAnnotation, `ti`, ``},
		{`annotation.order.id = |`, WantValue, ``, `annotation.order.id`},
		{`annotation[|`, WantAnnotation, ``, ``},
		{`annotation[order.id] |`, WantOperator, ``, `annotation.order.id`},
		{`annotation[order.id] = "ü|`, WantValue, `"ü`, `annotation.order.id`},
		{`service(|`, WantService, ``, ``},
		{`service("ord|`, WantService, `"ord`, ``},
		{`edge("a", |`, WantService, ``, ``},
		{`service(id(name: "|`, WantService, `"`, ``},
		{`service("x") |`, WantJoin, ``, ``},
		{`ok § |`, WantNothing, ``, ``},
	} {
		expression, rest, _ := strings.Cut(test.expression, "|")
		column := utf8.RuneCountInString(expression) + 1
		got := At(expression+rest, column)
		replaced := string([]rune(expression)[got.From-1 : got.To-1])
		if got.Want != test.want || replaced != test.replaced || got.Subject != test.subject {
			t.Errorf("%s: want %d of %q, replacing %q; got %+v, replacing %q", test.expression, test.want, test.subject, test.replaced, got, replaced)
		}
	}
}

func FuzzAt(f *testing.F) {
	f.Add(`service("x") { annotation[a] = "ü`, 20)
	f.Add(`ok #{ §`, 5)
	f.Fuzz(func(t *testing.T, expression string, column int) {
		p := At(expression, column)
		if p.Want != WantNothing && (p.From < 1 || p.To < p.From || p.To > utf8.RuneCountInString(expression)+1) {
			t.Errorf("%+v", p)
		}
	})
}
