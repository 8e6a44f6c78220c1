package sampling

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func oneRule(size int, rate float64) xraytest.SamplingRule {
	return xraytest.SamplingRule{RuleName: "Default", Priority: 10000, ReservoirSize: size, FixedRate: rate}
}

// inBubble runs test with a fake clock and X-Ray in memory. The sampler has
// X-Ray's rules by then, and its clock stands at the begin of a second.
func inBubble(t *testing.T, rules []xraytest.SamplingRule, test func(*Sampler, *xraytest.SamplingRules, *calls), opts ...Option) {
	t.Helper()
	errs := captureErrors(t)
	synctest.Test(t, func(t *testing.T) {
		xray := xraytest.NewSamplingRules(rules...)
		handler := &calls{Handler: xray}
		s := newTestSampler(t, inMemory{Handler: handler}, opts...)
		pollDue(s)
		time.Sleep(time.Second - time.Since(s.start)%time.Second)
		test(s, xray, handler)
		synctest.Wait()
	})
	for _, err := range errs() {
		t.Error(err)
	}
}

// pollDue makes the calls that are due, at first the one for rules. A decision would
// do, but it may or may not find their answers.
func pollDue(s *Sampler) {
	s.pollIfDue(time.Since(s.start))
	synctest.Wait()
}

// nextReport lets the report that is due at about d happen, and ends at the begin
// of a second.
func nextReport(s *Sampler, d time.Duration) {
	time.Sleep(d + reportJitter)
	decide(s, 1)
	synctest.Wait()
	time.Sleep(time.Second - time.Since(s.start)%time.Second)
}

func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errs := captureErrors(t)
		s := newTestSampler(t, roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errRefused }))
		for range 3 {
			if got := decide(s, 1000); !near(got, 51) {
				t.Errorf("%d of 1000, want one a second and 5 %%", got)
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if len(errs()) != 1 || !strings.Contains(errs()[0].Error(), "127.0.0.1:2000") || !strings.Contains(errs()[0].Error(), "refused") {
			t.Errorf("reported %v, want one error that says where and why", errs())
		}
	})
}

func TestBorrowing(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{oneRule(10, 0)}, func(s *Sampler, rules *xraytest.SamplingRules, _ *calls) {
		for range 3 {
			if got := decide(s, 100); got != 1 {
				t.Errorf("%d of 100, want one a second", got)
			}
			time.Sleep(time.Second)
		}
		nextReport(s, 8*time.Second)
		// A borrowed request was recorded, so it is in both numbers.
		if got, want := reported(rules, "Default"), (counts{301, 4, 4}); got != want {
			t.Errorf("reported %+v, want %+v", got, want)
		}
	})
}

func TestNoReservoir(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{oneRule(0, 0)}, func(s *Sampler, _ *xraytest.SamplingRules, _ *calls) {
		if got := decide(s, 100); got != 0 {
			t.Errorf("%d of 100 sampled of a rule that wants none", got)
		}
	})
}

func TestQuota(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{oneRule(10, 0)}, func(s *Sampler, rules *xraytest.SamplingRules, _ *calls) {
		rules.SetTargets(xraytest.SamplingTarget{RuleName: "Default", FixedRate: 0.5, ReservoirQuota: 5, QuotaTTL: 30 * time.Second, Interval: time.Minute})
		nextReport(s, 10*time.Second)
		if got := decide(s, 5); got != 5 {
			t.Errorf("%d of the quota of 5", got)
		}
		if got := decide(s, 1000); !near(got, 500) {
			t.Errorf("%d of 1000 beyond the quota, want half", got)
		}
		time.Sleep(time.Second)
		if got := decide(s, 5); got != 5 {
			t.Errorf("%d of the next second's quota of 5", got)
		}
		time.Sleep(30 * time.Second) // the quota has ended, the rate has not
		if got := decide(s, 1000); !near(got, 501) {
			t.Errorf("%d of 1000, want a borrowed one and half", got)
		}
		nextReport(s, time.Minute)
		if all, _ := rules.Statistics(); len(all) != 2 || all[1].BorrowCount == 0 || all[1].BorrowCount >= 5 {
			t.Errorf("%+v: want the borrowed ones counted, and not those of the quota", all)
		}
	})
}

// QuotaTTL and BoostRateTTL are times of X-Ray's clock, which ours need not agree with.
func TestClockSkew(t *testing.T) {
	for _, skew := range []time.Duration{-6 * time.Hour, 6 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			body := func(path string) string {
				if path == "/GetSamplingRules" {
					return `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"a","Version":1,"Priority":1,"ReservoirSize":1,"FixedRate":0,
						"ServiceName":"*","ServiceType":"*","ResourceARN":"*","HTTPMethod":"*","Host":"*","URLPath":"*"}}]}`
				}
				return fmt.Sprintf(`{"SamplingTargetDocuments":[{"RuleName":"a","FixedRate":0,"ReservoirQuota":50,"ReservoirQuotaTTL":%d,"Interval":300}]}`,
					time.Now().Add(skew+time.Minute).Unix())
			}
			s := newTestSampler(t, inMemory{skew: skew, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(body(r.URL.Path)))
			})})
			pollDue(s)
			decide(s, 1)
			nextReport(s, 10*time.Second)
			if got := decide(s, 100); got != 50 {
				t.Errorf("clock ahead by %v: %d of a quota of 50", skew, got)
			}
			time.Sleep(58 * time.Second)
			if got := decide(s, 100); got != 50 {
				t.Errorf("clock ahead by %v: %d of a quota of 50 towards its end", skew, got)
			}
			time.Sleep(3 * time.Second)
			if got := decide(s, 100); got != 1 {
				t.Errorf("clock ahead by %v: %d after the quota, want a borrowed one", skew, got)
			}
		})
	}
}

func TestBoost(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{oneRule(0, 0)}, func(s *Sampler, rules *xraytest.SamplingRules, _ *calls) {
		rules.SetTargets(xraytest.SamplingTarget{RuleName: "Default", FixedRate: 0.1, BoostRate: 0.8, BoostTTL: 20 * time.Second, Interval: time.Minute})
		nextReport(s, 10*time.Second)
		if got := decide(s, 1000); !near(got, 800) {
			t.Errorf("%d of 1000 while boosted, want 800", got)
		}
		time.Sleep(20 * time.Second)
		if got := decide(s, 1000); !near(got, 100) {
			t.Errorf("%d of 1000 after the boost, want 100", got)
		}
	})
}

// X-Ray's Interval is followed, shorter or longer, and an idle process asks nothing.
func TestInterval(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{oneRule(1, 0)}, func(s *Sampler, rules *xraytest.SamplingRules, made *calls) {
		target := xraytest.SamplingTarget{RuleName: "Default", Interval: 3 * time.Second}
		rules.SetTargets(target)
		run := func(d time.Duration) int {
			before := made.count("/SamplingTargets")
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
				decide(s, 1)
				synctest.Wait()
			}
			return made.count("/SamplingTargets") - before
		}
		run(11 * time.Second)
		if got := run(30 * time.Second); got < 9 || got > 10 {
			t.Errorf("%d reports in 30 s, want one every 3", got)
		}
		target.Interval = 25 * time.Second
		rules.SetTargets(target)
		run(4 * time.Second)
		if got := run(50 * time.Second); got < 1 || got > 2 {
			t.Errorf("%d reports in 50 s, want one every 25", got)
		}
		before := made.count("/SamplingTargets") + made.count("/GetSamplingRules")
		time.Sleep(24 * time.Hour)
		if after := made.count("/SamplingTargets") + made.count("/GetSamplingRules"); after != before {
			t.Errorf("%d calls without a request", after-before)
		}
	})
}

// A rule that was not modified keeps everything over a call for rules; a modified
// one keeps its statistics. No request goes unreported.
func TestRefresh(t *testing.T) {
	start := oneRule(10, 0)
	inBubble(t, []xraytest.SamplingRule{start}, func(s *Sampler, rules *xraytest.SamplingRules, made *calls) {
		rules.SetTargets(xraytest.SamplingTarget{RuleName: "Default", FixedRate: 0.5, ReservoirQuota: 5, QuotaTTL: time.Hour, Interval: 20 * time.Second})
		nextReport(s, 10*time.Second)
		total := 1 // nextReport's
		for range 60 {
			if got := decide(s, 100); got < 45 {
				t.Errorf("%d of 100: the quota or the rate is gone", got)
			}
			synctest.Wait()
			total += 100
			time.Sleep(time.Second)
		}
		if n := made.count("/GetSamplingRules"); n < 6 {
			t.Errorf("%d calls for rules in a minute, want one about every 7 s", n)
		}
		start.FixedRate, start.ReservoirSize = 0.1, 0
		rules.SetRules(start)
		rules.SetTargets()
		nextReport(s, 20*time.Second) // X-Ray says that rules were modified
		total++
		if got := decide(s, 1000); !near(got, 100) {
			t.Errorf("%d of 1000 by the modified rule, want 100", got)
		}
		total += 1000
		nextReport(s, 20*time.Second)
		total++
		if got := reported(rules, "Default").requests; got != total {
			t.Errorf("%d of %d requests were reported", got, total)
		}
	}, WithPollingInterval(2*time.Second))
}

// A modification is fetched at once, and so are the rules when one is gone.
func TestModification(t *testing.T) {
	first := xraytest.SamplingRule{RuleName: "first", Priority: 1}
	inBubble(t, []xraytest.SamplingRule{first, oneRule(0, 1)}, func(s *Sampler, rules *xraytest.SamplingRules, made *calls) {
		decide(s, 1)
		nextReport(s, 10*time.Second)
		if n := made.count("/GetSamplingRules"); n != 1 {
			t.Errorf("%d calls for rules, want one", n)
		}
		nextReport(s, 10*time.Second)
		if n := made.count("/GetSamplingRules"); n != 1 {
			t.Errorf("%d calls for rules after a second report, want one", n)
		}
		rules.SetRules(oneRule(0, 1)) // "first" is refused by now
		nextReport(s, 10*time.Second)
		if n := made.count("/GetSamplingRules"); n != 2 {
			t.Errorf("%d calls for rules after a modification, want two", n)
		}
		if got := decide(s, 10); got != 10 {
			t.Errorf("%d of 10 by the rule that is left", got)
		}
		rules.SetRules(oneRule(0, 0)) // nothing is refused
		nextReport(s, 10*time.Second)
		if n := made.count("/GetSamplingRules"); n != 3 {
			t.Errorf("%d calls for rules after a modification of one, want three", n)
		}
		made.setFail(func(path string, w http.ResponseWriter, r *http.Request) bool {
			return path == "/SamplingTargets" && failWith(200, `{"SamplingTargetDocuments":[],"UnprocessedStatistics":[{"RuleName":"Default","ErrorCode":"404"}]}`)(path, w, r)
		})
		nextReport(s, 10*time.Second)
		if n := made.count("/GetSamplingRules"); n != 4 {
			t.Errorf("%d calls for rules after one was refused, want four", n)
		}
	})
}

func TestRulesExpire(t *testing.T) {
	errs := captureErrors(t)
	synctest.Test(t, func(t *testing.T) {
		handler := &calls{Handler: xraytest.NewSamplingRules(oneRule(0, 1))}
		s := newTestSampler(t, inMemory{Handler: handler})
		pollDue(s)
		handler.setFail(failWith(403, `{"SamplingRuleRecords":[],"message":"The security token is expired"}`))
		for range 59 {
			if got := decide(s, 10); got != 10 {
				t.Fatalf("%d of 10 after %v, want the known rule", got, time.Since(s.start))
			}
			synctest.Wait()
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Minute)
		if got := decide(s, 1000); !near(got, 51) {
			t.Errorf("%d of 1000 after an hour, want one a second and 5 %%", got)
		}
		handler.setFail(nil)
		time.Sleep(retryInterval + reportJitter)
		decide(s, 1)
		synctest.Wait()
		if got := decide(s, 10); got != 10 {
			t.Errorf("%d of 10 when X-Ray is back", got)
		}
	})
	if got := errs(); len(got) != 2 || !strings.Contains(got[0].Error(), "403") || !strings.Contains(got[0].Error(), "token is expired") {
		t.Errorf("reported %v, want each call once and why", got)
	}
}

// Statistics of a call that failed go with the next one.
func TestStatisticsArePutBack(t *testing.T) {
	errs := captureErrors(t)
	synctest.Test(t, func(t *testing.T) {
		rules := xraytest.NewSamplingRules(oneRule(1, 0.5))
		handler := &calls{Handler: rules}
		s := newTestSampler(t, inMemory{Handler: handler})
		pollDue(s)
		yes := decide(s, 99)
		for _, fail := range []func(string, http.ResponseWriter, *http.Request) bool{
			failWith(500, ""),
			failWith(200, `{}`),
			failWith(200, `{"SamplingTargetDocuments":[],"UnprocessedStatistics":[{"RuleName":"Default","ErrorCode":"500"}]}`),
			nil,
		} {
			handler.setFail(fail)
			yes += decide(s, 1)
			time.Sleep(reportInterval + 2*reportJitter)
			pollDue(s)
		}
		got := reported(rules, "Default")
		if got.requests != 103 || got.sampled != yes {
			t.Errorf("reported %+v, want 103 requests of which %d were sampled", got, yes)
		}
	})
	if len(errs()) != 1 {
		t.Errorf("reported %v, want the first of the row", errs())
	}
}

func TestManyRules(t *testing.T) {
	var rules []xraytest.SamplingRule
	for i := range 61 { // nothing is reported of one that matches nothing
		rules = append(rules, xraytest.SamplingRule{RuleName: fmt.Sprint("r", i), Priority: i + 1, FixedRate: 1, Attributes: map[string]string{"n": fmt.Sprint(i)}})
	}
	inBubble(t, rules, func(s *Sampler, xray *xraytest.SamplingRules, made *calls) {
		for i := range 60 {
			decide(s, 1, attrs("n", i)...)
		}
		nextReport(s, 10*time.Second)
		if all, _ := xray.Statistics(); len(all) != 60 || made.count("/SamplingTargets") != 3 {
			t.Errorf("%d reports in %d calls, want 60 in portions of 25", len(all), made.count("/SamplingTargets"))
		}
	})
}

// Decisions, calls and answers at once, for the race detector; in the end every
// request was reported.
func TestConcurrency(t *testing.T) {
	rules := []xraytest.SamplingRule{{RuleName: "a", Priority: 1, FixedRate: 0.5, ReservoirSize: 3, URLPath: "/a*"}, oneRule(1, 0.1)}
	inBubble(t, rules, func(s *Sampler, xray *xraytest.SamplingRules, _ *calls) {
		var done sync.WaitGroup
		for g := range 8 {
			done.Go(func() {
				for i := range 100 {
					decide(s, 5, attrs("url.path", "/a/1")...)
					decide(s, 5)
					time.Sleep(200 * time.Millisecond)
					if g == 0 && i%20 == 10 {
						rules[0].FixedRate = float64(i) / 100
						xray.SetRules(rules...)
					}
				}
			})
		}
		done.Wait()
		nextReport(s, 10*time.Second)
		for name, want := range map[string]int{"a": 4000, "Default": 4001} {
			if got := reported(xray, name).requests; got != want {
				t.Errorf("%s: %d of %d requests were reported", name, got, want)
			}
		}
	}, WithPollingInterval(time.Second))
}

func TestAllocations(t *testing.T) {
	inBubble(t, []xraytest.SamplingRule{
		{RuleName: "a", Priority: 1, URLPath: "/nothing*", Attributes: map[string]string{"tenant": "x"}},
		{RuleName: "b", Priority: 2, URLPath: "/a*", Host: "h:8081"},
		oneRule(1, 0.5),
	}, func(s *Sampler, _ *xraytest.SamplingRules, _ *calls) {
		p := parameters(1, attrs("http.request.method", "GET", "url.path", "/a/1", "server.address", "h", "server.port", 8080, "tenant", "y")...)
		if n := testing.AllocsPerRun(100, func() { s.ShouldSample(p) }); n != 0 {
			t.Errorf("%v allocations a decision", n)
		}
	})
}
