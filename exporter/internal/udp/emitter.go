package udp

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

// ErrShutdown is the reason why documents are lost after [Emitter.Shutdown].
var ErrShutdown = errors.New("used after Shutdown")

// Emitter writes each document as one datagram to the X-Ray daemon. It looks up
// and dials at the first document. It is safe for concurrent use.
type Emitter struct {
	address string
	pacer   pacer

	// turn holds one token, and whoever has it may use what follows. One writer
	// at a time costs nothing, as the socket has a lock of its own. It is a
	// channel so that waiting ends with the context. Nobody has it while pacing.
	turn    chan struct{}
	remote  remote
	socket  *socket // nil: not dialled
	refused bool    // nobody listens, as far as is known
	closed  bool
	buf     datagramBuffer
}

// New returns an Emitter to address, a host:port from [ParseAddress].
func New(address string) *Emitter {
	e := &Emitter{address: address, turn: make(chan struct{}, 1), remote: newRemote(address), buf: newDatagramBuffer()}
	e.turn <- struct{}{}
	return e
}

// Address returns where it writes to: what New was given.
func (e *Emitter) Address() string { return e.address }

// Emit writes docs within ctx, and keeps nothing of them. Each waits until the
// daemon's socket surely holds it, for senders that never stop: what they do not
// wait for is lost, and nobody sees it.
//
// It returns how many documents are lost and why. One that is refused counts at the
// next write, which is when the system says so.
func (e *Emitter) Emit(ctx context.Context, docs [][]byte) (lost int, err error) {
	return e.emit(ctx, 0, docs, false)
}

// EmitNow is Emit but for the first document, which does not wait. It is for
// Lambda: most invocations have one document, and they do not come faster than the
// daemon reads.
func (e *Emitter) EmitNow(ctx context.Context, docs [][]byte) (lost int, err error) {
	return e.emit(ctx, 0, docs, true)
}

// EmitNowWithin is EmitNow with a limit to how long each document may block, in
// place of a context. Waiting for its turn is not blocking: a stream of thousands
// takes its time, and none of them must be lost to that.
func (e *Emitter) EmitNowWithin(limit time.Duration, docs [][]byte) (lost int, err error) {
	return e.emit(context.Background(), limit, docs, true)
}

func (e *Emitter) emit(ctx context.Context, limit time.Duration, docs [][]byte, firstNow bool) (lost int, err error) {
	var errs []error
	for i, doc := range docs {
		err := e.send(ctx, limit, doc, firstNow && i == 0)
		if err == nil {
			continue
		}
		lost++
		errs = append(errs, err)
		if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrShutdown) {
			lost += len(docs) - i - 1
			break
		}
	}
	if lost == 0 {
		return 0, nil
	}
	return lost, joinDistinct(errs)
}

// Shutdown closes the socket. It returns, like Emit, what of the last documents
// was refused. A second call does nothing.
func (e *Emitter) Shutdown(ctx context.Context) (lost int, err error) {
	if err := e.take(&patience{parent: ctx}); err != nil {
		return 0, fmt.Errorf("daemon at %s: %w", e.address, err)
	}
	defer e.give()
	e.closed = true
	if e.socket == nil {
		return 0, nil
	}
	if pending := e.socket.pending(); errors.Is(pending, syscall.ECONNREFUSED) {
		lost, err = 1, e.noDaemon(pending)
	}
	return lost, errors.Join(err, e.hangUp())
}

// send writes one document. An error means that one document is lost: this one,
// or, if the daemon refused it, an earlier one.
func (e *Emitter) send(ctx context.Context, limit time.Duration, doc []byte, now bool) error {
	if err := checkSize(doc); err != nil {
		return err
	}
	if err := e.waitForTurn(ctx, len(segment.DatagramHeader)+len(doc), now); err != nil {
		return err
	}
	p := patience{parent: ctx, limit: limit}
	defer p.end()
	if err := e.take(&p); err != nil {
		return err
	}
	defer e.give()
	if e.closed {
		return ErrShutdown
	}
	e.buf.fill(doc)
	err := e.write(&p)
	if err == nil {
		e.setRefused(false)
		return nil
	}
	if p.isOver() {
		return err
	}
	// The first error may come of what happened before: the system reports a
	// refused datagram at the next write and does not send that, and a socket
	// may have died while the process was frozen. So every document has a
	// second try, on a new socket unless the old one is only refused.
	refused := errors.Is(err, syscall.ECONNREFUSED)
	e.setRefused(refused)
	if !refused {
		_ = e.hangUp() // its error is the one at hand
	}
	if err := e.write(&p); err != nil {
		return err
	}
	if refused {
		return e.noDaemon(err)
	}
	return nil
}

// waitForTurn keeps the daemon's pace.
func (e *Emitter) waitForTurn(ctx context.Context, n int, now bool) error {
	at := time.Now()
	if now {
		e.pacer.force(at, n)
		return nil
	}
	most := time.Duration(-1)
	if deadline, ok := ctx.Deadline(); ok {
		most = max(0, deadline.Sub(at))
	}
	wait, ok := e.pacer.turn(at, n, most)
	if !ok {
		return context.DeadlineExceeded
	}
	return sleep(ctx, wait)
}

func (e *Emitter) noDaemon(err error) error {
	return fmt.Errorf("no X-Ray daemon at %s (%s): %w", e.address, EnvAddress, err)
}

// setRefused notes whether somebody listens.
func (e *Emitter) setRefused(refused bool) {
	if refused != e.refused {
		e.refused = refused
		e.pacer.listening(!refused)
	}
}

func (e *Emitter) take(p *patience) error {
	select {
	case <-e.turn:
		return nil
	default:
	}
	select {
	case <-e.turn:
		return nil
	case <-p.context().Done():
		return p.context().Err()
	}
}

func (e *Emitter) give() { e.turn <- struct{}{} }

func (e *Emitter) write(p *patience) error {
	if err := e.connect(p); err != nil {
		return err
	}
	if done, err := e.socket.try(e.buf); done {
		return err
	}
	return e.socket.write(p.context(), e.buf)
}

// connect looks the daemon's name up and dials, if there is need.
func (e *Emitter) connect(p *patience) error {
	r := &e.remote
	if r.host != "" { // time.Now is not asked for an address
		if now := time.Now(); r.stale(now, e.refused || e.socket == nil) {
			before := r.addr
			if err := r.resolve(p.context(), now, e.refused || e.socket == nil); err == nil && r.addr != before {
				_ = e.hangUp() // nobody is there any more
			}
		}
		if !r.addr.IsValid() {
			return r.err
		}
	}
	if e.socket != nil {
		return nil
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.addr))
	if err != nil {
		return err
	}
	if runtime.GOOS == "darwin" {
		// macOS refuses datagrams above its send buffer, 9 KB by default.
		if err := conn.SetWriteBuffer(segment.MaxDatagram); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	e.socket, err = newSocket(conn)
	return err
}

func (e *Emitter) hangUp() error {
	if e.socket == nil {
		return nil
	}
	err := e.socket.close()
	e.socket = nil
	return err
}

// patience is how long one document may take, its turn aside. It is a context only
// for those who wait: the usual document meets none of them, and a context with a
// time costs four allocations.
type patience struct {
	parent context.Context
	limit  time.Duration // 0: as long as parent
	ctx    context.Context
	cancel context.CancelFunc
}

func (p *patience) context() context.Context {
	switch {
	case p.ctx != nil:
	case p.limit > 0:
		p.ctx, p.cancel = context.WithTimeout(p.parent, p.limit)
	default:
		p.ctx = p.parent
	}
	return p.ctx
}

func (p *patience) isOver() bool {
	return p.parent.Err() != nil || p.ctx != nil && p.ctx.Err() != nil
}

func (p *patience) end() {
	if p.cancel != nil {
		p.cancel()
	}
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
	return errors.Join(distinct...)
}
