package exporter

import (
	"context"
	"fmt"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
)

// Emitter carries segment documents out of the process. Implementations are
// safe for concurrent use.
type Emitter interface {
	// Emit sends every document it can, within ctx, which has a span that is not
	// sampled: a client that is instrumented makes none beneath it. It keeps neither
	// docs nor the bytes in it after returning: both are reused. What it could not
	// send it says in its error, an [EmitError] if it knows how many documents that
	// are; with any other error all of docs count as lost.
	Emit(ctx context.Context, docs [][]byte) error

	// Shutdown releases what the Emitter holds. Emit fails afterwards. A second
	// call does nothing and returns nil. An [EmitError] says that documents were
	// lost that an Emit took for sent.
	Shutdown(ctx context.Context) error
}

// EmitError is what an [Emitter] returns when documents were lost.
type EmitError struct {
	Lost int   // documents lost; those of an earlier Emit whose loss only shows now count as well
	Err  error // why; with several reasons, joined
}

// Error names the number of documents and the reasons.
func (e *EmitError) Error() string {
	if e.Lost == 1 {
		return fmt.Sprintf("1 document lost: %v", e.Err)
	}
	return fmt.Sprintf("%d documents lost: %v", e.Lost, e.Err)
}

// Unwrap returns the reasons.
func (e *EmitError) Unwrap() error { return e.Err }

var errShutdown = udp.ErrShutdown
