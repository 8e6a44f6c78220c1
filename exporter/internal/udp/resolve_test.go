package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// names is a resolver whose answer can change.
type names struct {
	ips   []netip.Addr
	err   error
	asked int
}

func (n *names) lookup(context.Context, string, string) ([]netip.Addr, error) {
	n.asked++
	return n.ips, n.err
}

func addrs(texts ...string) (ips []netip.Addr) {
	for _, text := range texts {
		ips = append(ips, netip.MustParseAddr(text))
	}
	return ips
}

// port returns :port of an address.
func port(addr string) string { return addr[strings.LastIndexByte(addr, ':'):] }

func TestNewRemote(t *testing.T) {
	for address, want := range map[string]remote{
		"127.0.0.1:2000":  {addr: netip.MustParseAddrPort("127.0.0.1:2000"), port: 2000},
		"[::1]:65535":     {addr: netip.MustParseAddrPort("[::1]:65535"), port: 65535},
		"[fe80::1%lo]:1":  {addr: netip.MustParseAddrPort("[fe80::1%lo]:1"), port: 1},
		"xray-daemon:200": {host: "xray-daemon", port: 200},
	} {
		got := newRemote(address)
		got.lookup = nil
		if got.host != want.host || got.addr != want.addr || got.port != want.port {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}

// A daemon on localhost is on 127.0.0.1, wherever ::1 stands in the answer.
func TestResolvePrefersIPv4(t *testing.T) {
	for _, tt := range []struct {
		ips  []netip.Addr
		want string
	}{
		{addrs("::1", "127.0.0.1"), "127.0.0.1:2000"},
		{addrs("::1", "::ffff:127.0.0.2", "127.0.0.1"), "127.0.0.2:2000"},
		{addrs("10.0.0.1", "10.0.0.2"), "10.0.0.1:2000"},
		{addrs("::1", "::2"), "[::1]:2000"},
	} {
		r := newRemote("daemon:2000")
		r.lookup = (&names{ips: tt.ips}).lookup
		if err := r.resolve(t.Context(), time.Now(), false); err != nil || r.addr.String() != tt.want {
			t.Errorf("%v: %v, %v", tt.ips, r.addr, err)
		}
	}
}

func TestStale(t *testing.T) {
	now := time.Now()
	n := &names{ips: addrs("10.0.0.1")}
	r := newRemote("daemon:2000")
	r.lookup = n.lookup
	step := func(after time.Duration, failing, want bool) {
		t.Helper()
		now = now.Add(after)
		got := r.stale(now, failing)
		if got != want {
			t.Errorf("stale: %v", got)
		}
		if got {
			_ = r.resolve(t.Context(), now, failing)
		}
	}
	step(0, false, true)                    // the first time
	step(0, false, false)                   // known
	step(29*time.Second, false, false)      // not old enough
	step(time.Second, false, true)          // it may have moved
	step(time.Second, true, true)           // an error: at once
	step(0, true, false)                    // another
	step(999*time.Millisecond, true, false) // still
	step(time.Millisecond, true, true)      // and again after a while
	step(0, false, false)                   // it works again
	step(0, true, true)                     // a new error: at once

	// An answer that does not come leaves the address as it was.
	n.err = errors.New("no such host")
	step(30*time.Second, false, true)
	if r.addr.String() != "10.0.0.1:2000" {
		t.Errorf("%v", r.addr)
	}
	step(29*time.Second, false, false)

	// Without any address it is asked for once a second.
	r = newRemote("daemon:2000")
	r.lookup = n.lookup
	step(0, false, true)
	step(0, false, false)
	step(time.Second, false, true)
}

func TestNameMoves(t *testing.T) {
	d, err := xraytest.StartDaemon("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := New("daemon" + port(d.Addr()))
	n := &names{ips: addrs("::1", "127.0.0.1")}
	e.remote.lookup = n.lookup
	if lost, err := e.Emit(t.Context(), docs(2, 0)); lost > 0 {
		t.Fatal(err)
	}
	wantDocuments(t, d, docs(2, 0))
	if n.asked != 1 {
		t.Errorf("looked up %d times", n.asked)
	}
	d.Close()

	moved, err := xraytest.StartDaemon("127.0.0.2" + port(d.Addr()))
	if err != nil {
		t.Skip("no second loopback address:", err)
	}
	defer moved.Close()
	n.ips = addrs("127.0.0.2")
	if lost, err := e.Emit(t.Context(), docs(1, 0)); lost > 0 { // refused, which nobody knows yet
		t.Fatal(err)
	}
	if lost, _ := e.Emit(t.Context(), docs(1, 0)); lost != 1 {
		t.Errorf("%d lost", lost)
	}
	wantDocuments(t, moved, docs(1, 0))

	// The first address answers again: no error says that the name has moved.
	back, err := xraytest.StartDaemon(d.Addr())
	if err != nil {
		t.Skip("the port is taken:", err)
	}
	defer back.Close()
	n.ips = addrs("127.0.0.1")
	e.remote.looked = e.remote.looked.Add(-maxNameAge)
	if lost, err := e.Emit(t.Context(), docs(1, 0)); lost > 0 {
		t.Error(err)
	}
	wantDocuments(t, back, docs(1, 0))

	// Where it still stands for the same, the socket stays.
	e.remote.looked = e.remote.looked.Add(-maxNameAge)
	socket := e.socket
	if lost, err := e.Emit(t.Context(), docs(1, 0)); lost > 0 || e.socket != socket {
		t.Errorf("%d lost, %v; the same socket: %v", lost, err, e.socket == socket)
	}
}

// Where nobody listens the name is looked up again at once, and then once a second: not
// for each document.
func TestNameOfNobody(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	e := New("daemon" + port(conn.LocalAddr().String()))
	n := &names{ips: addrs("127.0.0.1")}
	e.remote.lookup = n.lookup
	start := time.Now()
	for range 5 {
		_, _ = e.Emit(t.Context(), docs(1, 0))
	}
	if most := 2 + int(time.Since(start)/minNameAge); n.asked > most {
		t.Errorf("looked up %d times, want at most %d", n.asked, most)
	}
}

// Whatever else localhost stands for, a daemon on 127.0.0.1 gets what is sent there.
func TestLocalhost(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New("localhost" + port(d.Addr()))
	if lost, err := e.Emit(timeout(t), docs(2, 0)); lost > 0 {
		t.Fatal(err)
	}
	wantDocuments(t, d, docs(2, 0))
}
