package exporter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// udpEmitter writes each document as one datagram to the X-Ray daemon. It dials
// at the first document, and again after an error.
type udpEmitter struct {
	address string
	pacer   pacer

	// turn holds one token, and whoever has it may use what follows. One writer
	// at a time costs nothing, as the socket has a lock of its own. It is a
	// channel so that waiting ends with the context. Nobody has it while pacing.
	turn   chan struct{}
	socket *socket // nil: not dialled
	closed bool
	buf    []byte // header line, then the document: UDP has no vectored write in net
}

// NewUDPEmitter returns an [Emitter] that writes each document as one datagram to
// the X-Ray daemon at address, which has any form that AWS_XRAY_DAEMON_ADDRESS
// takes; an empty one is an error. It is what an [Exporter] uses by default, for
// those who have documents of their own.
//
// Give many documents to one Emit: it spaces a burst so that the daemon keeps up.
// The first document of an Emit never waits.
//
// It dials at the first document. A document above what a datagram holds (65,477
// bytes) is lost, and so is every document while nobody listens there; the error
// of Emit says so. What the daemon loses shows nowhere: UDP is silent.
func NewUDPEmitter(address string) (Emitter, error) {
	hostPort, err := parseDaemonAddress("address", address)
	if err != nil {
		return nil, err
	}
	return newUDPEmitter(hostPort), nil
}

func newUDPEmitter(address string) *udpEmitter {
	e := &udpEmitter{address: address, turn: make(chan struct{}, 1), buf: []byte(segment.DatagramHeader)}
	e.turn <- struct{}{}
	return e
}

func (e *udpEmitter) Emit(ctx context.Context, docs [][]byte) error {
	lost := 0
	var errs []error
	for i, doc := range docs {
		err := e.send(ctx, doc, i == 0)
		if err == nil {
			continue
		}
		lost++
		errs = append(errs, err)
		if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
			lost += len(docs) - i - 1
			break
		}
	}
	if lost == 0 {
		return nil
	}
	return &EmitError{Lost: lost, Err: joinDistinct(errs)}
}

func (e *udpEmitter) Shutdown(ctx context.Context) error {
	if err := e.take(ctx); err != nil {
		return fmt.Errorf("exporter: daemon at %s: %w", e.address, err)
	}
	defer e.give()
	e.closed = true
	return e.hangUp()
}

func (e *udpEmitter) take(ctx context.Context) error {
	select {
	case <-e.turn:
		return nil
	default:
	}
	select {
	case <-e.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *udpEmitter) give() { e.turn <- struct{}{} }

func (e *udpEmitter) hangUp() error {
	if e.socket == nil {
		return nil
	}
	err := e.socket.close()
	e.socket = nil
	return err
}

// send writes one document. An error means that one document is lost: this one,
// or, if the daemon refused it, an earlier one.
//
// The first document of an Emit is not paced. Most invocations have no other,
// and they do not come faster than the daemon reads.
func (e *udpEmitter) send(ctx context.Context, doc []byte, first bool) error {
	n := len(segment.DatagramHeader) + len(doc)
	if n > segment.MaxDatagram {
		return fmt.Errorf("a document of %d bytes does not fit a datagram, which holds %d; lower the mapper's document budget",
			len(doc), segment.MaxDatagram-len(segment.DatagramHeader))
	}
	d := e.pacer.wait(time.Now(), n, first)
	if first {
		d = 0
	}
	if err := pace(ctx, d); err != nil {
		return err
	}
	if err := e.take(ctx); err != nil {
		return err
	}
	defer e.give()
	if e.closed {
		return errShutdown
	}
	e.buf = append(e.buf[:len(segment.DatagramHeader)], doc...)
	err := e.write(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	// The first error may come of what happened before: the system reports a
	// refused datagram at the next write and does not send that, and a socket
	// may have died while the process was frozen. So every document has a
	// second try, on a new socket unless the old one is only refused.
	refused := errors.Is(err, syscall.ECONNREFUSED)
	if !refused {
		_ = e.hangUp() // its error is the one at hand
	}
	if err := e.write(ctx); err != nil {
		return err
	}
	if refused {
		return fmt.Errorf("no X-Ray daemon at %s (%s): %w", e.address, envDaemonAddress, err)
	}
	return nil
}

func (e *udpEmitter) write(ctx context.Context) error {
	if e.socket == nil {
		s, err := dial(ctx, e.address)
		if err != nil {
			return err
		}
		e.socket = s
	}
	return e.socket.write(ctx, e.buf)
}

// netConn is a *net.UDPConn.
type netConn interface {
	net.Conn
	syscall.Conn
}

func dial(ctx context.Context, address string) (*socket, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	udp := conn.(*net.UDPConn)
	if runtime.GOOS == "darwin" {
		// macOS refuses datagrams above its send buffer, 9 KB by default.
		if err := udp.SetWriteBuffer(segment.MaxDatagram); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return newSocket(udp)
}

// joinDistinct joins errs and leaves out repetitions: with no daemon there, a
// hundred documents fail for one reason.
func joinDistinct(errs []error) error {
	seen := make(map[string]bool, len(errs))
	var distinct []error
	for _, err := range errs {
		if text := err.Error(); !seen[text] {
			seen[text] = true
			distinct = append(distinct, err)
		}
	}
	if len(distinct) == 1 {
		return distinct[0]
	}
	return errors.Join(distinct...)
}
