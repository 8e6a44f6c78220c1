package lambdaevent_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

func TestStatus(t *testing.T) {
	for response, want := range map[string]int{
		`{"statusCode":201}`:                               201,
		" {\n \"statusCode\" : \"404\" }":                  404,
		`{"statusCode":"502 Bad Gateway"}`:                 502,
		`{"statusCode":500.0}`:                             500,
		`{"statusCode":100,"statusCode":500}`:              100,
		`{"statusCode":599}`:                               599,
		`{"\u0073tatusCode":201}`:                          201,
		`{"headers":{"statusCode":500},"statusCode":200}`:  200,
		`{"body":"{\"statusCode\":500}","statusCode":302}`: 302,
		`{"body":"\\","list":["]","{"],"statusCode":503}`:  503,
		`{"x":"statusCode","statusCode":204}`:              204,
		`{"statusCode":204,"no more of it is JSON`:         204,
		`{"statusCode":7}`:                                 0, // no HTTP status
		`{"statusCode":600}`:                               0,
		`{"statusCode":99}`:                                0,
		`{"statusCode":-200}`:                              0,
		`{"statusCode":null}`:                              0,
		`{"statusCode":99999999999999999999}`:              0,
		`{"statusCode":{"statusCode":500}}`:                0,
		`{"headers":{"statusCode":500}}`:                   0,
		`[{"statusCode":500}]`:                             0,
		`"statusCode"`:                                     0,
		`{"statusCode`:                                     0,
		`{"statusCode":`:                                   0,
		`{"a\`:                                             0,
		`{`:                                                0,
		``:                                                 0,
		`{"a":"` + strings.Repeat("x", 1<<20) + `","statusCode":500}`: 500,
	} {
		got, ok := lambdaevent.Status([]byte(response))
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%.60s: %d %t, want %d", response, got, ok, want)
		}
	}
}

func TestImpliedStatus(t *testing.T) {
	for s := lambdaevent.SourceUnknown; s <= lastSource; s++ {
		want := 0
		if s == lambdaevent.SourceAPIGatewayV2 || s == lambdaevent.SourceFunctionURL {
			want = 200
		}
		if got := s.ImpliedStatus(); got != want {
			t.Errorf("%v: %d, want %d", s, got, want)
		}
	}
}

// On valid JSON Status finds what encoding/json finds, but for repeated keys.
func FuzzStatus(f *testing.F) {
	for _, seed := range []string{`{"statusCode":201}`, `{"a":["\\\"",{}],"statusCode":"500"}`, `{"statusCode`, `{"a\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, response []byte) {
		got, ok := lambdaevent.Status(response)
		if ok && (got < 100 || got > 599) {
			t.Fatalf("%d is no status", got)
		}
		if _, unique := decode(json.NewDecoder(strings.NewReader(string(response)))); !unique {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(response, &object) != nil {
			return
		}
		if _, member := object["statusCode"]; ok && !member {
			t.Fatalf("%s has no statusCode", response)
		}
		var code int
		if json.Unmarshal(object["statusCode"], &code) == nil && 100 <= code && code <= 599 && code != got {
			t.Fatalf("%s: %d", response, got)
		}
	})
}
