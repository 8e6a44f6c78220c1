//go:build !unix

package udp

import (
	"context"
	"net"
)

// socket is a connected UDP socket. One goroutine at a time may use it.
type socket struct{ conn *net.UDPConn }

func newSocket(conn *net.UDPConn) (*socket, error) { return &socket{conn}, nil }

// try sends data if that needs no waiting, which is not known here.
func (s *socket) try([]byte) (done bool, err error) { return false, nil }

// pending returns an error that the system has not told yet.
func (s *socket) pending() error { return nil }

// write sends data as one datagram, within ctx.
func (s *socket) write(ctx context.Context, data []byte) error {
	deadline, _ := ctx.Deadline() // the zero time: none
	if err := s.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	_, err := s.conn.Write(data)
	return err
}

func (s *socket) close() error { return s.conn.Close() }
