package extension

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/telemetry"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// invocation is what an INVOKE event says, and what has come of it so far.
type invocation struct {
	requestID string
	arn       string
	header    propagator.Header
	read      time.Time // when the event was read
	deadline  time.Time
	cold      bool

	seen    bool // its function span has arrived
	any     bool // any span has arrived
	written map[trace.SpanID]bool
	missing map[trace.SpanID]bool // parents that spans name and nobody wrote

	// What the Telemetry API says, if it is asked.
	begun    time.Time
	done     *telemetry.Record // platform.runtimeDone
	report   sync.Once
	reported chan struct{} // closed at the first platform.report
}

const (
	maxMissing = 64
	maxWritten = 1024
)

// calls is what is known of the invocations.
type calls struct {
	current *invocation // nil: before the first
	cold    *bool       // nil: not known yet
	first   time.Time   // when the first event was read
	silent  int         // invocations in a row without any span
	initial []initial   // spans of initialization
	spans   int         // of initial
	unkept  int         // above initialization.MaxSpans
	sampled bool        // initial was taken along
	timings timings
}

// maxSilent is after how many invocations without a span a line says why that may be.
const maxSilent = 10

// Invoke takes an INVOKE event.
func (x *Extension) Invoke(e Event) {
	now := time.Now()
	x.daemon()                                           // by SHUTDOWN the runtime, whose environment says where it is, may be gone
	header, _ := propagator.ParseHeader(e.Tracing.Value) // one that is malformed has what is good
	inv := &invocation{
		requestID: e.RequestID,
		arn:       e.FunctionARN,
		header:    header,
		read:      now,
		deadline:  time.UnixMilli(e.DeadlineMs),
		reported:  make(chan struct{}),
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	c := &x.calls
	if c.current == nil {
		c.first = now
		inv.cold = x.cold()
	} else if c.current.header.Sampled == propagator.SamplingYes && !c.current.any {
		if c.silent++; c.silent == maxSilent {
			x.log.Once("silent", "%d sampled invocations in a row sent no span: is the function instrumented, does OTEL_TRACES_SAMPLER drop what is sampled, and does OTEL_EXPORTER_OTLP_ENDPOINT name localhost:4318?", maxSilent)
		}
	}
	c.current = inv
	if x.events != nil {
		c.timings.add(inv)
	}
}

// cold is [Extension.coldStart], asked once: a fast function's span may be here before
// the first event.
func (x *Extension) cold() bool {
	if x.calls.cold == nil {
		cold := x.coldStart()
		x.calls.cold = &cold
	}
	return *x.calls.cold
}

// coldStart reports whether the first invocation of the process is a cold start:
// provisioned environments and those that were reset after a failure are not.
func (x *Extension) coldStart() bool {
	err := os.Remove(x.mark)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	switch x.getenv(envInitializationType) {
	case "on-demand", "snap-start":
		return true
	}
	return false
}

// sampled reports whether the platform traces the invocation.
func (inv *invocation) sampled() bool {
	return inv.header.Sampled == propagator.SamplingYes && inv.header.Root.IsValid() && inv.header.Parent.IsValid()
}

// note records what a span says of the invocation's tree.
func (inv *invocation) note(s *mapping.Span) {
	if s.TraceID != inv.header.Root {
		return
	}
	inv.any = true
	if inv.written == nil {
		inv.written, inv.missing = make(map[trace.SpanID]bool), make(map[trace.SpanID]bool)
	}
	delete(inv.missing, s.SpanID)
	if len(inv.written) < maxWritten {
		inv.written[s.SpanID] = true
	}
	if p := s.ParentSpanID; p.IsValid() && p != inv.header.Parent && !inv.written[p] && len(inv.missing) < maxMissing {
		inv.missing[p] = true
	}
}
