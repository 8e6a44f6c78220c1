package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// xray is a fake X-Ray on loopback that keeps the documents it takes.
type xray struct {
	url    string
	down   atomic.Bool            // answers 503
	answer func() *xraytest.Fault // if set, asked before each call
	called chan struct{}          // has an element after a call
	server *http.Server

	mu        sync.Mutex
	taken     int                          // documents
	spans     map[string]*segment.Document // by id
	documents map[string]*segment.Document // by the id of a span in it
	traces    map[string]bool
	bad       error // the first rule that a document breaks
	print     bool
}

func startXRay() (*xray, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	x := &xray{
		url: "http://" + l.Addr().String(), called: make(chan struct{}, 1),
		spans: map[string]*segment.Document{}, documents: map[string]*segment.Document{}, traces: map[string]bool{},
	}
	api := xraytest.NewAPI(xraytest.WithKeep(0), xraytest.WithDocumentFunc(x.take), xraytest.WithFault(x.fault))
	x.server = &http.Server{Handler: api, ReadHeaderTimeout: time.Minute}
	go func() { _ = x.server.Serve(l) }() // ends with stop
	return x, nil
}

func (x *xray) stop() error { return x.server.Close() }

func (x *xray) fault(int, *http.Request) *xraytest.Fault {
	select {
	case x.called <- struct{}{}:
	default:
	}
	if x.down.Load() {
		return &xraytest.Fault{Status: http.StatusServiceUnavailable}
	}
	if x.answer != nil {
		return x.answer()
	}
	return nil
}

func (x *xray) take(text []byte) {
	err := xraytest.CheckDocument(text)
	d, parseErr := segment.Parse(text)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.taken++
	if x.bad == nil && err != nil {
		x.bad = err
	}
	if parseErr != nil {
		x.bad = parseErr
		return
	}
	x.traces[d.TraceID] = true
	x.keep(d, d)
	if x.print {
		fmt.Printf("%s\n", text)
	}
}

func (x *xray) keep(root, d *segment.Document) {
	x.spans[d.ID], x.documents[d.ID] = d, root
	for _, s := range d.Subsegments {
		x.keep(root, s)
	}
}

// have returns the segments and subsegments taken so far by their id, and the
// document that each is in. The error is what X-Ray's rules say against one.
func (x *xray) have() (spans, documents map[string]*segment.Document, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return maps.Clone(x.spans), maps.Clone(x.documents), x.bad
}

// counts returns the traces and how many documents were taken.
func (x *xray) counts() (traces map[string]bool, documents int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return maps.Clone(x.traces), x.taken
}

// await waits until X-Ray, in one of several places, has n spans.
func await(ctx context.Context, n int, places ...*xray) error {
	for {
		got := 0
		for _, x := range places {
			x.mu.Lock()
			bad := x.bad
			got += len(x.spans)
			x.mu.Unlock()
			if bad != nil {
				return bad
			}
		}
		if got >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("X-Ray has %d spans of %d: %w", got, n, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
