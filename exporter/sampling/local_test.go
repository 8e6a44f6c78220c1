package sampling

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const version2 = `{"version":2,"default":{"fixed_target":2,"rate":0},"rules":[
	{"description":"health","host":"*","http_method":"GET","url_path":"/health*","fixed_target":0,"rate":0},
	{"host":"api.example.com","http_method":"*","url_path":"*","fixed_target":3,"rate":0.5}]}`

const version1 = `{"version":1,"default":{"fixed_target":2,"rate":0},"rules":[
	{"service_name":"*","http_method":"GET","url_path":"/health*","fixed_target":0,"rate":0},
	{"service_name":"api.example.com","http_method":"*","url_path":"*","fixed_target":3,"rate":0.5}]}`

func TestLocalRules(t *testing.T) {
	for version, text := range map[string]string{"1": version1, "2": version2} {
		t.Run("version "+version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := NewLocal([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if got := decide(s, 100, attrs("http.request.method", "GET", "url.path", "/healthz")...); got != 0 {
						t.Errorf("%d of 100 health checks", got)
					}
					if got := decide(s, 100, attrs("http.request.method", "GET", "url.path", "/", "server.address", "API.example.com")...); !near(got, 50) {
						t.Errorf("%d of 100 by the second rule", got)
					}
					if got := decide(s, 100, attrs("http.request.method", "POST", "url.path", "/health")...); got != 2 {
						t.Errorf("%d of 100 by the default", got)
					}
					if got := decide(s, 100); got != 0 { // of the default's two nothing is left
						t.Errorf("%d of 100 without attributes", got)
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

func TestLocalDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewLocal(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := decide(s, 1000); !near(got, 51) {
			t.Errorf("%d of 1000, want one a second and 5 %%", got)
		}
		if s.Description() != "XRay{local}" {
			t.Error(s.Description())
		}
	})
}

// Files as editors and other SDKs write them.
func TestLocalRulesAsOthersWriteThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewLocal([]byte("\xef\xbb\xbf" + `{"version":2,"comment":"ours","default":{"fixed_target":3.0,"rate":0},"rules":null}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := decide(s, 100); got != 3 {
			t.Errorf("%d of 100", got)
		}
	})
}

// The largest numbers that a rule may have.
func TestLocalRulesAtTheirLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewLocal([]byte(`{"version":2,"default":{"fixed_target":2147483647,"rate":1}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := decide(s, 100); got != 100 {
			t.Errorf("%d of 100", got)
		}
	})
}

// The local rules decide while X-Ray cannot be asked.
func TestWithLocalRules(t *testing.T) {
	captureErrors(t)
	synctest.Test(t, func(t *testing.T) {
		s := newTestSampler(t, roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errRefused }),
			WithLocalRules([]byte(version2)), WithLocalRules(nil))
		if got := decide(s, 100); got != 2 {
			t.Errorf("%d of 100 by the local default", got)
		}
		synctest.Wait()
	})
}

func TestBadLocalRules(t *testing.T) {
	rule := func(text string) string {
		return `{"version":2,"default":{"fixed_target":1,"rate":0.1},"rules":[{"host":"*","http_method":"*","url_path":"*","fixed_target":1,"rate":0.1},` + text + `]}`
	}
	for text, want := range map[string]string{
		`{`:                                   "unexpected end",
		`null`:                                "version is 0",
		`{"version":3,"default":{}}`:          "version is 3, want 1 or 2",
		`{"version":2}`:                       "default is missing",
		`{"version":2,"default":{"rate":-1}}`: "default.rate is -1",
		`{"version":2,"default":{"fixed_target":-1}}`:         "default.fixed_target is -1",
		`{"version":2,"default":{"fixed_target":1.5}}`:        "default.fixed_target is 1.5, want a whole number",
		`{"version":"2","default":{}}`:                        "version is string, want a number, at byte 14",
		`{"version":2,"default":{"rate":"0.5"}}`:              "default.rate is string, want a number",
		`{"version":2,"default":{},"rules":{}}`:               "rules is object, want a list",
		`{"version":2,"default":{},"rules":[{"host":1}]}`:     "rules.host is number, want a string",
		`{"version":2,"default":{"url_path":"/"}}`:            "default has a pattern",
		`{"version":2,"default":{"host":"h"}}`:                "default has a pattern",
		`{"version":2,"default":{"http_method":"*"}}`:         "default has a pattern",
		`{"version":1,"default":{"service_name":"*"}}`:        "default has a pattern",
		`{"version":2,"default":{"rate":1.1}}`:                "default.rate is 1.1",
		`{"version":2,"default":{"fixed_target":2147483648}}`: "default.fixed_target is 2147483648",
		rule(`null`): "rules[1] is null",
		rule(`{"http_method":"*","url_path":"*"}`):                       "rules[1].host is missing",
		rule(`{"host":"*","url_path":"*"}`):                              "rules[1].http_method is missing",
		rule(`{"host":"*","http_method":"*"}`):                           "rules[1].url_path is missing",
		rule(`{"host":"*","http_method":"*","url_path":"*","rate":2}`):   "rules[1].rate is 2",
		rule(`{"service_name":"*","http_method":"*","url_path":"*"}`):    "rules[1].service_name has no meaning in version 2, want host",
		strings.Replace(version1, `"service_name":"*"`, `"host":"*"`, 1): "rules[0].host has no meaning in version 1, want service_name",
	} {
		if _, err := NewLocal([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "sampling: local rules: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzLocalRules(f *testing.F) {
	f.Add([]byte(version1))
	f.Add([]byte(version2))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := NewLocal(text)
		if err == nil {
			decide(s, 2, attrs("http.request.method", "GET", "url.path", "/")...)
		}
	})
}
