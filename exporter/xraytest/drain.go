package xraytest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// markerPrefix begins a datagram that is no document. UDP over loopback keeps its
// order: when the daemon has read a marker, it has read all that was sent before.
const markerPrefix = "xraytest marker "

func isMarker(data []byte) bool { return bytes.HasPrefix(data, []byte(markerPrefix)) }

// Drain waits until everything that was sent to the daemon before the call has been
// received, and returns [Daemon.Documents]. A function under lambdaxray has sent
// the documents of an invocation before its response: to have them all, whatever
// their number, call Drain when the response is there.
//
// An exporter that sends from a goroutine of its own has to be flushed before.
func (d *Daemon) Drain(ctx context.Context) ([][]byte, error) {
	conn, err := net.Dial("udp", d.Addr())
	if err != nil {
		return nil, fmt.Errorf("daemon: drain: %w", err)
	}
	defer conn.Close()
	d.mu.Lock()
	d.markers++
	marker, read := markerPrefix+strconv.Itoa(d.markers), make(chan struct{})
	d.drains[marker] = read
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.drains, marker)
		d.mu.Unlock()
	}()
	again := time.NewTicker(100 * time.Millisecond) // the kernel may drop a marker as it may drop a document
	defer again.Stop()
	for {
		if _, err := conn.Write([]byte(marker)); err != nil {
			return d.Documents(), fmt.Errorf("daemon: drain: %w", err)
		}
		select {
		case <-read:
			return d.Documents(), nil
		case <-again.C:
		case <-ctx.Done():
			return d.Documents(), fmt.Errorf("daemon: drain: %w", context.Cause(ctx))
		}
	}
}

// drained reports whether data is the marker of a [Daemon.Drain], and ends that.
func (d *Daemon) drained(data []byte) bool {
	if !isMarker(data) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if read, ok := d.drains[string(data)]; ok {
		close(read)
		delete(d.drains, string(data))
	}
	return true
}
