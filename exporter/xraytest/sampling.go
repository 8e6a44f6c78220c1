package xraytest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
)

const (
	maxStatisticsPerCall = 25
	clientIDDigits       = 24
	keptStatistics       = 10_000
)

// SamplingRules is X-Ray's side of sampling: the rules that GetSamplingRules
// returns, the targets that GetSamplingTargets does, and the statistics that
// came with it. [WithSamplingRules] gives it to a [Daemon], an [API] or both. It
// is an [http.Handler] of the two calls and safe for concurrent use.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html
type SamplingRules struct {
	mux *http.ServeMux

	mu         sync.Mutex
	rules      []SamplingRule
	modified   time.Time
	targets    map[string]SamplingTarget
	statistics []SamplingStatistics
	progress   chan struct{} // closed and replaced when statistics grow
}

// SamplingRule is a rule as the API has it. A pattern that is left empty is "*",
// Version is 1 if left 0; RuleName is required.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
type SamplingRule struct {
	RuleName      string
	RuleARN       string `json:",omitempty"`
	Priority      int    // lower goes first; Default has 10000
	FixedRate     float64
	ReservoirSize int // requests a second, for all clients together
	ServiceName   string
	ServiceType   string
	Host          string
	HTTPMethod    string
	URLPath       string
	ResourceARN   string
	Version       int
	Attributes    map[string]string
}

// SamplingTarget is what a client is told to do with a rule from now on.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_SamplingTargetDocument.html
type SamplingTarget struct {
	RuleName       string
	FixedRate      float64
	ReservoirQuota int
	QuotaTTL       time.Duration // how long the quota is good for; 0 leaves the quota out
	Interval       time.Duration // until the next report, in whole seconds; 0 leaves it out
	BoostRate      float64
	BoostTTL       time.Duration // how long the boost is good for; 0 leaves the boost out
}

// SamplingStatistics is what a client reported of a rule.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_SamplingStatisticsDocument.html
type SamplingStatistics struct {
	RuleName     string
	ClientID     string  // 24 hex digits
	Timestamp    float64 // seconds since 1970
	RequestCount int
	SampledCount int
	BorrowCount  int
}

// SamplingOption is an option of both [Daemon] and [API].
type SamplingOption interface {
	DaemonOption
	APIOption
}

type samplingOption struct{ rules *SamplingRules }

func (o samplingOption) applyDaemon(d *Daemon) { d.sampling = o.rules }
func (o samplingOption) applyAPI(a *API)       { a.sampling = o.rules }

// WithSamplingRules answers the sampling calls with rules. Without it there are
// none, and a client falls back to its own.
func WithSamplingRules(rules *SamplingRules) SamplingOption { return samplingOption{rules} }

// NewSamplingRules returns X-Ray's side of sampling with these rules. Until
// [SamplingRules.SetTargets] a client gets each rule's whole reservoir as its
// quota, for a minute, and the rule's rate.
func NewSamplingRules(rules ...SamplingRule) *SamplingRules {
	s := &SamplingRules{mux: http.NewServeMux(), progress: make(chan struct{})}
	s.mux.HandleFunc("POST /GetSamplingRules", operation.Handler(s.getSamplingRules))
	s.mux.HandleFunc("POST /SamplingTargets", operation.Handler(s.samplingTargets))
	s.SetRules(rules...)
	return s
}

// SetRules replaces the rules. The next answer to SamplingTargets tells clients
// that they were modified.
func (s *SamplingRules) SetRules(rules ...SamplingRule) {
	rules = slices.Clone(rules)
	for i := range rules {
		r := &rules[i]
		for _, pattern := range []*string{&r.ServiceName, &r.ServiceType, &r.Host, &r.HTTPMethod, &r.URLPath, &r.ResourceARN} {
			*pattern = cmp.Or(*pattern, "*")
		}
		r.Version = cmp.Or(r.Version, 1)
		r.Attributes = maps.Clone(r.Attributes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	modified := time.Now()
	if next := s.modified.Add(time.Millisecond); modified.Before(next) { // what the API's times can tell apart
		modified = next
	}
	s.rules, s.modified = rules, modified
}

// SetTargets replaces the targets. A rule without one is answered as
// [NewSamplingRules] says.
func (s *SamplingRules) SetTargets(targets ...SamplingTarget) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.targets = make(map[string]SamplingTarget, len(targets))
	for _, t := range targets {
		s.targets[t.RuleName] = t
	}
}

// Statistics returns what clients reported of rules there are, in the order of
// arrival, the latest 10,000. The channel is closed when more has come.
func (s *SamplingRules) Statistics() ([]SamplingStatistics, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statistics), s.progress
}

// ServeHTTP answers one call.
func (s *SamplingRules) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

type samplingRuleRecord struct {
	SamplingRule SamplingRule
	CreatedAt    float64
	ModifiedAt   float64
}

type getSamplingRulesOutput struct{ SamplingRuleRecords []samplingRuleRecord }

func (s *SamplingRules) getSamplingRules(struct{}) (getSamplingRulesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := []samplingRuleRecord{}
	for _, r := range s.rules {
		records = append(records, samplingRuleRecord{SamplingRule: r, ModifiedAt: toEpoch(s.modified)})
	}
	return getSamplingRulesOutput{records}, nil
}

type samplingTargetsInput struct {
	SamplingStatisticsDocuments []SamplingStatistics
}

type samplingTargetsOutput struct {
	SamplingTargetDocuments []samplingTargetDocument
	UnprocessedStatistics   []UnprocessedStatistics
	LastRuleModification    float64
}

type samplingTargetDocument struct {
	RuleName          string
	FixedRate         float64
	ReservoirQuota    *int           `json:",omitempty"`
	ReservoirQuotaTTL float64        `json:",omitempty"`
	Interval          int            `json:",omitempty"`
	SamplingBoost     *samplingBoost `json:",omitempty"`
}

type samplingBoost struct{ BoostRate, BoostRateTTL float64 }

// UnprocessedStatistics is a report that GetSamplingTargets refused.
type UnprocessedStatistics struct{ RuleName, ErrorCode, Message string }

func (s *SamplingRules) samplingTargets(in samplingTargetsInput) (samplingTargetsOutput, error) {
	if n := len(in.SamplingStatisticsDocuments); n > maxStatisticsPerCall {
		return samplingTargetsOutput{}, operation.Invalidf("SamplingStatisticsDocuments: at most %d are allowed, got %d", maxStatisticsPerCall, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := samplingTargetsOutput{
		SamplingTargetDocuments: []samplingTargetDocument{},
		UnprocessedStatistics:   []UnprocessedStatistics{},
		LastRuleModification:    toEpoch(s.modified),
	}
	for _, d := range in.SamplingStatisticsDocuments {
		if why := d.invalid(); why != "" {
			return samplingTargetsOutput{}, operation.Invalidf("SamplingStatisticsDocuments: %s", why)
		}
		i := slices.IndexFunc(s.rules, func(r SamplingRule) bool { return r.RuleName == d.RuleName })
		if i < 0 {
			out.UnprocessedStatistics = append(out.UnprocessedStatistics, UnprocessedStatistics{d.RuleName, "400", "no such rule"})
			continue
		}
		s.statistics = append(s.statistics, d)
		target, ok := s.targets[d.RuleName]
		if !ok {
			target = SamplingTarget{FixedRate: s.rules[i].FixedRate, ReservoirQuota: s.rules[i].ReservoirSize, QuotaTTL: time.Minute, Interval: 10 * time.Second}
		}
		target.RuleName = d.RuleName
		out.SamplingTargetDocuments = append(out.SamplingTargetDocuments, target.document(time.Now()))
	}
	s.statistics = slices.Delete(s.statistics, 0, max(len(s.statistics)-keptStatistics, 0))
	close(s.progress)
	s.progress = make(chan struct{})
	return out, nil
}

// invalid says what the API would refuse the whole call for, "" if nothing.
func (d SamplingStatistics) invalid() string {
	switch {
	case d.RuleName == "":
		return "RuleName is missing"
	case len(d.ClientID) != clientIDDigits:
		return "ClientID must have 24 characters"
	case d.Timestamp <= 0:
		return "Timestamp is missing"
	case d.RequestCount < 0 || d.SampledCount < 0 || d.BorrowCount < 0:
		return "counts must not be negative"
	}
	return ""
}

func (t SamplingTarget) document(now time.Time) samplingTargetDocument {
	d := samplingTargetDocument{RuleName: t.RuleName, FixedRate: t.FixedRate, Interval: int(t.Interval / time.Second)}
	if t.QuotaTTL > 0 {
		d.ReservoirQuota, d.ReservoirQuotaTTL = &t.ReservoirQuota, toEpoch(now.Add(t.QuotaTTL))
	}
	if t.BoostTTL > 0 {
		d.SamplingBoost = &samplingBoost{t.BoostRate, toEpoch(now.Add(t.BoostTTL))}
	}
	return d
}

// toEpoch returns the API's form of a time: seconds since 1970, to the millisecond.
func toEpoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }
