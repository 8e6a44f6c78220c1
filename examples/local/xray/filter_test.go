package xray

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filtered is a trace of 8 s: an ok front that calls a faulty back for 4 s.
func filtered(t *testing.T) *Store {
	return storeOf(t,
		doc("front", "1", "", 1, 9, `"user":"u-1","origin":"AWS::EC2::Instance","resource_arn":"arn:aws:x"`,
			`"annotations":{"tier":"gold","n":3,"vip":true}`,
			`"http":{"request":{"url":"https://shop.example.com/orders","method":"GET"},"response":{"status":201}}`,
			nested(doc("sub:back.example.com", "2", "", 2, 6, remote, `"error":true`))),
		doc("back", "3", "2", 3, 5, `"fault":true,"annotations":{"zone":"a"}`),
	)
}

func TestFilter(t *testing.T) {
	s := filtered(t)
	for expression, want := range map[string]bool{
		"":                             true,
		"ok":                           true,
		"OK":                           true,
		"!ok":                          false,
		"not not ok":                   true,
		"fault":                        false,
		"fault = false":                true,
		"fault != true":                true,
		"error OR throttle OR partial": false,
		"responsetime > 7":             true,
		"responsetime >= 8":            true,
		"responsetime > 8":             false,
		"duration = 8":                 true,
		"responsetime < 1 OR duration > 1 AND ok":                true,
		"(responsetime < 1 OR duration > 1) AND fault":           false,
		"http.status = 201":                                      true,
		"http.status != 201":                                     false,
		`http.url CONTAINS "/orders"`:                            true,
		`http.url BEGINSWITH "http://"`:                          false,
		`http.url endswith "orders"`:                             true,
		`http.method = "GET"`:                                    true,
		`http.useragent = ""`:                                    false,
		`user = "u-1"`:                                           true,
		`user != "u-1"`:                                          false,
		`type = "AWS::EC2::Instance"`:                            true,
		`annotation.tier = "gold"`:                               true,
		`annotation[tier] = "gold"`:                              true,
		`annotation.tier BEGINSWITH "g"`:                         true,
		`annotation.tier < "h"`:                                  true,
		`annotation.tier = 3`:                                    false,
		`annotation.n > 2.5`:                                     true,
		`annotation.n = "3"`:                                     false,
		`annotation.vip = true`:                                  true,
		`annotation.vip != true`:                                 false,
		`annotation.zone = "a"`:                                  true,
		`annotation.zone`:                                        true,
		`!annotation.area`:                                       true,
		`service("front")`:                                       true,
		`service("middle")`:                                      false,
		`service("front") { fault }`:                             false,
		`service("back") { fault }`:                              true,
		`service() { fault AND responsetime = 2 }`:               true,
		`service("back") { annotation.tier }`:                    false,
		`service(id(name: "front", type: "AWS::EC2::Instance"))`: true,
		`service(id(name: "front", type: "AWS::Lambda"))`:        false,
		`service(id(account.id: "1"))`:                           false,
		`edge("front", "back")`:                                  true,
		`edge("back", "front")`:                                  false,
		`edge("front", "back") { error }`:                        true,
		`edge("front", "back") { fault }`:                        false,
		`edge("front", "back") { responsetime = 4 }`:             true,
		`edge(id(name: "front"))`:                                true,
	} {
		t.Run(expression, func(t *testing.T) {
			filter, err := ParseFilter(expression)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(s.TraceSummaries(zero, zero, filter)) == 1; got != want {
				t.Errorf("matches: %v, want %v", got, want)
			}
		})
	}
}

func TestFilterErrors(t *testing.T) {
	for _, tt := range []struct {
		expression string
		position   int
		message    string
	}{
		{"ok AND", 7, "expected a keyword or (, found the end"},
		{"ok ok", 4, `expected AND, OR or the end, found "ok"`},
		{"speed > 1", 1, "unknown keyword speed"},
		{"responsetime > ", 16, "expected a number, found the end"},
		{`responsetime CONTAINS "1"`, 14, "expected = != < <= > or >="},
		{"responsetime > 1.2.3", 16, "bad number 1.2.3"},
		{`user = u`, 8, "expected a string in quotes"},
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
		{strings.Repeat("(", 100), maxFilterDepth + 1, "nested more than 50 deep"},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			_, err := ParseFilter(tt.expression)
			var fe *FilterError
			if !errors.As(err, &fe) {
				t.Fatalf("error %v, want a FilterError", err)
			}
			if fe.Position != tt.position || !strings.Contains(fe.Message, tt.message) {
				t.Errorf("got %v, want position %d: %s", fe, tt.position, tt.message)
			}
		})
	}
}

func FuzzParseFilter(f *testing.F) {
	f.Add(`service("x") { fault AND !annotation.a = "b" } OR edge(id(name: "a", type: "b"), "c") { responsetime > 1.5 }`)
	f.Add(`annotation[k] CONTAINS "\"" AND (http.status >= 400 OR user ENDSWITH "x")`)
	s := NewStore()
	if err := s.Put([]byte(doc("front", "1", "", 1, 9, `"annotations":{"k":"v"}`, nested(doc("sub:b", "2", "", 2, 6, remote))))); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		filter, err := ParseFilter(expression)
		if (filter == nil) != (err != nil) {
			t.Fatalf("filter %v and error %v", filter, err)
		}
		s.TraceSummaries(zero, zero, filter)
	})
}

func TestTraceSummary(t *testing.T) {
	got := filtered(t).TraceSummaries(zero, zero, nil)
	front := ServiceID{Name: "front", Names: []string{"front"}, Type: "AWS::EC2::Instance"}
	back := ServiceID{Name: "back", Names: []string{"back"}}
	of := func(v any, ids ...ServiceID) []AnnotationValue {
		value, _ := valueOf(v)
		return []AnnotationValue{{value, ids}}
	}
	want := []TraceSummary{{
		ID: testTrace, StartTime: 1, Duration: 8, ResponseTime: 8,
		HTTP: HTTPSummary{URL: "https://shop.example.com/orders", Method: "GET", Status: 201},
		Annotations: map[string][]AnnotationValue{
			"tier": of("gold", front), "n": of(3.0, front), "vip": of(true, front), "zone": of("a", back),
		},
		Users:        []TraceUser{{"u-1", []ServiceID{front}}},
		ServiceIDs:   []ServiceID{front, back},
		ResourceARNs: []ResourceARN{{"arn:aws:x"}},
		EntryPoint:   &front,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
