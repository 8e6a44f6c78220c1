package lambdaxray

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestStatusOfJSON(t *testing.T) {
	for response, want := range map[string]int{
		`{"statusCode":201}`:                               201,
		" {\n \"statusCode\" : \"404\" }":                  404,
		`{"headers":{"statusCode":500},"statusCode":200}`:  200,
		`{"body":"{\"statusCode\":500}","statusCode":302}`: 302,
		`{"body":"\\","list":["]","{"],"statusCode":503}`:  503,
		`{"x":"statusCode","statusCode":204}`:              204,
		`{"statusCode":7}`:                                 0, // no HTTP status
		`{"statusCode":null}`:                              0,
		`{"statusCode":99999999999999999999}`:              0,
		`{"headers":{"statusCode":500}}`:                   0,
		`[{"statusCode":500}]`:                             0,
		`"statusCode"`:                                     0,
		`{"statusCode`:                                     0,
		`{"a\`:                                             0,
		`{`:                                                0,
		``:                                                 0,
		`{"a":"` + strings.Repeat("x", 1<<20) + `","statusCode":500}`: 500,
	} {
		got, ok := statusOfJSON([]byte(response))
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%.60s: %d %t, want %d", response, got, ok, want)
		}
	}
}

func TestStatusOfValue(t *testing.T) {
	type status int
	type key string
	for _, c := range []struct {
		response any
		want     int
	}{
		{struct{ StatusCode int }{201}, 201},
		{&struct{ StatusCode status }{404}, 404},
		{map[string]any{"statusCode": 500}, 500},
		{map[string]any{"statusCode": 500.0}, 500},
		{map[key]int{"statusCode": 302}, 302},
		{json.RawMessage(`{"statusCode":503}`), 503},
		{map[string]any{"statusCode": nil}, 0},
		{map[int]int{1: 200}, 0},
		{struct{ StatusCode string }{"200"}, 0},
		{struct{ StatusCode int }{7}, 0},
		{(*struct{ StatusCode int })(nil), 0},
		{"200", 0},
		{nil, 0},
	} {
		got, ok := statusOfValue(c.response)
		if ok != (c.want != 0) || ok && got != c.want {
			t.Errorf("%#v: %d %t, want %d", c.response, got, ok, c.want)
		}
	}
}

// On valid JSON statusOfJSON finds what encoding/json finds, but for keys written
// with escapes and repeated ones, which nobody sends.
func FuzzStatusOfJSON(f *testing.F) {
	for _, seed := range []string{`{"statusCode":201}`, `{"a":["\\\"",{}],"statusCode":"500"}`, `{"statusCode`, `{"a\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, response []byte) {
		got, ok := statusOfJSON(response)
		if ok && !isStatus(got) {
			t.Fatalf("%d is no status", got)
		}
		var object map[string]json.RawMessage
		if strings.Contains(string(response), `\u`) || strings.Count(string(response), "statusCode") > 1 || json.Unmarshal(response, &object) != nil {
			return
		}
		if _, member := object["statusCode"]; ok && !member {
			t.Fatalf("%s has no statusCode", response)
		}
		var code int
		if json.Unmarshal(object["statusCode"], &code) == nil && isStatus(code) && code != got {
			t.Fatalf("%s: %d", response, got)
		}
	})
}

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
