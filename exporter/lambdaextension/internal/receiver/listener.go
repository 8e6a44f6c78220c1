package receiver

import (
	"bufio"
	"net"
	"runtime"
	"sync"
)

// ForGRPC returns l with connections that spare calls of the kernel. net/http's HTTP/2
// reads a frame in two pieces and writes each by itself: nine calls and five for one
// export, each of which wakes the client. In one and one an export over gRPC takes 202
// us in place of 225, as a client sees it. HTTP/1 gains nothing.
func ForGRPC(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, r: bufio.NewReaderSize(c, readBuffer)}, nil
}

// readBuffer has room for an export of a small function.
const readBuffer = 16 << 10

type conn struct {
	net.Conn
	r *bufio.Reader

	mu      sync.Mutex
	pending []byte
	flushes bool // a goroutine is about to write pending
	err     error
}

func (c *conn) Read(p []byte) (int, error) { return c.r.Read(p) }

// Write writes p when whoever is about to write more has had its turn. An error comes
// with the next call.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	c.pending = append(c.pending, p...)
	if !c.flushes {
		c.flushes = true
		go func() {
			runtime.Gosched()
			c.flush()
		}()
	}
	return len(p), nil
}

func (c *conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushes = false
	if len(c.pending) > 0 && c.err == nil {
		_, c.err = c.Conn.Write(c.pending)
	}
	c.pending = c.pending[:0]
}

// Close writes what is pending before.
func (c *conn) Close() error {
	c.flush()
	return c.Conn.Close()
}
