package exporter

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
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
			now = now.Add(p.wait(now, tt.size, false))
		}
		if got := now.Sub(start); got < tt.want || got > tt.want+tt.want/10 {
			t.Errorf("%s takes %v, want %v", tt.name, got, tt.want)
		}
		// The daemon catches up while nothing is sent.
		if d := p.wait(now.Add(time.Second), tt.size, false); d != 0 {
			t.Errorf("%s: a second later, still %v", tt.name, d)
		}
	}
}

func TestPacerForgetsWhatNobodyWaitedFor(t *testing.T) {
	var p pacer
	now := time.Now()
	for range 10_000 {
		p.wait(now, 60_000, true)
	}
	if d := p.wait(now, 1000, false); d > time.Millisecond {
		t.Errorf("the next has to wait %v for those", d)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := pace(t.Context(), time.Second); err != nil || time.Since(start) != time.Second {
			t.Errorf("slept %v, %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := pace(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 0 {
			t.Errorf("with no time for it: %v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := pace(ctx, time.Minute); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(start))
		}
	})
}

// TestPacingIsNotTimedOut streams children of an open span for longer than an
// export may take: what only waits for its turn must not be lost.
func TestPacingIsNotTimedOut(t *testing.T) {
	const spans = 2*maxBufferedSpans + 1
	d := xraytest.NewDaemon(t)
	e, err := New(WithDaemonAddress(d.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	p := NewProcessor(e, WithLambda(false), WithExportTimeout(20*time.Millisecond))
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
	start := time.Now()
	ctx, parent := tracer.Start(t.Context(), "parent")
	for range spans {
		_, s := tracer.Start(ctx, "child")
		s.End()
	}
	if took := time.Since(start); took < 100*time.Millisecond {
		t.Errorf("all within %v: nothing was paced", took)
	}
	if s := e.Stats(); s.Documents < 2*maxBufferedSpans || s.LostDocuments > 0 {
		t.Errorf("%+v", s)
	}
	parent.End()
}

// TestPacingIsShared has several senders keep the daemon's pace together, none of
// them holding up another for longer than its own documents take.
func TestPacingIsShared(t *testing.T) {
	const senders, each = 4, 400
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	start := time.Now()
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			ctx := newTimeoutContext(20 * time.Millisecond)
			defer ctx.stop()
			if err := e.Emit(ctx, docs(each, 200)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if took, want := time.Since(start), (senders*each-burstDatagrams-senders)*timePerDatagram; took < want {
		t.Errorf("sent within %v, which is faster than the daemon reads: %v", took, want)
	}
	if _, err := d.Wait(timeout(t), senders*each); err != nil {
		t.Error(err)
	}
}
