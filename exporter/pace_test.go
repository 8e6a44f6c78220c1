package exporter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPacer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		n      int // datagrams
		size   int // bytes each
		waited bool
		want   time.Duration // at least, for all; at most a tenth more
	}{
		{name: "one_of_5KB", n: 1, size: 5 << 10},
		{name: "two_full", n: 2, size: 48 << 10},
		{name: "hundred_small", n: 100, size: 200},
		{name: "twenty_of_40KB", n: 20, size: 40 << 10, want: 3500 * time.Microsecond}, // 700 KB too many, 5 us a KB
		{name: "thousand_small", n: 1000, size: 200, want: 45 * time.Millisecond},      // 900 too many, 50 us each
	} {
		var p pacer
		start := time.Now()
		now := start
		for range tt.n {
			now = now.Add(p.wait(now, tt.size))
		}
		if got := now.Sub(start); got < tt.want || got > tt.want+tt.want/10 {
			t.Errorf("%s takes %v, want %v", tt.name, got, tt.want)
		}
		// The daemon catches up while nothing is sent.
		if d := p.wait(now.Add(time.Second), tt.size); d != 0 {
			t.Errorf("%s: a second later, still %v", tt.name, d)
		}
	}
}

func TestPacerForgetsWhatNobodyWaitedFor(t *testing.T) {
	var p pacer
	now := time.Now()
	for range 10_000 {
		p.wait(now, 60_000)
	}
	if d := p.wait(now, 1000); d > time.Millisecond {
		t.Errorf("the next has to wait %v for those", d)
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := sleep(t.Context(), time.Second); err != nil || time.Since(start) != time.Second {
			t.Errorf("slept %v, %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 0 {
			t.Errorf("with no time for it: %v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := sleep(ctx, time.Minute); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(start))
		}
	})
}
