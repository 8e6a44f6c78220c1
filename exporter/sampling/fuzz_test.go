package sampling

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
)

// FuzzAnswers has X-Ray answer both calls with anything: decisions go on, and
// with sane numbers.
func FuzzAnswers(f *testing.F) {
	rules, err := json.Marshal(getRulesOutput{SamplingRuleRecords: []samplingRuleRecord{{}, {&samplingRule{
		RuleName: "a", Version: 1, Priority: 1, FixedRate: 0.5, ReservoirSize: 1, ServiceName: "*", ServiceType: "*",
		ResourceARN: "*", HTTPMethod: "G?T", Host: "*", URLPath: "/*", Attributes: map[string]string{"k": "*"}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(rules, []byte(`{"SamplingTargetDocuments":[{"RuleName":"a","FixedRate":0.1,"ReservoirQuota":1,"ReservoirQuotaTTL":1e9,"Interval":10,`+
		`"SamplingBoost":{"BoostRate":1,"BoostRateTTL":1e9}},null],"UnprocessedStatistics":[{"RuleName":"b","ErrorCode":"400"}],"LastRuleModification":1}`))
	f.Add([]byte(`{"SamplingRuleRecords":[null],"NextToken":"x"}`), []byte(`null`))
	before := otel.GetErrorHandler()
	f.Cleanup(func() { otel.SetErrorHandler(before) })
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	f.Fuzz(func(t *testing.T, rules, targets []byte) {
		pages := 0
		s := newTestSampler(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			switch pages++; {
			case strings.HasSuffix(r.URL.Path, "Targets"):
				_, _ = w.Write(targets)
			case pages > 2: // whatever the token says
				_, _ = w.WriteString(`{"SamplingRuleRecords":[]}`)
			default:
				_, _ = w.Write(rules)
			}
			return w.Result(), nil
		}))
		for range 3 {
			s.poll.run(s)
			decide(s, 3, attrs("http.request.method", "GET", "url.path", "/", "k", "v")...)
			for s.polling.Load() { // what the decisions started
				time.Sleep(time.Microsecond)
			}
			for _, r := range s.rules.Load().rules {
				r.reservoir.due = 0
			}
		}
		for _, r := range s.rules.Load().rules {
			v := r.reservoir
			if v.interval < minReportInterval || v.interval > maxReportInterval || v.quota < 0 || v.rate > 1<<63 || v.boost > 1<<63 {
				t.Errorf("%+v", v)
			}
		}
	})
}

// FuzzRequest reads what a client may send: the parts lie in it, and rules of
// all kinds can be held against them.
func FuzzRequest(f *testing.F) {
	f.Add("http://u:p@[::1]:80/p?q#f", "h:80", "/t?q", "GET", int64(80))
	f.Add("//", "[", "http://h", "", int64(-1))
	f.Add("a://:/", ":", "*", "_OTHER", int64(0))
	f.Fuzz(func(t *testing.T, url, host, target, method string, port int64) {
		for _, attributes := range [][]any{
			{"url.full", url, "http.host", host, "http.request.method", method},
			{"http.target", target, "server.address", host, "server.port", int(port)},
			{"http.url", url, "net.host.name", host, "net.host.port", method},
		} {
			var q request
			q.scan(attrs(attributes...))
			if strings.ContainsAny(q.path, "?#") || q.path != "/" && !strings.Contains(url, q.path) && !strings.Contains(target, q.path) {
				t.Errorf("path %q of %q or %q", q.path, url, target)
			}
			for _, text := range []string{"*", "?", "*:80", host, "*" + target} {
				p := newPattern(text)
				q.matchHost(&p)
				p.match(q.path)
			}
			if all := newPattern("*"); !q.matchHost(&all) || !all.match(q.path) || !all.match(q.method) {
				t.Error("* does not match everything")
			}
		}
	})
}

func FuzzArgument(f *testing.F) {
	f.Add("endpoint=http://localhost:2000,polling_interval=300")
	f.Fuzz(func(t *testing.T, text string) {
		opts, err := parseArgument(text)
		if err != nil {
			return
		}
		if s, err := New(orders, opts...); err != nil {
			t.Errorf("%q: %v", text, err)
		} else if u := s.poll.client.url; u.Hostname() == "" {
			t.Errorf("%q gave %v", text, u)
		}
	})
}
