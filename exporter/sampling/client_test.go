package sampling

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

const ruleA = `{"SamplingRule":{"RuleName":"a","Version":1,"Priority":1,"ReservoirSize":0,"FixedRate":%v,` +
	`"ServiceName":"*","ServiceType":"*","ResourceARN":"*","HTTPMethod":"*","Host":"*","URLPath":"*"}}`

// waitForPoll returns when the poll under way has ended.
func waitForPoll(t *testing.T, s *Sampler) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); s.polling.Load(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the poll does not end")
		}
	}
}

// A bad answer is reported, and the rules that were known stay. Then a good one
// counts.
func TestAnswers(t *testing.T) {
	good := `{"SamplingRuleRecords":[` + fmt.Sprintf(ruleA, 1) + `]}`
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		err     string // a part of it; or
		rules   int
	}{
		{"403 with JSON", status(403, `{"SamplingRuleRecords":[]}`), "403", 0},
		{"500", status(500, "boom"), `500 Internal Server Error: "boom"`, 0},
		{"204", status(204, ""), "204", 0},
		{"nothing", status(200, ""), "unexpected end", 0},
		{"null", status(200, "null"), "no SamplingRuleRecords", 0},
		{"no list", status(200, `{"Message":"hello"}`), "no SamplingRuleRecords", 0},
		{"a list", status(200, `[{}]`), "cannot unmarshal array", 0},
		{"text", status(200, `<html>`), "invalid character", 0},
		{"another type", status(200, `{"SamplingRuleRecords":[{"SamplingRule":{"FixedRate":"x"}}]}`), "FixedRate", 0},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/GetSamplingRules" {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			} else {
				_, _ = w.Write([]byte(good))
			}
		}, "307", 0},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"Sampl`))
		}, "unexpected EOF", 0},
		{"closed", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			conn.Close()
		}, "EOF", 0},
		{"10 MB", status(200, `{"SamplingRuleRecords":[`+strings.Repeat(`{},`, 10<<20/3)+`{}]}`), "more than 4194304 bytes", 0},
		{"pages without end", status(200, `{"SamplingRuleRecords":[],"NextToken":"again"}`), "more than 100 pages", 0},
		{"no rules", status(200, `{"SamplingRuleRecords":[]}`), "", 0},
		{"records of nothing", status(200, `{"SamplingRuleRecords":[{},null,{"SamplingRule":null},`+fmt.Sprintf(ruleA, 1)+`]}`), "", 1},
		{"whole numbers as floating point", status(200, `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"a","Version":1.0,"Priority":1E1,"ServiceName":"*","ServiceType":"*","ResourceARN":"*"}}]}`), "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			errs := captureErrors(t)
			server := httptest.NewServer(c.handler)
			defer server.Close()
			s, err := New(orders, WithEndpoint(server.URL+"/")) // a slash more does no harm
			if err != nil {
				t.Fatal(err)
			}
			known := newRules([]samplingRuleRecord{{&samplingRule{RuleName: "known", Version: 1, ServiceName: "*", ServiceType: "*", ResourceARN: "*"}}}, &s.service, nil, 0)
			s.rules.Store(&ruleSet{known, time.Hour})
			for range 2 {
				s.due.Store(0)
				s.poll.due = 0
				decide(s, 1)
				waitForPoll(t, s)
			}
			switch {
			case c.err == "" && len(errs()) != 0:
				t.Errorf("reported %v", errs())
			case c.err == "" && len(s.rules.Load().rules) != c.rules:
				t.Errorf("%d rules, want %d", len(s.rules.Load().rules), c.rules)
			case c.err != "" && (len(errs()) != 1 || !strings.Contains(errs()[0].Error(), c.err) || !strings.Contains(errs()[0].Error(), "GetSamplingRules at "+server.URL)):
				t.Errorf("reported %v, want one error with %q", errs(), c.err)
			case c.err != "" && (len(s.rules.Load().rules) != 1 || s.rules.Load().rules[0].source.RuleName != "known"):
				t.Error("the known rules are gone")
			}
		})
	}
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { failWith(code, body)("", w, r) }
}

func TestPages(t *testing.T) {
	var tokens []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 100)
		n, _ := r.Body.Read(body)
		tokens = append(tokens, string(body[:n]))
		if len(tokens) == 1 {
			_, _ = w.Write([]byte(`{"SamplingRuleRecords":[],"NextToken":"two"}`))
			return
		}
		_, _ = fmt.Fprintf(w, `{"SamplingRuleRecords":[`+ruleA+`]}`, 1)
	}))
	defer server.Close()
	s, err := New(orders, WithEndpoint(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	decide(s, 1)
	waitForPoll(t, s)
	if got := decide(s, 10); got != 10 || len(tokens) != 2 || tokens[0] != `{}` || tokens[1] != `{"NextToken":"two"}` {
		t.Errorf("%d of 10 by a rule of the second page; asked %q", got, tokens)
	}
}

// While X-Ray hangs, decisions do not wait and one call runs at a time; it ends
// after five seconds.
func TestHang(t *testing.T) {
	errs := captureErrors(t)
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := newTestSampler(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
			asked++
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		begin := time.Now()
		decide(s, 10_000)
		synctest.Wait()
		decide(s, 10_000)
		if waited := time.Since(begin); waited != 0 || asked != 1 {
			t.Errorf("decisions took %v, %d calls", waited, asked)
		}
		for s.polling.Load() {
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
		}
		if took := time.Since(begin); took != callTimeout {
			t.Errorf("the call ended after %v, want %v", took, callTimeout)
		}
	})
	if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), context.DeadlineExceeded.Error()) {
		t.Errorf("reported %v", got)
	}
}

// Through real sockets: nothing is left running, no proxy and no default
// transport is used.
func TestDaemon(t *testing.T) {
	if newTransport().(*http.Transport).Proxy != nil { // of the environment's, Go leaves loopback alone anyway
		t.Error("calls to a daemon go through a proxy")
	}
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	http.DefaultTransport = roundTripFunc(func(*http.Request) (*http.Response, error) {
		t.Error("http.DefaultTransport was used, which may be traced")
		return nil, errRefused
	})
	errs := captureErrors(t)
	rules := xraytest.NewSamplingRules(oneRule(0, 0.25))
	daemon := xraytest.NewDaemon(t, xraytest.WithSamplingRules(rules))
	_, port, _ := net.SplitHostPort(daemon.Addr())
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "udp:127.0.0.1:1 tcp:127.0.0.1:"+port)
	idle := runtime.NumGoroutine()
	s, err := New(orders)
	if err != nil {
		t.Fatal(err)
	}
	decide(s, 1)
	waitForPoll(t, s)
	if got := decide(s, 100); !near(got, 25) {
		t.Errorf("%d of 100 by the daemon's rule, want 25", got)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > idle && time.Now().Before(deadline); {
		runtime.Gosched() // the server's side of the connection ends by itself
	}
	if n := runtime.NumGoroutine(); n > idle {
		t.Errorf("%d goroutines, %d before", n, idle)
	}
	for _, r := range s.rules.Load().rules {
		r.reservoir.due = 0 // or the report would be ten seconds away
	}
	s.due.Store(0)
	_, more := rules.Statistics()
	decide(s, 1)
	<-more
	waitForPoll(t, s)
	all, _ := rules.Statistics()
	if len(all) != 1 || all[0].ClientID != s.poll.clientID || all[0].RequestCount < 100 {
		t.Errorf("reported %+v", all)
	}
	if len(errs()) != 0 {
		t.Errorf("errors %v", errs())
	}
}
