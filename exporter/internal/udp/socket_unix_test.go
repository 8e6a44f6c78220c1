//go:build unix

package udp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestSocketDiedInFreeze(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	all := docs(2, 0)
	if _, err := e.Emit(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	_ = e.socket.close()
	e.socket.fd = -1
	if _, err := e.Emit(t.Context(), all[1:]); err != nil {
		t.Fatal(err)
	}
	wantDocuments(t, d, all)
}

// TestUDPWaitsForRoom fills the way out, which a UDP socket on loopback does not
// let happen, so the socket is another kind. A write that could not wait any
// longer must leave the socket as it was.
func TestWaitsForRoom(t *testing.T) {
	addr := &net.UnixAddr{Name: t.TempDir() + "/daemon", Net: "unixgram"}
	reader, err := net.ListenUnixgram("unixgram", addr)
	if err != nil {
		t.Skip("no such sockets here:", err)
	}
	defer reader.Close()
	conn, err := net.DialUnix("unixgram", nil, addr)
	if err != nil {
		t.Fatal(err)
	}
	d := xraytest.NewDaemon(t) // where a new socket would lead
	e := New(d.Addr())
	if e.socket, err = newSocket(conn); err != nil {
		t.Fatal(err)
	}
	socket := e.socket
	one := docs(1, 1000)

	const timeout = 50 * time.Millisecond
	var began time.Time
	lost := 0
	for i := 0; i < 10_000 && lost == 0; i++ {
		began = time.Now()
		lost, err = e.EmitNowWithin(timeout, one)
	}
	if lost != 1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the way out is full: %d lost: %v", lost, err)
	}
	if took := time.Since(began); took < timeout {
		t.Errorf("gave up after %v", took)
	}
	// Of many documents the first says it for all.
	began = time.Now()
	if lost, err := e.EmitNowWithin(timeout, docs(100, 1000)); lost != 100 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d of 100 lost: %v", lost, err)
	}
	if took := time.Since(began); took > 50*timeout {
		t.Errorf("gave up after %v", took)
	}
	// Now it waits for room, and then finds room.
	read := func() { _, _ = reader.Read(make([]byte, 2000)) }
	time.AfterFunc(10*time.Millisecond, read)
	for range 2 {
		if _, err := e.EmitNowWithin(20*time.Second, one); err != nil {
			t.Error(err)
		}
		read()
	}
	if e.socket != socket || d.Stats().Datagrams > 0 {
		t.Error("the socket was replaced")
	}
}

// TestSocketIsNotInherited: what a function starts does not get its socket.
func TestSocketIsNotInherited(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := New(d.Addr())
	if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
		t.Fatal(err)
	}
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", e.socket.fd))
	if err != nil {
		t.Skip("no such files here:", err)
	}
	var flags uint64
	for line := range strings.Lines(string(info)) {
		if text, ok := strings.CutPrefix(line, "flags:"); ok {
			if flags, err = strconv.ParseUint(strings.TrimSpace(text), 8, 64); err != nil {
				t.Fatal(err)
			}
		}
	}
	if flags&syscall.O_CLOEXEC == 0 {
		t.Errorf("%s", info)
	}
}

// TestUDPSocketIsLetGo has emitters that nobody shuts down give their sockets
// back all the same.
func TestSocketIsLetGo(t *testing.T) {
	d := xraytest.NewDaemon(t)
	fd := func() int {
		e := New(d.Addr())
		if _, err := e.Emit(t.Context(), docs(1, 0)); err != nil {
			t.Fatal(err)
		}
		return e.socket.fd
	}()
	for range 100 {
		runtime.GC()
		if _, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("socket %d is still open", fd)
}
