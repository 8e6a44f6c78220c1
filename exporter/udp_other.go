//go:build !unix

package exporter

import "net"

// socket is a connection that can be written to without waiting; not so here.
type socket struct{ net.Conn }

func newSocket(conn net.Conn) *socket { return &socket{conn} }

// tryWrite would write data if that were possible without waiting.
func (s *socket) tryWrite([]byte) (done bool, err error) { return false, nil }
