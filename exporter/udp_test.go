package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// doc returns a document of n bytes.
func doc(i, n int) []byte {
	d := fmt.Appendf(nil, `{"name":"n","id":"%016x","trace_id":"1-00000001-%024x","start_time":1,"end_time":2,"pad":"`, i+1, i+1)
	if pad := n - len(d) - 2; pad > 0 {
		d = append(d, bytes.Repeat([]byte{'x'}, pad)...)
	}
	return append(d, `"}`...)
}

func docs(n, size int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, doc(i, size))
	}
	return all
}

func timeout(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wantDocuments(t *testing.T, d *xraytest.Daemon, want [][]byte) {
	t.Helper()
	got, err := d.Wait(timeout(t), len(want))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("received %q\nwant %q", got, want)
	}
}

func TestUDPOneDocumentADatagram(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	want := docs(3, 0)
	if err := e.Emit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	wantDocuments(t, d, want)
	if s := d.Stats(); s.Datagrams != 3 || s.Bad != 0 {
		t.Errorf("%+v", s)
	}
}

func TestNewUDPEmitter(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e, err := NewUDPEmitter("tcp:127.0.0.1:1 udp:" + d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	want := docs(2, 0)
	if err := e.Emit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	wantDocuments(t, d, want)
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Emit(t.Context(), want); !errors.Is(err, errShutdown) {
		t.Errorf("after Shutdown: %v", err)
	}

	for address, want := range map[string]string{
		"":          `exporter: address is "": it holds 0 addresses; write host:port`,
		"127.0.0.1": `exporter: address is "127.0.0.1": missing port in address; write host:port`,
	} {
		if e, err := NewUDPEmitter(address); e != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v; want the error %q", address, e, err, want)
		}
	}
}

func TestUDPOverIPv6(t *testing.T) {
	conn, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	defer conn.Close()
	e := newUDPEmitter(conn.LocalAddr().String())
	if err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, segment.MaxDatagram)
	n, _, err := conn.ReadFrom(buf)
	if err != nil || string(buf[:n]) != segment.DatagramHeader+string(doc(0, 0)) {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

func TestUDPDialsAtFirstDocument(t *testing.T) {
	e := newUDPEmitter("127.0.0.1:2000")
	if e.socket != nil {
		t.Error("the socket is open before there is anything to send")
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestUDPDaemonComesBack has the daemon miss one document and no more: the
// refusal, which the system reports one write late, must not cost the next.
func TestUDPDaemonComesBack(t *testing.T) {
	d, err := xraytest.StartDaemon("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := d.Addr()
	e := newUDPEmitter(addr)
	if err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Wait(timeout(t), 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Emit(t.Context(), docs(1, 0)); err != nil { // refused, but nobody knows yet
		t.Fatal(err)
	}
	if d, err = xraytest.StartDaemon(addr); err != nil {
		t.Skip("the port is taken:", err)
	}
	defer d.Close()
	want := docs(2, 0)[1:]
	err = e.Emit(t.Context(), want)
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 1 || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), envDaemonAddress) {
		t.Errorf("the refused document is reported as %v", err)
	}
	wantDocuments(t, d, want)
	if err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Errorf("reported again: %v", err)
	}
}

func TestUDPNoDaemon(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	conn.Close()
	e := newUDPEmitter(addr)
	err = e.Emit(t.Context(), docs(50, 0))
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 49 { // the last one's refusal shows at the next write
		t.Fatalf("%v", err)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the reason is missing: %v", err)
	}
	if n := strings.Count(err.Error(), addr); n > 2 {
		t.Errorf("one reason %d times: %v", n, err)
	}
}

func TestUDPNoSuchHost(t *testing.T) {
	e := newUDPEmitter("name.invalid:2000")
	err := e.Emit(timeout(t), docs(2, 0))
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 2 {
		t.Fatalf("%v", err)
	}
}

func TestUDPTooLarge(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	most := segment.MaxDatagram - len(segment.DatagramHeader)
	largest, small := doc(0, most), doc(2, 0)
	err := e.Emit(t.Context(), [][]byte{largest, doc(1, most+1), small})
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 1 {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{fmt.Sprint(most + 1), "budget"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	wantDocuments(t, d, [][]byte{largest, small})
}

// TestUDPBurst sends what would overrun a daemon of Lambda's size.
func TestUDPBurst(t *testing.T) {
	for _, tt := range []struct {
		n, size int
		least   time.Duration
	}{
		{n: 20, size: 40 << 10, least: 3500 * time.Microsecond},
		{n: 1000, size: 200, least: 44 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d_of_%d", tt.n, tt.size), func(t *testing.T) {
			d := xraytest.NewDaemon(t)
			e := newUDPEmitter(d.Addr())
			all := docs(tt.n, tt.size)
			start := time.Now()
			if err := e.Emit(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took < tt.least {
				t.Errorf("sent within %v, which is faster than the daemon reads: %v", took, tt.least)
			}
			if _, err := d.Wait(timeout(t), tt.n); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestUDPSingleDocumentsDoNotWait has invocations come as fast as in a
// benchmark: above the pace, and yet none may wait.
func TestUDPSingleDocumentsDoNotWait(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	ctx := noWaiting{Context: t.Context(), t: t}
	all := docs(1, 4<<10)
	if err := e.Emit(t.Context(), all); err != nil { // dials, which looks at Done
		t.Fatal(err)
	}
	for range 500 {
		if err := e.Emit(ctx, all); err != nil {
			t.Fatal(err)
		}
	}
}

// noWaiting is a context that must not be waited for.
type noWaiting struct {
	context.Context
	t *testing.T
}

func (c noWaiting) Done() <-chan struct{} {
	c.t.Error("somebody waits")
	return c.Context.Done()
}

func TestUDPContext(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	lost := func(err error) int {
		t.Helper()
		var ee *EmitError
		if !errors.As(err, &ee) {
			t.Fatalf("%v", err)
		}
		return ee.Lost
	}

	// No time for the pacing of this burst: it stops early and says how much is missing.
	all := docs(10_000, 200)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	n := lost(e.Emit(ctx, all))
	if n == 0 || n == 10_000 {
		t.Errorf("%d of 10000 lost", n)
	}

	// Another Emit is under way.
	<-e.turn
	done, stop := context.WithCancel(t.Context())
	stop()
	if n := lost(e.Emit(done, docs(2, 0))); n != 2 {
		t.Errorf("%d lost", n)
	}
	if err := e.Shutdown(done); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	e.give()
}

func TestUDPShutdown(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	if err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	err := e.Emit(t.Context(), docs(3, 0))
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 3 || !errors.Is(err, errShutdown) {
		t.Errorf("Emit after Shutdown: %v", err)
	}
}

func TestUDPConcurrent(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				if err := e.Emit(t.Context(), [][]byte{doc(i*10+j, 300)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, err := d.Wait(timeout(t), 80); err != nil {
		t.Fatal(err)
	}
	if s := d.Stats(); s.Bad != 0 {
		t.Errorf("%+v", s)
	}
}

func TestUDPEmitDoesNotAllocate(t *testing.T) {
	d := xraytest.NewDaemon(t, xraytest.WithKeep(0))
	e := newUDPEmitter(d.Addr())
	ctx, all := timeout(t), docs(2, 4000)
	send := func() {
		if err := e.Emit(ctx, all); err != nil {
			t.Fatal(err)
		}
	}
	send()
	// The daemon's goroutine allocates too, so it must not run meanwhile.
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp", d.Addr())
	if err != nil {
		t.Skip("the port is taken:", err)
	}
	defer conn.Close()
	if n := testing.AllocsPerRun(500, send); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
