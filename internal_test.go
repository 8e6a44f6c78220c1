package lambdaxray

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestSplitARN(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:lambda:eu-west-1:123456789012:function:orders":        {"123456789012", "arn:aws:lambda:eu-west-1:123456789012:function:orders"},
		"arn:aws:lambda:eu-west-1:123456789012:function:orders:live":   {"123456789012", "arn:aws:lambda:eu-west-1:123456789012:function:orders"},
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:o:$LATEST": {"123456789012", "arn:aws-cn:lambda:cn-north-1:123456789012:function:o"},
		"arn:aws:lambda::123456789012:function:o:1":                    {"123456789012", "arn:aws:lambda::123456789012:function:o"},
		"arn:aws:lambda:eu-west-1:123456789012:function":               {},
		"arn:aws:lambda:eu-west-1::function:orders":                    {},
		"arn:aws:lambda:eu-west-1:123456789012:function:":              {},
		"orders": {},
		"":       {},
	} {
		account, resource := splitARN(arn)
		if got := [2]string{account, resource}; got != want {
			t.Errorf("%q: %q", arn, got)
		}
	}
}

func TestCutMessage(t *testing.T) {
	longest := strings.Repeat("x", maxMessage)
	if got := cutMessage(longest); got != longest {
		t.Errorf("%d bytes are cut to %d", len(longest), len(got))
	}
	if got := cutMessage(longest + "y"); got != longest+"… (1 bytes more)" {
		t.Errorf("a byte more ends in %q", got[maxMessage-5:])
	}
}

func TestWithoutSecrets(t *testing.T) {
	for u, want := range map[string]string{
		"https://u:p@h:1/a@b?x#y": "https://h:1/a@b", "//u@h": "//h", "/a?x": "/a", "?x": "", "#y?x": "", "": "",
	} {
		if got := withoutSecrets(u); got != want {
			t.Errorf("%s: %q, want %q", u, got, want)
		}
	}
}

func FuzzAppendVerboseStack(f *testing.F) {
	f.Add("no price\nmain.price\n\t/src/price.go:12\nmain.main\n\t/src/main.go:7")
	f.Add("\n\t\n\t")
	f.Add("a\n\tb\n\n\tc")
	f.Fuzz(func(t *testing.T, verbose string) {
		text, ok := appendVerboseStack(nil, verbose)
		if lines := strings.Count(string(text), "\n"); ok != (len(text) > 0) || lines%2 != 0 {
			t.Errorf("%t, %d lines: %q", ok, lines, text)
		}
	})
}

// A header is the one thing that comes to a response.
func FuzzWithTraceHeader(f *testing.F) {
	f.Add(`{"statusCode":200,"headers":{"a":"b"},"body":"{}"}`)
	f.Add(`{"statusCode":200,"headers":null,"multiValueHeaders":{}}`)
	f.Add(` { "headers" : { } , "statusCode" : "200" } `)
	f.Add(`{"statusCode":1}x`)
	f.Add(`[]`)
	ctx := trace.ContextWithSpanContext(f.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	s := &functionSpan{ctx: ctx}
	f.Fuzz(func(t *testing.T, response string) {
		got := string(s.withTraceHeader([]byte(response), "X-Trace"))
		if got == response {
			return
		}
		if json.Valid([]byte(response)) && !json.Valid([]byte(got)) {
			t.Errorf("%s became %s", response, got)
		}
		if strings.Count(got, "X-Trace") != strings.Count(response, "X-Trace")+1 {
			t.Errorf("%s became %s", response, got)
		}
	})
}

// matches is a regular expression in few words.
func FuzzMatches(f *testing.F) {
	for _, seed := range [][2]string{{"*.example.com", "a.example.com"}, {"/health*", "/healthz"}, {"a?c", "abc"}, {"*a*b*", "xaxbx"}, {"a*b", "aXbX"}, {"", ""}, {"*", ""}, {"a**", "a"}, {"?", ""}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		expression := regexp.QuoteMeta(pattern)
		expression = strings.ReplaceAll(strings.ReplaceAll(expression, `\*`, ".*"), `\?`, ".")
		for _, c := range pattern + text {
			if c > 126 || c < 32 { // bytes and runes differ
				t.Skip()
			}
		}
		want := regexp.MustCompile("^(?s:" + expression + ")$").MatchString(text)
		if got := matches(pattern, text); got != want {
			t.Errorf("%q of %q is %t, want %t", text, pattern, got, want)
		}
	})
}
