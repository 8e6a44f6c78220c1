package sampling

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
)

const (
	retryInterval = 10 * time.Second // after a call for rules that failed
	rulesJitter   = 5 * time.Second
	reportJitter  = 100 * time.Millisecond
)

// poll makes the calls that are due. Only one runs at a time, so its fields need
// no lock.
type poll struct {
	client   client
	clientID string
	interval time.Duration // between calls for rules
	due      time.Duration // the next of them
	modified float64       // the last LastRuleModification, 0 if there was none

	rulesFail, targetsFail bool // reported
}

func newPoll(c config, clientID string) *poll {
	return &poll{
		client: client{
			url: c.endpoint,
			http: http.Client{
				Transport: c.transport,
				// X-Ray redirects nobody, so that another answers.
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			},
		},
		clientID: clientID,
		interval: c.interval,
	}
}

// run makes the calls and returns when the next ones are due.
func (p *poll) run(s *Sampler) time.Duration {
	if time.Since(s.start) >= p.due {
		p.fetchRules(s)
	}
	if p.report(s) {
		p.fetchRules(s)
	}
	next := p.due
	for _, r := range s.rules.Load().rules {
		next = min(next, r.reservoir.nextReport())
	}
	return next + rand.N(reportJitter)
}

// fetchRules replaces the rules, or keeps them if X-Ray does not answer.
func (p *poll) fetchRules(s *Sampler) {
	records, err := p.client.rules()
	p.handle(&p.rulesFail, "GetSamplingRules", err)
	now := time.Since(s.start)
	if err != nil {
		p.due = now + retryInterval
		return
	}
	p.due = now + p.interval + rand.N(rulesJitter)
	rules := newRules(records, &s.service, s.rules.Load().rules, now)
	s.rules.Store(&ruleSet{rules, now + rulesLife})
}

// report sends the statistics that are due and obeys the targets that come back.
// It reports whether X-Ray has other rules than these.
func (p *poll) report(s *Sampler) (stale bool) {
	rules := make(map[string]*reservoir)
	pending := make(map[string]counts)
	var reports []samplingStatistics
	now := time.Since(s.start)
	for _, r := range s.rules.Load().rules {
		name := r.source.RuleName
		rules[name] = r.reservoir
		if c, ok := r.reservoir.take(now); ok {
			pending[name] = c
			reports = append(reports, samplingStatistics{name, p.clientID, time.Now().Unix(), c.requests, c.sampled, c.borrowed})
		}
	}
	for part := range slices.Chunk(reports, maxReports) {
		out, xrayNow, err := p.client.targets(part)
		p.handle(&p.targetsFail, "SamplingTargets", err)
		if err != nil {
			break
		}
		refused := make(map[string]bool)
		for _, u := range out.UnprocessedStatistics {
			refused[u.RuleName] = true
			stale = stale || strings.HasPrefix(u.ErrorCode, "4") // such as a rule that is gone
		}
		for _, r := range part {
			if !refused[r.RuleName] {
				delete(pending, r.RuleName)
			}
		}
		now := time.Since(s.start)
		for i := range out.SamplingTargetDocuments {
			t := &out.SamplingTargetDocuments[i]
			if r := rules[t.RuleName]; r != nil {
				r.assign(t, now, xrayNow)
			}
		}
		// Compared with itself only, so that no clock matters.
		if m := out.LastRuleModification; m != 0 {
			stale = stale || p.modified != 0 && p.modified != m
			p.modified = m
		}
	}
	for name, c := range pending {
		rules[name].putBack(c)
	}
	return stale
}

// handle reports the first of a row of errors.
func (p *poll) handle(failing *bool, call string, err error) {
	if err != nil && !*failing {
		otel.Handle(fmt.Errorf("sampling: %s at %s: %w; until it works, the last rules hold for an hour, then the local ones", call, p.client.url, err))
	}
	*failing = err != nil
}
