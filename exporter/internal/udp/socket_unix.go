//go:build unix

package udp

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

// netConn is a *net.UDPConn.
type netConn interface {
	net.Conn
	syscall.Conn
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

// try sends data as one datagram, and returns false if the send buffer is full.
func (s *socket) try(data []byte) (done bool, err error) {
	for {
		_, err := syscall.Write(s.fd, data)
		switch err {
		case nil:
			return true, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false, nil
		default:
			return true, &net.OpError{Op: "write", Net: "udp", Addr: s.addr, Err: os.NewSyscallError("write", err)}
		}
	}
}

// write sends data as one datagram. With the send buffer full it waits for room,
// as long as ctx lets it.
func (s *socket) write(ctx context.Context, data []byte) error {
	for {
		if done, err := s.try(data); done {
			return err
		}
		if err := sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
}

// pending returns an error that the system has not told yet: that the last
// datagram was refused.
func (s *socket) pending() error {
	n, err := syscall.GetsockoptInt(s.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err != nil || n == 0 {
		return nil
	}
	return syscall.Errno(n)
}

func (s *socket) close() error {
	runtime.SetFinalizer(s, nil)
	return os.NewSyscallError("close", syscall.Close(s.fd))
}
