package exporter

import (
	"context"
	"sync"
	"time"
)

// A daemon of Lambda's size (16 MB) loses datagrams without a word when they
// come faster than it reads. Measured over loopback: 20 of 40 KB at once, 6
// arrive, 200 us apart all; 1000 of 0.2 KB at once, 407 arrive, 50 us apart
// all; 100 of 1.2 KB at once, all.
const (
	timePerByte     = 5 * time.Nanosecond // 40 KB in 200 us
	timePerDatagram = 50 * time.Microsecond
	burstBytes      = 100 << 10
	burstDatagrams  = 100
)

// pacer spaces datagrams so that the daemon keeps up: a burst passes at once,
// what exceeds it waits. The zero value is ready. It is safe for concurrent use.
type pacer struct {
	mu               sync.Mutex
	bytes, datagrams time.Time // when the daemon will have caught up with what was sent
}

// wait counts a datagram of n bytes as sent and returns how long to wait at now
// before it is. For one that is sent without waiting, at once, no more than a
// burst is remembered: the next owes nothing for it.
func (p *pacer) wait(now time.Time, n int, atOnce bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(
		advance(&p.bytes, now, time.Duration(n)*timePerByte, burstBytes*timePerByte, atOnce),
		advance(&p.datagrams, now, timePerDatagram, burstDatagrams*timePerDatagram, atOnce))
}

// advance moves t, the time until which the daemon is busy, by cost, and returns
// by how much it is further ahead of now than a burst.
func advance(t *time.Time, now time.Time, cost, burst time.Duration, atOnce bool) time.Duration {
	ahead := max(0, t.Sub(now))
	next := ahead + cost
	if atOnce {
		next = max(ahead, min(next, burst))
	}
	*t = now.Add(next)
	return max(0, next-burst)
}

// pace waits for d, or returns the error of ctx if that is done before.
//
// A Processor's timeout is for what blocks, so it starts anew with each document:
// a stream of thousands, on a machine that is busy, takes its time, and none of
// them must be lost to waiting for its turn.
func pace(ctx context.Context, d time.Duration) error {
	if c, ok := ctx.(*timeoutContext); ok {
		time.Sleep(d)
		c.renew()
		return nil
	}
	if d == 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
