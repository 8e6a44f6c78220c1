//go:build unix

package exporter

import (
	"context"
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestUDPSocketDiedInFreeze(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e := newUDPEmitter(d.Addr())
	all := docs(2, 0)
	if err := e.Emit(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	_ = e.socket.close()
	e.socket.fd = -1
	if err := e.Emit(t.Context(), all[1:]); err != nil {
		t.Fatal(err)
	}
	wantDocuments(t, d, all)
}

// TestUDPWaitsForRoom fills the way out, which a UDP socket on loopback does not
// let happen, so the socket is another kind. A write that could not wait any
// longer must leave the socket as it was.
func TestUDPWaitsForRoom(t *testing.T) {
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
	e := newUDPEmitter(d.Addr())
	if e.socket, err = newSocket(conn); err != nil {
		t.Fatal(err)
	}
	socket := e.socket
	one := docs(1, 1000)

	const timeout = 50 * time.Millisecond
	var began time.Time
	err = nil
	for i := 0; i < 10_000 && err == nil; i++ {
		began = time.Now()
		err = e.Emit(newTimeoutContext(timeout), one)
	}
	var ee *EmitError
	if !errors.As(err, &ee) || ee.Lost != 1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the way out is full: %v", err)
	}
	if took := time.Since(began); took < timeout {
		t.Errorf("gave up after %v", took)
	}
	// Now it waits for room, and then finds room.
	read := func() { _, _ = reader.Read(make([]byte, 2000)) }
	time.AfterFunc(10*time.Millisecond, read)
	for range 2 {
		if err := e.Emit(newTimeoutContext(20*time.Second), one); err != nil {
			t.Error(err)
		}
		read()
	}
	if e.socket != socket || d.Stats().Datagrams > 0 {
		t.Error("the socket was replaced")
	}
}

// TestUDPSocketIsLetGo has emitters that nobody shuts down give their sockets
// back all the same.
func TestUDPSocketIsLetGo(t *testing.T) {
	d := xraytest.NewDaemon(t)
	fd := func() int {
		e := newUDPEmitter(d.Addr())
		if err := e.Emit(t.Context(), docs(1, 0)); err != nil {
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
