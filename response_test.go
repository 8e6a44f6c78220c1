package lambdaxray

import (
	"encoding/json"
	"testing"
)

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
