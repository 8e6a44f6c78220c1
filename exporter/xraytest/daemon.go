package xraytest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// receiveBuffer is asked for, the kernel gives what it allows
// (net.core.rmem_max). The kernel's default holds about four documents of 48 KiB.
const receiveBuffer = 16 << 20

// Daemon is a fake X-Ray daemon on real sockets: it receives datagrams over UDP
// and answers the sampling calls over TCP, on the same port.
type Daemon struct {
	conn     net.PacketConn
	server   *http.Server
	callback func(Datagram)
	sampling *SamplingRules
	keep     int
	queue    int // bytes that may wait in arrived; 0: any number
	done     sync.WaitGroup

	mu       sync.Mutex
	arrived  []Datagram // read but not yet parsed
	waiting  int        // bytes in arrived
	markers  int
	drains   map[string]chan struct{} // by marker; closed when it has been read
	more     chan struct{}            // capacity 1: arrived has grown
	kept     []Datagram
	stats    DaemonStats
	progress chan struct{} // closed and replaced when stats change
}

// Datagram is one packet that a [Daemon] received.
type Datagram struct {
	Time     time.Time // when it was read from the socket
	Data     []byte    // as received
	Document []byte    // what follows the header line; nil if Err is set
	Err      error     // why no document would come of it; nil if one would
}

// DaemonStats counts what a [Daemon] received since it started or was reset.
type DaemonStats struct {
	Datagrams int
	Documents int // datagrams with one good document
	Bad       int // the others
	Bytes     int // of all datagrams
	Dropped   int // besides: read while the queue was full, see [WithQueue]
}

// DaemonOption configures a [Daemon].
type DaemonOption interface{ applyDaemon(*Daemon) }

type daemonOption func(*Daemon)

func (o daemonOption) applyDaemon(d *Daemon) { o(d) }

// WithDatagramFunc has f called with every datagram, good or bad, in the order
// of arrival and never twice at once. A slow f delays [Daemon.Wait] but loses
// nothing. It must not call [Daemon.Close].
func WithDatagramFunc(f func(Datagram)) DaemonOption {
	return daemonOption(func(d *Daemon) { d.callback = f })
}

// KeepOption is an option of both [Daemon] and [API].
type KeepOption interface {
	DaemonOption
	APIOption
}

type keepOption int

// WithKeep limits how many datagrams a [Daemon] keeps for [Daemon.Datagrams] and
// [Daemon.Documents], or documents an [API] for [API.Documents]; the oldest go
// first. The default keeps all of them, which suits a test; a process that runs
// for long wants 0 and a [WithDatagramFunc] or [WithDocumentFunc].
func WithKeep(n int) KeepOption { return keepOption(max(n, 0)) }

func (n keepOption) applyDaemon(d *Daemon) { d.keep = int(n) }
func (n keepOption) applyAPI(a *API)       { a.keep = int(n) }

// keepLast shortens list to its last n; all of it if n is negative.
func keepLast[E any](list []E, n int) []E {
	if over := len(list) - n; n >= 0 && over > 0 {
		return slices.Delete(list, 0, over)
	}
	return list
}

// WithQueue bounds the bytes of datagrams that wait for a slow [WithDatagramFunc].
// What comes above it is dropped and counted. The default is no bound.
func WithQueue(bytes int) DaemonOption {
	return daemonOption(func(d *Daemon) { d.queue = bytes })
}

// NewDaemon starts a daemon on a free loopback port for the length of a test.
func NewDaemon(t T, opts ...DaemonOption) *Daemon {
	t.Helper()
	d, err := StartDaemon("127.0.0.1:0", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// StartDaemon starts a daemon on addr, a host:port as in AWS_XRAY_DAEMON_ADDRESS;
// port 0 takes a free one. The caller closes it.
func StartDaemon(addr string, opts ...DaemonOption) (*Daemon, error) {
	listener, conn, err := listenBoth(addr)
	if err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	if c, ok := conn.(*net.UDPConn); ok {
		_ = c.SetReadBuffer(receiveBuffer) // a smaller buffer is a slower daemon, not a broken one
	}
	d := &Daemon{
		conn:     conn,
		sampling: NewSamplingRules(),
		keep:     -1,
		drains:   make(map[string]chan struct{}),
		more:     make(chan struct{}, 1),
		progress: make(chan struct{}),
	}
	for _, o := range opts {
		o.applyDaemon(d)
	}
	d.server = &http.Server{Handler: d.sampling, ReadHeaderTimeout: time.Minute}
	d.done.Go(d.read)
	d.done.Go(d.parse)
	d.done.Go(func() { _ = d.server.Serve(listener) }) // ends with Close
	return d, nil
}

// listenBoth opens TCP and UDP on one port. With port 0 the kernel chooses for
// TCP, and another process may hold that port for UDP: then it chooses again.
func listenBoth(addr string) (net.Listener, net.PacketConn, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, err
	}
	for attempt := 1; ; attempt++ {
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, nil, err
		}
		conn, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, conn, nil
		}
		listener.Close()
		if port != "0" || attempt == 10 {
			return nil, nil, err
		}
	}
}

// read does nothing but empty the socket, because what the kernel's buffer
// cannot hold is lost.
func (d *Daemon) read() {
	defer close(d.more)
	buf := make([]byte, 1<<16)
	for {
		n, _, err := d.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // such as an ICMP error from an earlier peer; the socket stays good
		}
		now := time.Now()
		d.mu.Lock()
		if d.queue > 0 && d.waiting+n > d.queue && !isMarker(buf[:n]) {
			d.stats.Dropped++
			d.mu.Unlock()
			continue
		}
		d.waiting += n
		d.arrived = append(d.arrived, Datagram{Time: now, Data: slices.Clone(buf[:n])})
		d.mu.Unlock()
		select {
		case d.more <- struct{}{}:
		default:
		}
	}
}

func (d *Daemon) parse() {
	for range d.more {
		d.mu.Lock()
		batch := d.arrived
		d.arrived = nil
		d.mu.Unlock()
		for _, g := range batch {
			d.take(len(g.Data))
			if d.drained(g.Data) {
				continue
			}
			g.Document, g.Err = segment.ParseDatagram(g.Data)
			if d.callback != nil {
				d.callback(g)
			}
			d.record(g)
		}
	}
}

// take is told that a datagram does not wait any more.
func (d *Daemon) take(bytes int) {
	d.mu.Lock()
	d.waiting -= bytes
	d.mu.Unlock()
}

func (d *Daemon) record(g Datagram) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stats.Datagrams++
	d.stats.Bytes += len(g.Data)
	if g.Err != nil {
		d.stats.Bad++
	} else {
		d.stats.Documents++
	}
	d.kept = keepLast(append(d.kept, g), d.keep)
	close(d.progress)
	d.progress = make(chan struct{})
}

// Addr returns the host:port of both sockets, in the form that
// AWS_XRAY_DAEMON_ADDRESS takes.
func (d *Daemon) Addr() string { return d.conn.LocalAddr().String() }

// Stats returns the counters.
func (d *Daemon) Stats() DaemonStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stats
}

// Datagrams returns what was received, good and bad, in order of arrival.
func (d *Daemon) Datagrams() []Datagram {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.kept)
}

// Documents returns the documents of the good datagrams, in order of arrival.
func (d *Daemon) Documents() [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.documents()
}

func (d *Daemon) documents() [][]byte {
	var docs [][]byte
	for _, g := range d.kept {
		if g.Err == nil {
			docs = append(docs, g.Document)
		}
	}
	return docs
}

// Wait returns [Daemon.Documents] as soon as n documents have arrived since the
// start or the last [Daemon.Reset]. If ctx is done before, the error says how
// many came and what was wrong with the bad datagrams.
func (d *Daemon) Wait(ctx context.Context, n int) ([][]byte, error) {
	for {
		d.mu.Lock()
		stats, progress, docs := d.stats, d.progress, d.documents()
		d.mu.Unlock()
		if stats.Documents >= n {
			return docs, nil
		}
		select {
		case <-progress:
		case <-ctx.Done():
			return docs, fmt.Errorf("daemon: %d of %d documents arrived: %w", stats.Documents, n, errors.Join(context.Cause(ctx), d.badErr()))
		}
	}
}

func (d *Daemon) badErr() error {
	var errs []error
	for _, g := range d.Datagrams() {
		errs = append(errs, g.Err)
	}
	return errors.Join(errs...)
}

// Reset forgets what was received.
func (d *Daemon) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept, d.stats = nil, DaemonStats{}
}

// Close closes both sockets and returns when the last callback has. What was
// received can still be read.
func (d *Daemon) Close() error {
	err := errors.Join(d.conn.Close(), d.server.Close())
	d.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil // closed before
	}
	return err
}
