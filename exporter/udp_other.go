//go:build !unix

package exporter

import "context"

// socket is a connected UDP socket. One goroutine at a time may use it.
type socket struct{ conn netConn }

func newSocket(conn netConn) (*socket, error) { return &socket{conn}, nil }

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
