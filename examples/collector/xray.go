package main

import (
	"context"
	"fmt"
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
	down   atomic.Bool   // answers 503
	called chan struct{} // has an element after a call
	server *http.Server

	mu    sync.Mutex
	docs  []*segment.Document
	bad   []error
	print bool
}

func startXRay() (*xray, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	x := &xray{url: "http://" + l.Addr().String(), called: make(chan struct{}, 1)}
	api := xraytest.NewAPI(xraytest.WithKeep(0), xraytest.WithDocumentFunc(x.take), xraytest.WithFault(x.fault))
	x.server = &http.Server{Handler: api, ReadHeaderTimeout: time.Minute}
	go func() { _ = x.server.Serve(l) }() // ends with stop
	return x, nil
}

func (x *xray) stop() { _ = x.server.Close() }

func (x *xray) fault(int, *http.Request) *xraytest.Fault {
	select {
	case x.called <- struct{}{}:
	default:
	}
	if x.down.Load() {
		return &xraytest.Fault{Status: http.StatusServiceUnavailable}
	}
	return nil
}

func (x *xray) take(text []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := xraytest.CheckDocument(text); err != nil {
		x.bad = append(x.bad, err)
	}
	d, err := segment.Parse(text)
	if err != nil {
		x.bad = append(x.bad, err)
		return
	}
	x.docs = append(x.docs, d)
	if x.print {
		fmt.Printf("%s\n", text)
	}
}

// spans returns the segments and subsegments taken so far by their id, and the
// document that each is in. The error is what X-Ray's rules say against one.
func (x *xray) spans() (map[string]*segment.Document, map[string]*segment.Document, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	spans, documents := map[string]*segment.Document{}, map[string]*segment.Document{}
	var walk func(root, d *segment.Document)
	walk = func(root, d *segment.Document) {
		spans[d.ID], documents[d.ID] = d, root
		for _, s := range d.Subsegments {
			walk(root, s)
		}
	}
	for _, d := range x.docs {
		walk(d, d)
	}
	if len(x.bad) > 0 {
		return nil, nil, x.bad[0]
	}
	return spans, documents, nil
}

// await waits until X-Ray, in one of several places, has n spans.
func await(ctx context.Context, n int, places ...*xray) error {
	for {
		got := 0
		for _, x := range places {
			spans, _, err := x.spans()
			if err != nil {
				return err
			}
			got += len(spans)
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
