package xrayapi

import (
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
	client  *xray.Client
	retryer aws.Retryer // the client's
	config  config
	slots   chan struct{} // one token for each call under way
	closed  atomic.Bool
	stats   counters
}

var _ exporter.Emitter = (*Emitter)(nil)

// New returns an Emitter that makes its calls with client.
func New(client *xray.Client, opts ...Option) *Emitter {
	c := newConfig(opts)
	return &Emitter{
		client:  client,
		retryer: client.Options().Retryer,
		config:  c,
		slots:   make(chan struct{}, c.concurrency),
	}
}

// Stats counts what an Emitter has done since it was made.
type Stats struct {
	Documents   uint64 // taken by X-Ray
	Unprocessed uint64 // named in an answer's UnprocessedTraceSegments, those taken later included
	Lost        uint64 // given back in a PutError
	Calls       uint64 // PutTraceSegments, the SDK's own retries not counted
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
	for _, f := range failures {
		lost += f.Count
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
	if e.callEnd(docs, 0) == len(docs) {
		return e.call(ctx, docs, 0, len(docs))
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		failures []Failure
	)
	for start := 0; start < len(docs); {
		first, end := start, e.callEnd(docs, start)
		start = end
		wg.Go(func() {
			if f := e.call(ctx, docs, first, end); len(f) > 0 {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, f...)
			}
		})
	}
	wg.Wait()
	slices.SortStableFunc(failures, func(a, b Failure) int { return cmp.Compare(a.first(), b.first()) })
	return failures
}

// callEnd returns the end of the call that starts with docs[start].
func (e *Emitter) callEnd(docs [][]byte, start int) int {
	size, end := 0, start
	for end < len(docs) && end-start < MaxDocuments {
		size += len(docs[end])
		if size > e.config.maxBytes && end > start {
			break
		}
		end++
	}
	return end
}
