package sampling

import (
	"encoding/binary"
	"math"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

const (
	reportInterval    = 10 * time.Second // until X-Ray says another
	minReportInterval = time.Second
	maxReportInterval = time.Hour
)

// reservoir decides about the requests that match one rule, and counts them.
// Times are since the sampler's start.
type reservoir struct {
	mu      sync.Mutex
	borrows bool // the rule has a reservoir: one a second while nothing is assigned
	rate    rate

	quota      int // requests a second that X-Ray assigned to this process
	quotaUntil time.Duration
	boost      rate // in place of rate
	boostUntil time.Duration

	second int64 // the latest one with a request
	used   int   // of the quota in that second, or borrowed

	counts   counts
	interval time.Duration // between reports
	due      time.Duration // the next report
}

// counts are the statistics that X-Ray wants to know of a rule.
type counts struct{ requests, sampled, borrowed int }

func (c *counts) add(d counts) {
	c.requests += d.requests
	c.sampled += d.sampled
	c.borrowed += d.borrowed
}

// forever is a time that is not reached.
const forever = time.Duration(math.MaxInt64)

func newReservoir(r *samplingRule, now time.Duration) *reservoir {
	v := &reservoir{due: now + reportInterval}
	v.renew(r)
	return v
}

// renew starts over with a modified rule. Its statistics stay.
func (v *reservoir) renew(r *samplingRule) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.borrows, v.rate = r.ReservoirSize > 0, newRate(r.FixedRate)
	v.quotaUntil, v.boostUntil = 0, 0
	v.interval = reportInterval
}

// decide takes the request from the quota of this second, borrows, or leaves it
// to the rate.
func (v *reservoir) decide(now time.Duration, id trace.TraceID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if second := int64(now / time.Second); second != v.second {
		v.second, v.used = second, 0
	}
	v.counts.requests++
	rate := v.rate
	if now < v.boostUntil {
		rate = v.boost
	}
	switch {
	case now < v.quotaUntil && v.used < v.quota:
		v.used++
	case now >= v.quotaUntil && v.borrows && v.used == 0:
		v.used++
		v.counts.borrowed++
	case !rate.takes(id):
		return false
	}
	v.counts.sampled++
	return true
}

// assign obeys X-Ray's answer to a report. Its times are by X-Ray's clock, which
// read xrayNow when it answered.
func (v *reservoir) assign(t *samplingTarget, now time.Duration, xrayNow time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t.FixedRate != nil {
		v.rate = newRate(*t.FixedRate)
	}
	if t.ReservoirQuota != nil && t.ReservoirQuotaTTL != 0 {
		v.quota = int(min(max(*t.ReservoirQuota, 0), math.MaxInt32))
		v.quotaUntil = now + until(t.ReservoirQuotaTTL, xrayNow)
	}
	if t.SamplingBoost != nil {
		v.boost = newRate(t.SamplingBoost.BoostRate)
		v.boostUntil = now + until(t.SamplingBoost.BoostRateTTL, xrayNow)
	}
	v.interval = reportInterval
	if t.Interval > 0 {
		v.interval = min(max(seconds(t.Interval), minReportInterval), maxReportInterval)
	}
	v.due = now + v.interval
}

// until returns how long it is from X-Ray's now to a time that it names.
func until(epoch float64, xrayNow time.Time) time.Duration {
	return seconds(epoch - float64(xrayNow.UnixMilli())/1e3)
}

// seconds converts what may be any number; more than a century is a century.
func seconds(s float64) time.Duration {
	const century = 100 * 365 * 24 * 3600
	return time.Duration(min(max(s, -century), century) * float64(time.Second))
}

// take returns the statistics and starts them over, if a report is due and there
// are any.
func (v *reservoir) take(now time.Duration) (counts, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now < v.due {
		return counts{}, false
	}
	v.due = now + v.interval
	c := v.counts
	v.counts = counts{}
	return c, c.requests > 0
}

// putBack keeps statistics that X-Ray did not take for the next report.
func (v *reservoir) putBack(c counts) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.counts.add(c)
}

// nextReport returns when a report is due.
func (v *reservoir) nextReport() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.due
}

// rate is a share of all trace ids: those whose random half is below it.
type rate uint64

func newRate(share float64) rate {
	return rate(min(max(share, 0), 1) * (1 << 63))
}

// takes decides as the SDK's TraceIDRatioBased does, so that services with one
// rate agree.
func (r rate) takes(id trace.TraceID) bool {
	return binary.BigEndian.Uint64(id[8:16])>>1 < uint64(r)
}
