package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// xray is the daemon that the function writes to, the store of what came in,
// and the files of -out.
type xray struct {
	daemon *xraytest.Daemon
	store  *xraytest.Store
	sender net.Conn // for markers

	mu       sync.Mutex
	markers  map[string]chan struct{} // closed when the daemon has read that marker
	marked   int
	function *os.File // nil without -out
	platform *os.File
	bad      []error
}

// markerPrefix begins a datagram that is no document: when the daemon has read
// it, it has read all that was sent before.
const markerPrefix = "local marker "

// startXRay listens on a free loopback port. dir is where documents are written
// as JSON lines, or empty.
func startXRay(dir string) (_ *xray, err error) {
	x := &xray{store: xraytest.NewStore(), markers: map[string]chan struct{}{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.closeFiles())
		}
	}()
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
		if x.function, err = os.Create(filepath.Join(dir, "function.jsonl")); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
		if x.platform, err = os.Create(filepath.Join(dir, "platform.jsonl")); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
	}
	if x.daemon, err = xraytest.StartDaemon("127.0.0.1:0", xraytest.WithKeep(0), xraytest.WithDatagramFunc(x.datagram)); err != nil {
		return nil, err
	}
	if x.sender, err = net.Dial("udp", x.daemon.Addr()); err != nil {
		return nil, errors.Join(err, x.daemon.Close())
	}
	return x, nil
}

// datagram takes what the daemon received.
func (x *xray) datagram(g xraytest.Datagram) {
	if bytes.HasPrefix(g.Data, []byte(markerPrefix)) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if c, ok := x.markers[string(g.Data)]; ok {
			close(c)
			delete(x.markers, string(g.Data))
		}
		return
	}
	err := g.Err
	if err == nil {
		err = x.add(g.Document, x.function)
	}
	if err != nil {
		x.reject(fmt.Errorf("the function's datagram of %d bytes: %w", len(g.Data), err))
	}
}

// platformDocument takes a document that Lambda itself writes.
func (x *xray) platformDocument(d *segment.Document) {
	doc, err := json.Marshal(d)
	if err == nil {
		err = x.add(doc, x.platform)
	}
	if err != nil {
		x.reject(fmt.Errorf("the platform's document %s: %w", d.Name, err))
	}
}

// reject remembers what was wrong with the first bad documents.
func (x *xray) reject(err error) {
	const enough = 20
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.bad) < enough {
		x.bad = append(x.bad, err)
	}
}

func (x *xray) add(doc []byte, file *os.File) error {
	if file != nil {
		x.mu.Lock()
		_, err := file.Write(append(doc[:len(doc):len(doc)], '\n'))
		x.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if err := xraytest.CheckDocument(doc); err != nil {
		return err
	}
	return x.store.Put(doc)
}

// drain returns when all that was sent to the daemon before has been read, or
// ctx is done: UDP over loopback keeps its order.
func (x *xray) drain(ctx context.Context) {
	read := make(chan struct{})
	x.mu.Lock()
	x.marked++
	marker := markerPrefix + strconv.Itoa(x.marked)
	x.markers[marker] = read
	x.mu.Unlock()
	if _, err := x.sender.Write([]byte(marker)); err != nil {
		return
	}
	// The kernel may drop a marker as it may drop a document.
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-read:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// badDatagrams returns what was wrong with the documents so far.
func (x *xray) badDatagrams() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return errors.Join(x.bad...)
}

func (x *xray) close() error {
	x.drain(context.Background()) // what the function sent when it ended
	return errors.Join(x.sender.Close(), x.daemon.Close(), x.closeFiles())
}

func (x *xray) closeFiles() error {
	var errs []error
	for _, f := range []*os.File{x.function, x.platform} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// services is the service graph of all traces.
func (x *xray) services() []xraytest.Service { return x.store.ServiceGraph(time.Time{}, time.Time{}) }

// segments are the documents of a trace, compiled.
func (x *xray) segments(traceID string) []*segment.Document { return x.store.Documents(traceID) }
