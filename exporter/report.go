package exporter

import (
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter/internal/initialization"
)

// reports is what a [Processor] tells OpenTelemetry's error handler. That is
// foreign code, so nothing is told with the Processor's lock held: what is found
// out there is returned as a function.
type reports struct {
	failing atomic.Bool  // the emitter failed last time, and that has been reported
	unkept  atomic.Int64 // spans of initialization that were lost and not reported yet

	// The Processor's lock guards these.
	lost      map[string]bool // names of spans that lost their context
	unbounded bool            // too many roots are open, which has been reported
}

// maxLostNames bounds the names: a name made for each request is as good as none.
const maxLostNames = 64

// lostContext reports a span that started without a parent while invocations ran,
// once by its name.
func (r *reports) lostContext(s sdktrace.ReadOnlySpan, beneath bool) func() {
	name := s.Name()
	if r.lost[name] || len(r.lost) == maxLostNames {
		return func() {}
	}
	if r.lost == nil {
		r.lost = make(map[string]bool)
	}
	r.lost[name] = true
	became := "so it is beneath the invocation"
	if !beneath {
		became = "and several ran, so it is a segment of its own"
	}
	return func() {
		otel.Handle(fmt.Errorf("exporter: span %q lost its context: it has no parent and started while an invocation ran, %s; start it with the context that the handler was given", name, became))
	}
}

// abandoned reports that too many roots are open, once.
func (r *reports) abandoned(oldest sdktrace.ReadOnlySpan) func() {
	if r.unbounded {
		return func() {}
	}
	r.unbounded = true
	name := oldest.Name()
	return func() {
		otel.Handle(fmt.Errorf("exporter: more than %d spans without a local parent are open; the oldest, %q, is no longer followed: does it ever end?", maxTrees, name))
	}
}

// export reports what went wrong in an export.
func (r *reports) export(mapErr, emitErr error) {
	if n := r.unkept.Swap(0); n > 0 {
		otel.Handle(fmt.Errorf("exporter: spans of initialization lost: %d above the %d that are kept; make fewer before the first invocation", n, initialization.MaxSpans))
	}
	if mapErr != nil {
		otel.Handle(mapErr)
	}
	if emitErr == nil {
		r.failing.Store(false)
	} else if !r.failing.Swap(true) {
		otel.Handle(fmt.Errorf("%w (reported once until it works again; Exporter.Stats counts on, and Shutdown says the total)", emitErr))
	}
}

// total reports what was lost in the Processor's life.
func (r *reports) total(s Stats) {
	if s.LostDocuments > 0 || s.LostSpans > 0 {
		otel.Handle(fmt.Errorf("exporter: lost in all: %d of %d documents, and %d spans before they were documents",
			s.LostDocuments, s.LostDocuments+s.Documents, s.LostSpans))
	}
}

// handlePanic keeps a panic of ours out of the function. Locks are released by
// then: each is held by a function of its own that defers the unlock.
func handlePanic() {
	if r := recover(); r != nil {
		otel.Handle(panicError(r))
	}
}
