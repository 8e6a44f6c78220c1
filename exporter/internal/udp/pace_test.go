package udp

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// The sizes in the comment of charge, each with what an unread socket holds.
var capacities = []struct{ size, holds int }{
	{500, 166}, {700, 92}, {1500, 92}, {1700, 48}, {3000, 48}, {4000, 25}, {5000, 25}, {10_000, 12}, {20_000, 10}, {40_000, 5}, {48_000, 4},
}

func TestCharge(t *testing.T) {
	for _, c := range capacities {
		// 20 to 48 KB: the kernel lets the last one in that begins within the buffer.
		if got := receiveBuffer / charge(c.size); got != c.holds && got != c.holds-1 {
			t.Errorf("%d bytes: counted as if a socket held %d, and it holds %d", c.size, got, c.holds)
		}
	}
	last := 0
	for n := range segment.MaxDatagram + 1 {
		if c := charge(n); c < last || c < n {
			t.Fatalf("%d bytes are charged as %d, one fewer as %d", n, c, last)
		} else {
			last = c
		}
	}
}

// TestBurstFitsUnreadSocket sends what goes without waiting to a socket of the
// default size that nobody reads: it takes at most half of what that holds, and all
// of it arrives.
func TestBurstFitsUnreadSocket(t *testing.T) {
	if b, _ := os.ReadFile("/proc/sys/net/core/rmem_default"); strings.TrimSpace(string(b)) != strconv.Itoa(receiveBuffer) {
		t.Skipf("sockets hold %q bytes here", b)
	}
	for _, c := range capacities {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		e := New(conn.LocalAddr().String())
		ctx := noWaiting{Context: t.Context(), t: t}
		var p pacer
		burst := 0
		for now := time.Now(); ; burst++ {
			if _, ok := p.turn(now, c.size, 0); !ok {
				break
			}
		}
		if burst == 0 || burst > c.holds/2+1 {
			t.Errorf("%d of %d bytes go at once; the socket holds %d", burst, c.size, c.holds)
		}
		for range 2 { // twice as many fit
			e.pacer = pacer{}
			if lost, err := e.Emit(ctx, docs(burst-burst/8, c.size-len(segment.DatagramHeader))); lost > 0 {
				t.Fatal(err)
			}
		}
		want := 2 * (burst - burst/8)
		buf := make([]byte, segment.MaxDatagram)
		for got := range want {
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, _, err := conn.ReadFrom(buf); err != nil {
				t.Errorf("%d of %d bytes at once, and %d arrive", want, c.size, got)
				break
			}
		}
		conn.Close()
	}
}

func TestPacer(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int // datagrams
		size int // bytes each
		// For all, give or take a tenth.
		want time.Duration
	}{
		{name: "one_of_5KB", n: 1, size: 5 << 10},
		{name: "one_full", n: 1, size: segment.MaxDatagram},
		{name: "two_full", n: 2, size: 48 << 10},
		{name: "as_many_as_half_a_socket_holds", n: 83, size: 500},
		{name: "thousand_small", n: 1000, size: 500, want: (1000 - 83) * 113 * time.Microsecond},
		{name: "hundred_of_1500", n: 100, size: 1500, want: (100 - 46) * 123 * time.Microsecond},
		{name: "twenty_of_40KB", n: 20, size: 40_000, want: 17 * 508 * time.Microsecond},
	} {
		var p pacer
		start := time.Now()
		now := start
		for range tt.n {
			wait, ok := p.turn(now, tt.size, -1)
			if !ok {
				t.Fatalf("%s: not patient", tt.name)
			}
			now = now.Add(wait)
		}
		if got := now.Sub(start); (got - tt.want).Abs() > tt.want/10 {
			t.Errorf("%s takes %v, want %v", tt.name, got, tt.want)
		}
		// The daemon catches up while nothing is sent.
		if d, _ := p.turn(now.Add(time.Second), tt.size, -1); d != 0 {
			t.Errorf("%s: a second later, still %v", tt.name, d)
		}
	}
}

func TestPacerCatchesUpBitByBit(t *testing.T) {
	var p pacer
	now := time.Now()
	for range 46 {
		p.turn(now, 1500, -1)
	}
	// A datagram takes 123 us to read, so after ten times that there is room for ten.
	now = now.Add(1231 * time.Microsecond)
	for range 10 {
		if d, _ := p.turn(now, 1500, -1); d > 0 {
			t.Errorf("has to wait %v", d)
		}
	}
	if d, _ := p.turn(now, 1500, -1); d < 50*time.Microsecond || d > 130*time.Microsecond {
		t.Errorf("the eleventh has to wait %v", d)
	}
	// A clock that goes back does no harm.
	if d, _ := p.turn(now.Add(-time.Hour), 1500, -1); d < 150*time.Microsecond || d > 260*time.Microsecond {
		t.Errorf("the twelfth has to wait %v", d)
	}
}

func TestPacerForgetsWhatNobodyWaitedFor(t *testing.T) {
	var p pacer
	now := time.Now()
	for range 10_000 {
		p.force(now, 60_000)
	}
	if d, _ := p.turn(now, 1000, -1); d == 0 || d > time.Millisecond {
		t.Errorf("the next has to wait %v for those", d)
	}
}

func TestPacerIsNotPatient(t *testing.T) {
	var p pacer
	now := time.Now()
	for range 46 {
		p.turn(now, 1500, -1)
	}
	for range 1000 {
		if d, ok := p.turn(now, 1500, 10*time.Microsecond); ok || d > 130*time.Microsecond {
			t.Fatalf("%v, %v", d, ok)
		}
	}
	if _, ok := p.turn(now, 1500, time.Millisecond); !ok {
		t.Error("there was time enough")
	}
}

func TestPacerForNobody(t *testing.T) {
	var p pacer
	p.listening(false)
	now := time.Now()
	for range 10_000 {
		if d, ok := p.turn(now, 1500, -1); d > 0 || !ok {
			t.Fatalf("has to wait %v for nobody", d)
		}
	}
	p.listening(true)
	if d, _ := p.turn(now, 1500, -1); d > 0 {
		t.Errorf("has to wait %v for what nobody got", d)
	}
}

func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := sleep(t.Context(), time.Second); err != nil || time.Since(start) != time.Second {
			t.Errorf("slept %v, %v", time.Since(start), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start = time.Now()
		if err := sleep(ctx, time.Minute); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(start))
		}
	})
}

// TestPacingIsShared has several senders keep the daemon's pace together, none of
// them holding up another for longer than its own documents take: the limit is for
// what blocks.
func TestPacingIsShared(t *testing.T) {
	const senders, each = 4, 400
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	start := time.Now()
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			if _, err := e.EmitNowWithin(20*time.Millisecond, docs(each, 400)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if took, want := time.Since(start), (senders*each-83-senders)*timePerDatagram; took < want {
		t.Errorf("sent within %v, which is faster than the daemon reads: %v", took, want)
	}
	if _, err := d.Wait(timeout(t), senders*each); err != nil {
		t.Error(err)
	}
}

// TestSingleDocumentsKeepPace sends one document at a time, as a Collector does
// whose requests are small: faster than the daemon reads they are held up.
func TestSingleDocumentsKeepPace(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	start := time.Now()
	for range 300 {
		if _, err := e.Emit(t.Context(), docs(1, 1400)); err != nil {
			t.Fatal(err)
		}
	}
	if took, want := time.Since(start), (300-46)*114*time.Microsecond; took < want {
		t.Errorf("sent within %v, which is faster than the daemon reads: %v", took, want)
	}
}

// TestNobodyIsNotPacedFor sends to a port that nobody listens on: to wait for a
// daemon to read would be for nothing.
func TestNobodyIsNotPacedFor(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	conn.Close()
	e := New(addr)
	if lost, _ := e.Emit(t.Context(), docs(2, 0)); lost != 1 { // so it is known
		t.Fatalf("%d lost", lost)
	}
	if lost, _ := e.Emit(noWaiting{Context: t.Context(), t: t}, docs(2000, 1400)); lost != 2000 {
		t.Errorf("%d lost", lost)
	}
}
