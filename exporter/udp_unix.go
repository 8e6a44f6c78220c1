//go:build unix

package exporter

import (
	"context"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"
)

// socket is a connected UDP socket that Go's network poller does not watch. The
// poller would be woken for every datagram that has left the send buffer: a
// thread that runs at the end of an invocation, for nothing. One goroutine at a
// time may use it.
type socket struct {
	fd   int
	addr net.Addr
}

// newSocket takes over what conn is connected to, and closes conn.
func newSocket(conn netConn) (*socket, error) {
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{fd: -1, addr: conn.RemoteAddr()}
	controlErr := raw.Control(func(fd uintptr) {
		// As net does: no process is started between the two.
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if s.fd, err = syscall.Dup(int(fd)); err == nil {
			syscall.CloseOnExec(s.fd)
		}
	})
	if controlErr != nil {
		return nil, controlErr
	}
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	runtime.SetFinalizer(s, (*socket).close)
	return s, nil
}

// write sends data as one datagram. With the send buffer full it waits for room,
// as long as ctx lets it.
func (s *socket) write(ctx context.Context, data []byte) error {
	for {
		_, err := syscall.Write(s.fd, data)
		switch err {
		case nil:
			return nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			if err := ctx.Err(); err != nil {
				return err
			}
			time.Sleep(time.Millisecond)
		default:
			return &net.OpError{Op: "write", Net: "udp", Addr: s.addr, Err: os.NewSyscallError("write", err)}
		}
	}
}

func (s *socket) close() error {
	runtime.SetFinalizer(s, nil)
	return os.NewSyscallError("close", syscall.Close(s.fd))
}
