//go:build unix

package exporter

import (
	"net"
	"os"
	"syscall"
)

// socket is a connection that can be written to without waiting.
type socket struct {
	net.Conn
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // made once: a closure a write would be an allocation
	data    []byte
	err     error
}

func newSocket(conn net.Conn) *socket {
	s := &socket{Conn: conn}
	if sc, ok := conn.(syscall.Conn); ok {
		s.raw, _ = sc.SyscallConn() // an error: nil, and writes wait
	}
	s.attempt = func(fd uintptr) bool {
		_, s.err = syscall.Write(int(fd), s.data)
		return true // whatever came of it, do not wait
	}
	return s
}

// tryWrite writes data if that is possible without waiting; if not, done is
// false. A datagram nearly always goes out at once, and then there is no
// deadline to set, which costs more than the write itself.
func (s *socket) tryWrite(data []byte) (done bool, err error) {
	if s.raw == nil {
		return false, nil
	}
	s.data = data
	err = s.raw.Write(s.attempt)
	s.data = nil
	switch {
	case err != nil:
		return true, err
	case s.err == nil:
		return true, nil
	case s.err == syscall.EAGAIN, s.err == syscall.EINTR:
		return false, nil
	}
	return true, &net.OpError{Op: "write", Net: "udp", Addr: s.RemoteAddr(), Err: os.NewSyscallError("write", s.err)}
}
