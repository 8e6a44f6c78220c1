package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// localXRay is the daemon that the function writes to, the store of what came in,
// and the files of -out.
type localXRay struct {
	daemon   *xraytest.Daemon
	store    *xray.Store
	otlp     *xray.OTLP
	sampling *xraytest.SamplingRules

	mu       sync.Mutex
	function *os.File // nil without -out
	platform *os.File
	bad      []error
	dropped  int                // parts of documents that X-Ray would drop
	drop     *segment.Violation // the first of them
}

// maxQueue is how many bytes of datagrams wait at most.
const maxQueue = 64 << 20

// startXRay listens on the daemon's own port if it is free and the program stays,
// else on a free one. read is told how many documents of -data have been read.
func startXRay(o options, read func(documents int)) (_ *localXRay, err error) {
	x := &localXRay{store: xray.NewStore(), sampling: xraytest.NewSamplingRules(sampleAll)}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.closeFiles())
		}
	}()
	if o.data != "" {
		if x.store, err = xray.OpenStore(o.data, read); err != nil {
			x.store = xray.NewStore()
			return nil, fmt.Errorf("-data %w", err)
		}
	}
	x.otlp = xray.NewOTLP(x.store)
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
		if x.function, err = os.Create(filepath.Join(o.out, "function.jsonl")); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
		if x.platform, err = os.Create(filepath.Join(o.out, "platform.jsonl")); err != nil {
			return nil, fmt.Errorf("-out: %w", err)
		}
	}
	daemon := []xraytest.DaemonOption{
		xraytest.WithKeep(0), xraytest.WithQueue(maxQueue), xraytest.WithSamplingRules(x.sampling), xraytest.WithDatagramFunc(x.datagram),
	}
	err = errors.New("not tried")
	if !o.once {
		x.daemon, err = xraytest.StartDaemon("127.0.0.1:2000", daemon...)
	}
	if err != nil {
		x.daemon, err = xraytest.StartDaemon("127.0.0.1:0", daemon...)
	}
	if err != nil {
		return nil, err
	}
	return x, nil
}

// sampleAll is the one sampling rule here. X-Ray's own has one request a second and
// 5 % of the rest.
var sampleAll = xraytest.SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 1, ReservoirSize: 1}

// datagram takes what the daemon received.
func (x *localXRay) datagram(g xraytest.Datagram) {
	if g.Err != nil {
		if err := x.otlp.Datagram(g.Data); !errors.Is(err, xray.ErrNotOTLP) {
			if err != nil {
				x.reject(err)
			}
			return
		}
	}
	err := g.Err
	if err == nil {
		err = x.add(xray.Arrival{Document: g.Document, Source: "udp", Time: g.Time}, x.function)
	} else {
		x.store.Reject(xray.Arrival{Document: g.Data, Source: "udp", Time: g.Time}, err)
	}
	if err != nil {
		x.reject(fmt.Errorf("the function's datagram of %d bytes: %w", len(g.Data), err))
	}
}

// PlatformDocument takes a document that Lambda itself writes.
func (x *localXRay) PlatformDocument(d *segment.Document) {
	doc, err := json.Marshal(d)
	if err == nil {
		err = x.add(xray.Arrival{Document: doc, Source: "platform"}, x.platform)
	}
	if err != nil {
		x.reject(fmt.Errorf("the platform's document %s: %w", d.Name, err))
	}
}

// reject remembers what was wrong with the first bad documents.
func (x *localXRay) reject(err error) {
	const enough = 20
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.bad) < enough {
		x.bad = append(x.bad, err)
	}
}

// add keeps a document. The error is a rule for which X-Ray would refuse it; the
// parts that X-Ray would drop are noted.
func (x *localXRay) add(a xray.Arrival, file *os.File) error {
	if file != nil {
		x.mu.Lock()
		_, err := file.Write(append(a.Document[:len(a.Document):len(a.Document)], '\n'))
		x.mu.Unlock()
		if err != nil {
			return err
		}
	}
	violations, err := x.store.Add(a)
	if err != nil {
		return err
	}
	for _, v := range violations {
		if v.ErrorCode != "" {
			return v
		}
		x.mu.Lock()
		x.dropped++
		if x.drop == nil {
			x.drop = v
		}
		x.mu.Unlock()
	}
	return nil
}

// notes says what X-Ray would have dropped; empty if nothing.
func (x *localXRay) notes() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.drop == nil {
		return ""
	}
	return fmt.Sprintf("X-Ray would drop %d parts of the documents, the first of them %s", x.dropped, x.drop)
}

// Drain returns when all that was sent to the daemon before has been read, or
// ctx is done.
func (x *localXRay) Drain(ctx context.Context) { _, _ = x.daemon.Drain(ctx) }

// badDatagrams returns what was wrong with the documents so far.
func (x *localXRay) badDatagrams() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return errors.Join(x.bad...)
}

func (x *localXRay) close() error {
	x.Drain(context.Background()) // what the function sent when it ended
	return errors.Join(x.daemon.Close(), x.closeFiles())
}

func (x *localXRay) closeFiles() error {
	errs := []error{x.store.Close()}
	for _, f := range []*os.File{x.function, x.platform} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// services is the service graph of all traces.
func (x *localXRay) services() []xray.Service { return x.store.ServiceGraph(time.Time{}, time.Time{}) }

// segments are the documents of a trace, compiled.
func (x *localXRay) segments(traceID string) []*segment.Document { return x.store.Documents(traceID) }
