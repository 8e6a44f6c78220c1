package sampling

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// rulesLife is how long rules hold without a successful call, as in the X-Ray SDKs.
const rulesLife = time.Hour

// Sampler is an OpenTelemetry sampler that follows X-Ray's rules. It is safe for
// concurrent use, needs no ParentBased around it and has nothing to close.
type Sampler struct {
	service service
	start   time.Time // all times below are since then, by the monotonic clock
	local   []rule    // the last one matches everything
	rules   atomic.Pointer[ruleSet]

	poll    *poll // nil: local rules only
	due     atomic.Int64
	polling atomic.Bool
}

var _ sdktrace.Sampler = (*Sampler)(nil)

// ruleSet is X-Ray's answer. It is not changed once it is published.
type ruleSet struct {
	rules   []rule // those that this service can match, in order
	expires time.Duration
}

// New returns a sampler for spans of res, which is the provider's own; nil is the
// SDK's default. It makes no call yet; the first decision starts one. The error is
// about an option or AWS_XRAY_DAEMON_ADDRESS.
func New(res *resource.Resource, opts ...Option) (*Sampler, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := newSampler(c.local)
	s.service = newService(res)
	s.poll = newPoll(c, newClientID())
	s.rules.Store(&ruleSet{})
	return s, nil
}

// NewLocal returns a sampler that asks nobody and follows local rules only, as
// [WithLocalRules] describes them; without any, one request a second and 5 %.
func NewLocal(rules []byte) (*Sampler, error) {
	local, err := parseLocalRules(rules)
	if err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	return newSampler(local), nil
}

func newSampler(local []rule) *Sampler {
	return &Sampler{start: time.Now(), local: local}
}

// newClientID returns what X-Ray tells clients apart by, when it divides the
// reservoirs among them.
func newClientID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// ShouldSample decides about a span. It does not wait for X-Ray.
func (s *Sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	var sampled bool
	if parent.IsValid() && !undecided(p.ParentContext, parent) {
		sampled = parent.IsSampled()
	} else {
		sampled = s.decide(&p)
	}
	result := sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
	if sampled {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// undecided reports whether the valid parent is another process' that left the
// decision open. Its flag reads as no; the tracing header knows better, if the
// parent is the one it names and not that of a traceparent.
func undecided(ctx context.Context, parent trace.SpanContext) bool {
	if !parent.IsRemote() || parent.IsSampled() {
		return false
	}
	header, ok := propagator.HeaderFromContext(ctx)
	return ok && header.Root == parent.TraceID() && header.Parent == parent.SpanID() &&
		header.Sampled != propagator.SamplingYes && header.Sampled != propagator.SamplingNo
}

func (s *Sampler) decide(p *sdktrace.SamplingParameters) bool {
	now := time.Since(s.start)
	var r request
	r.scan(p.Attributes)
	r.span = p.Name
	if s.poll != nil {
		s.pollIfDue(now)
		if set := s.rules.Load(); now < set.expires {
			if rule := firstMatch(set.rules, &r); rule != nil {
				return rule.reservoir.decide(now, p.TraceID)
			}
		}
	}
	return firstMatch(s.local, &r).reservoir.decide(now, p.TraceID)
}

// pollIfDue starts the calls that are due, unless they are under way.
func (s *Sampler) pollIfDue(now time.Duration) {
	if int64(now) < s.due.Load() || !s.polling.CompareAndSwap(false, true) {
		return
	}
	if int64(now) < s.due.Load() { // a poll ended in between
		s.polling.Store(false)
		return
	}
	go func() {
		defer s.polling.Store(false)
		s.due.Store(int64(s.poll.run(s)))
	}()
}

// Description names the sampler and where it asks.
func (s *Sampler) Description() string {
	if s.poll == nil {
		return "XRay{local}"
	}
	return "XRay{" + s.poll.client.url.String() + "}"
}
