package exporter

import (
	"context"
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
// what exceeds it waits. The zero value is ready. Not safe for concurrent use.
type pacer struct {
	bytes, datagrams time.Time // when the daemon will have caught up with what was sent
}

// wait returns how long to wait at now before a datagram of n bytes is sent, and
// counts it as sent. Whoever does not wait owes nothing for it: no more than a
// burst is remembered.
func (p *pacer) wait(now time.Time, n int) time.Duration {
	const bytesAhead, datagramsAhead = burstBytes * timePerByte, burstDatagrams * timePerDatagram
	p.bytes = clamp(p.bytes, now, now.Add(bytesAhead)).Add(time.Duration(n) * timePerByte)
	p.datagrams = clamp(p.datagrams, now, now.Add(datagramsAhead)).Add(timePerDatagram)
	return max(0, p.bytes.Sub(now)-bytesAhead, p.datagrams.Sub(now)-datagramsAhead)
}

func clamp(t, from, to time.Time) time.Time {
	switch {
	case t.Before(from):
		return from
	case t.After(to):
		return to
	}
	return t
}

// sleep waits for d, or returns the error of ctx if that is done before.
func sleep(ctx context.Context, d time.Duration) error {
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
