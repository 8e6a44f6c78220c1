package xrayapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/lambdaxray/lambdaxray/exporter"
)

// Emitter uploads documents with PutTraceSegments. It is safe for concurrent
// use.
type Emitter struct {
	client      *xray.Client
	retryer     aws.RetryerV2 // the client's
	credentials *source       // the client's
	config      config
	slots       chan struct{} // one token for each call under way
	closed      atomic.Bool
	stats       counters
}

var _ exporter.Emitter = (*Emitter)(nil)

// New returns an Emitter that makes its calls with client.
func New(client *xray.Client, opts ...Option) *Emitter {
	c := newConfig(opts)
	o := client.Options()
	return &Emitter{
		client:      client,
		retryer:     retryerV2(o.Retryer),
		credentials: &source{provider: o.Credentials},
		config:      c,
		slots:       make(chan struct{}, c.concurrency),
	}
}

// Stats counts what an Emitter has done since it was made.
type Stats struct {
	Documents   uint64 // taken by X-Ray
	Unprocessed uint64 // entries of answers' UnprocessedTraceSegments, also for documents taken later
	Lost        uint64 // given back in a PutError
	Calls       uint64 // PutTraceSegments, every attempt
}

type counters struct {
	documents, unprocessed, lost, calls atomic.Uint64
}

// Stats returns the counts so far.
func (e *Emitter) Stats() Stats {
	return Stats{
		Documents:   e.stats.documents.Load(),
		Unprocessed: e.stats.unprocessed.Load(),
		Lost:        e.stats.lost.Load(),
		Calls:       e.stats.calls.Load(),
	}
}

var errShutdown = errors.New("used after Shutdown")

// Emit uploads docs and returns when X-Ray has taken or refused every one, or
// ctx is done. Its error is an [exporter.EmitError] around a [PutError], which
// has the reason for each document that was not taken.
func (e *Emitter) Emit(ctx context.Context, docs [][]byte) error {
	if len(docs) == 0 {
		return nil
	}
	if e.closed.Load() {
		return &exporter.EmitError{Lost: len(docs), Err: errShutdown}
	}
	failures := e.emit(ctx, docs)
	lost := 0
	for i := range failures {
		lost += len(failures[i].Documents)
	}
	e.stats.documents.Add(uint64(len(docs) - lost))
	e.stats.lost.Add(uint64(lost))
	if lost == 0 {
		return nil
	}
	return &exporter.EmitError{Lost: lost, Err: &PutError{Failures: failures}}
}

// Shutdown makes later calls of Emit fail. Those under way go on; the client,
// which it did not make, stays open.
func (e *Emitter) Shutdown(context.Context) error {
	e.closed.Store(true)
	return nil
}

// emit makes the calls for docs, side by side when there are several.
func (e *Emitter) emit(ctx context.Context, docs [][]byte) []Failure {
	end := e.callEnd(docs, 0)
	if end == len(docs) {
		return e.call(ctx, docs, indexes(0, end))
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		failures []Failure
	)
	for start := 0; start < len(docs); {
		pending := indexes(start, end)
		wg.Go(func() {
			if f := e.call(ctx, docs, pending); len(f) > 0 {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, f...)
			}
		})
		start, end = end, e.callEnd(docs, end)
	}
	wg.Wait()
	slices.SortStableFunc(failures, func(a, b Failure) int { return cmp.Compare(a.Documents[0], b.Documents[0]) })
	return failures
}

func indexes(start, end int) []int {
	out := make([]int, 0, end-start)
	for i := start; i < end; i++ {
		out = append(out, i)
	}
	return out
}

// callEnd returns the end of the call that starts with docs[start].
func (e *Emitter) callEnd(docs [][]byte, start int) int {
	size, end := len(bodyOpen)+len(bodyClose), start
	for end < len(docs) && end-start < MaxDocuments {
		size += quotedSize(docs[end]) + len(",")
		if size > e.config.maxBytes && end > start {
			break
		}
		end++
	}
	return end
}

// quotedSize is how many bytes a document is in a call's body. Control
// characters, which no document of the mapper has, are left out.
func quotedSize(doc []byte) int {
	return len(doc) + bytes.Count(doc, []byte{'"'}) + bytes.Count(doc, []byte{'\\'}) + len(`""`)
}
