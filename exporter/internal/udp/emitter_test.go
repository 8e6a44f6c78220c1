package udp

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

func TestOneDocumentADatagram(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	want := docs(3, 0)
	if _, err := e.Emit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	wantDocuments(t, d, want)
	if s := d.Stats(); s.Datagrams != 3 || s.Bad != 0 {
		t.Errorf("%+v", s)
	}
}

func TestOverIPv6(t *testing.T) {
	conn, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	defer conn.Close()
	e := New(conn.LocalAddr().String())
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, segment.MaxDatagram)
	n, _, err := conn.ReadFrom(buf)
	if err != nil || string(buf[:n]) != segment.DatagramHeader+string(doc(0, 0)) {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

func TestDialsAtFirstDocument(t *testing.T) {
	e := New("127.0.0.1:2000")
	if e.socket != nil {
		t.Error("the socket is open before there is anything to send")
	}
	if _, err := e.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDaemonComesBack has the daemon miss one document and no more: the
// refusal, which the system reports one write late, must not cost the next.
func TestDaemonComesBack(t *testing.T) {
	d, err := xraytest.StartDaemon("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := d.Addr()
	e := New(addr)
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Wait(timeout(t), 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil { // refused, but nobody knows yet
		t.Fatal(err)
	}
	if d, err = xraytest.StartDaemon(addr); err != nil {
		t.Skip("the port is taken:", err)
	}
	defer d.Close()
	want := docs(2, 0)[1:]
	lost, err := e.Emit(t.Context(), want)
	if lost != 1 || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), EnvAddress) {
		t.Errorf("the refused document is reported as %v", err)
	}
	wantDocuments(t, d, want)
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Errorf("reported again: %v", err)
	}
}

func TestNoDaemon(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	conn.Close()
	e := New(addr)
	lost, err := e.Emit(t.Context(), docs(50, 0))
	if lost != 49 { // the last one's refusal shows at the next write
		t.Fatalf("%d lost: %v", lost, err)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the reason is missing: %v", err)
	}
	if n := strings.Count(err.Error(), addr); n > 2 {
		t.Errorf("one reason %d times: %v", n, err)
	}
	if lost, err := e.Shutdown(t.Context()); lost != 1 || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("at Shutdown %d lost: %v", lost, err)
	}
}

func TestNoSuchHost(t *testing.T) {
	e := New("name.invalid:2000")
	if lost, err := e.Emit(timeout(t), docs(2, 0)); lost != 2 || err == nil {
		t.Fatalf("%d lost: %v", lost, err)
	}
}

func TestTooLarge(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	const most = maxDocument
	largest, small := doc(0, most), doc(2, 0)
	lost, err := e.Emit(t.Context(), [][]byte{largest, doc(1, most+1), small})
	if lost != 1 {
		t.Fatalf("%d lost: %v", lost, err)
	}
	for _, part := range []string{fmt.Sprint(most + 1), "budget"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	wantDocuments(t, d, [][]byte{largest, small})
}

// TestSingleDocumentsDoNotWait has invocations come as fast as in a
// benchmark: above the pace, and yet none may wait.
func TestSingleDocumentsDoNotWait(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	ctx := noWaiting{Context: t.Context(), t: t}
	all := docs(1, 4<<10)
	for range 500 {
		if _, err := e.EmitNow(ctx, all); err != nil {
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

func TestContext(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	// No time for the pacing of this burst: it stops early and says how much is missing.
	all := docs(10_000, 200)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if lost, err := e.Emit(ctx, all); lost == 0 || lost == 10_000 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d of 10000 lost: %v", lost, err)
	}
	// What was not sent is not waited for either.
	if wait, _ := e.pacer.turn(time.Now(), 200, -1); wait > time.Second {
		t.Errorf("the next has to wait %v", wait)
	}

	// Another Emit is under way.
	<-e.turn
	done, stop := context.WithCancel(t.Context())
	stop()
	if lost, err := e.Emit(done, docs(2, 0)); lost != 2 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d lost: %v", lost, err)
	}
	if _, err := e.Shutdown(done); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	time.AfterFunc(10*time.Millisecond, e.give)
	if lost, err := e.EmitNow(t.Context(), docs(1, 0)); lost > 0 { // whoever can wait gets there
		t.Error(err)
	}
}

func TestShutdown(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if lost, err := e.Emit(t.Context(), docs(3, 0)); lost != 3 || !errors.Is(err, ErrShutdown) {
		t.Errorf("Emit after Shutdown: %d lost: %v", lost, err)
	}
}

func TestConcurrent(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				if _, err := e.Emit(t.Context(), [][]byte{doc(i*10+j, 300)}); err != nil {
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

func TestEmitDoesNotAllocate(t *testing.T) {
	d := xraytest.NewDaemon(t, xraytest.WithKeep(0))
	e := New(d.Addr())
	all := docs(2, 4000)
	send := func() {
		if _, err := e.EmitNowWithin(time.Minute, all); err != nil {
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
