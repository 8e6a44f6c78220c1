package awsxraylambdaexporter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	lambdaxray "github.com/lambdaxray/lambdaxray/exporter"
)

// daemonEmitter writes each document as one datagram to an X-Ray daemon.
type daemonEmitter struct {
	address string

	mu     sync.Mutex
	conn   net.Conn
	closed bool
	buf    []byte // datagramHeader, then the document
}

var _ lambdaxray.Emitter = (*daemonEmitter)(nil)

// datagramHeader precedes the document in every datagram.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon
const datagramHeader = `{"format":"json","version":1}` + "\n"

// A burst up to these reaches a daemon whole; what is above it is spread out,
// since a full socket buffer loses datagrams in silence.
const (
	burstBytes    = 100_000
	burstPause    = 50 * time.Microsecond
	pausePerBytes = 5 * time.Nanosecond // 200 us for 40 KB
)

func newDaemonEmitter(address string) *daemonEmitter {
	return &daemonEmitter{address: address, buf: []byte(datagramHeader)}
}

// Emit writes docs in order. The first error ends it: what a request has left
// is sent again as a whole.
func (e *daemonEmitter) Emit(ctx context.Context, docs [][]byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	sent := 0
	for i, doc := range docs {
		if err := e.write(ctx, doc); err != nil {
			return &lambdaxray.EmitError{Lost: len(docs) - i, Err: err}
		}
		if sent += len(doc); sent > burstBytes || i >= 100 {
			time.Sleep(burstPause + time.Duration(len(doc))*pausePerBytes)
		}
	}
	return nil
}

func (e *daemonEmitter) write(ctx context.Context, doc []byte) error {
	if e.closed {
		return errors.New("used after Shutdown")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	e.buf = append(e.buf[:len(datagramHeader)], doc...)
	err := e.writeOnce(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	// A socket may have died; and the system reports at the next write that
	// nobody took an earlier datagram, without sending that one.
	refused := errors.Is(err, syscall.ECONNREFUSED)
	_ = e.hangUp() // its error is the one at hand
	if again := e.writeOnce(ctx); again != nil {
		return again
	}
	if refused {
		return fmt.Errorf("no X-Ray daemon at %s: %w", e.address, err)
	}
	return nil
}

func (e *daemonEmitter) writeOnce(ctx context.Context) error {
	if e.conn == nil {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "udp", e.address)
		if err != nil {
			return err
		}
		e.conn = conn
	}
	_, err := e.conn.Write(e.buf)
	return err
}

func (e *daemonEmitter) hangUp() error {
	if e.conn == nil {
		return nil
	}
	err := e.conn.Close()
	e.conn = nil
	return err
}

// Shutdown closes the socket. Emit fails afterwards.
func (e *daemonEmitter) Shutdown(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	return e.hangUp()
}
