package sampling

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
)

func TestEndpoint(t *testing.T) {
	for _, c := range []struct {
		name, env string
		opts      []Option
		want      string
		err       []string
	}{
		{"default", "", nil, "http://127.0.0.1:2000", nil},
		{"environment", "10.0.0.1:2001", nil, "http://10.0.0.1:2001", nil},
		{"environment, two", "udp:10.0.0.1:2001 tcp:10.0.0.2:2002", nil, "http://10.0.0.2:2002", nil},
		{"option", "bad", []Option{WithDaemonAddress("[::1]:2000")}, "http://[::1]:2000", nil},
		{"empty option", "10.0.0.1:2001", []Option{WithDaemonAddress("")}, "http://10.0.0.1:2001", nil},
		{"URL", "", []Option{WithEndpoint("https://proxy.example.com/xray")}, "https://proxy.example.com/xray", nil},
		{"the last counts", "", []Option{WithDaemonAddress("h:1"), WithEndpoint("http://h:2")}, "http://h:2", nil},
		{"bad environment", "here", nil, "", []string{"AWS_XRAY_DAEMON_ADDRESS", `"here"`, "host:port"}},
		{"bad option", "", []Option{WithDaemonAddress("here")}, "", []string{"WithDaemonAddress", `"here"`}},
		{"bad scheme", "", []Option{WithEndpoint("unix:///x")}, "", []string{"WithEndpoint", `"unix:///x"`, "scheme", "http://host:port"}},
		{"no host", "", []Option{WithEndpoint("http:///x")}, "", []string{"WithEndpoint", "host is missing"}},
		{"a query", "", []Option{WithEndpoint("http://h?x=1")}, "", []string{"more than scheme, host and path"}},
		{"bad URL", "", []Option{WithEndpoint("http://h:x")}, "", []string{"invalid port"}},
		{"longest interval", "", []Option{WithPollingInterval(time.Hour)}, "http://127.0.0.1:2000", nil},
		{"shortest interval", "", []Option{WithPollingInterval(time.Second)}, "http://127.0.0.1:2000", nil},
		{"short interval", "", []Option{WithPollingInterval(time.Millisecond)}, "", []string{"WithPollingInterval", "1ms", "one second"}},
		{"long interval", "", []Option{WithPollingInterval(2 * time.Hour)}, "", []string{"one hour"}},
		{"bad rules", "", []Option{WithLocalRules([]byte("{"))}, "", []string{"local rules", "unexpected end"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("AWS_XRAY_DAEMON_ADDRESS", c.env)
			s, err := New(nil, c.opts...)
			if c.want != "" {
				if err != nil || s.Description() != "XRay{"+c.want+"}" {
					t.Errorf("%v, %v; want %s", s.Description(), err, c.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("no error, %s", s.Description())
			}
			if n := strings.Count(err.Error(), "sampling: "); n != 1 {
				t.Errorf("%q names the package %d times", err, n)
			}
			for _, part := range c.err {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if n := strings.Count(err.Error(), "http://h"); n > 2 { // what was given, and what to write
				t.Errorf("%q names the URL %d times", err, n)
			}
		})
	}
}

func TestFromEnv(t *testing.T) {
	for _, c := range []struct {
		name, sampler, arg string
		want               string // empty: none
		interval           time.Duration
		err                string
	}{
		{"not set", "", "endpoint=bad://", "", 0, ""},
		{"another", "parentbased_always_on", "", "", 0, ""},
		{"alone", " XRay ", "", "http://127.0.0.1:2000", 5 * time.Minute, ""},
		{"both", "xray", "endpoint=http://collector:2000, polling_interval=30", "http://collector:2000", 30 * time.Second, ""},
		{"host and port", "xray", "endpoint=localhost:2001,", "http://localhost:2001", 5 * time.Minute, ""},
		{"nothing between commas", "xray", ",,polling_interval=1,,endpoint=h:1", "http://h:1", time.Second, ""},
		{"an hour", "xray", "polling_interval=3600", "http://127.0.0.1:2000", time.Hour, ""},
		{"more than an hour", "xray", "polling_interval=3601", "", 0, `want seconds from 1 to 3600`},
		{"bad endpoint", "xray", "endpoint=ftp://h", "", 0, `OTEL_TRACES_SAMPLER_ARG: endpoint is "ftp://h"`},
		{"no endpoint", "xray", "endpoint", "", 0, `endpoint is ""`},
		{"bad interval", "xray", "polling_interval=5m", "", 0, `polling_interval is "5m", want seconds`},
		{"no interval", "xray", "polling_interval=0", "", 0, `want seconds from 1 to 3600`},
		{"unknown", "xray", "rate=1", "", 0, `"rate=1", want endpoint=URL`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("OTEL_TRACES_SAMPLER", c.sampler)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", c.arg)
			t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "")
			s, err := FromEnv(resource.Empty())
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) || s != nil {
					t.Errorf("%v, error %v, want %q", s, err, c.err)
				}
			case err != nil:
				t.Error(err)
			case c.want == "":
				if s != nil {
					t.Errorf("%v, want none", s)
				}
			case s.Description() != "XRay{"+c.want+"}" || s.(*Sampler).poll.interval != c.interval:
				t.Errorf("%s every %v, want %s every %v", s.Description(), s.(*Sampler).poll.interval, c.want, c.interval)
			}
		})
	}
	t.Run("options come after", func(t *testing.T) {
		t.Setenv("OTEL_TRACES_SAMPLER", "xray")
		t.Setenv("OTEL_TRACES_SAMPLER_ARG", "endpoint=h:1")
		s, err := FromEnv(nil, WithEndpoint("http://h:2"))
		if err != nil || s.Description() != "XRay{http://h:2}" {
			t.Errorf("%v, %v", s, err)
		}
	})
}
