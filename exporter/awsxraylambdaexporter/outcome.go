package awsxraylambdaexporter

import (
	"errors"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/trace"

	lambdaxray "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// outcome is what an emitter's error means for the spans of a request.
type outcome struct {
	lostDocuments int
	dropped       map[string]int // reason -> spans that will never be sent
	returned      map[string]int // reason -> spans to send again

	// traces has the ids of the documents to send again. Which span went into
	// which document only the mapper knows, and it may be decided by the spans
	// around it; a whole trace gives the same documents as before, byte for
	// byte, and X-Ray takes a document that it has already.
	traces map[string]bool
}

// examine reads the error of Emit(docs).
func examine(docs [][]byte, err error) *outcome {
	o := &outcome{dropped: map[string]int{}, returned: map[string]int{}, traces: map[string]bool{}}
	var put *xrayapi.PutError
	if !errors.As(err, &put) {
		o.unspecified(docs, err)
		return o
	}
	for i := range put.Failures {
		f := &put.Failures[i]
		o.lostDocuments += f.Count
		if len(f.Documents) == 0 { // X-Ray named no document; it has one span or more
			o.dropped[f.Code] += f.Count
		}
		for _, d := range f.Documents {
			o.lost(docs[d], f.Code, f.Temporary)
		}
	}
	return o
}

// unspecified is for an emitter that does not say which documents were lost: a
// daemon that is not there. All of them are sent again.
func (o *outcome) unspecified(docs [][]byte, err error) {
	o.lostDocuments = len(docs)
	var emit *lambdaxray.EmitError
	if errors.As(err, &emit) {
		o.lostDocuments = emit.Lost
	}
	for _, d := range docs {
		o.lost(d, "Daemon", true)
	}
}

func (o *outcome) lost(doc []byte, reason string, temporary bool) {
	traceID, spans := contents(doc)
	if !temporary {
		o.dropped[reason] += spans
		return
	}
	o.returned[reason] += spans
	o.traces[traceID] = true
}

// contents returns the trace id of a document and how many spans it was made of.
func contents(doc []byte) (traceID string, spans int) {
	d, err := segment.Parse(doc)
	if err != nil {
		return "", 1
	}
	spans = count(d)
	// A call without a span of its own service above it has a segment made for
	// it; see mapping.DeriveID.
	if len(d.Subsegments) == 1 {
		var call trace.SpanID
		if call, err = trace.SpanIDFromHex(d.Subsegments[0].ID); err == nil && d.ID == mapping.DeriveID(call, mapping.PartSegment).String() {
			spans--
		}
	}
	return d.TraceID, spans
}

func count(d *segment.Document) int {
	n := 1
	for _, s := range d.Subsegments {
		n += count(s)
	}
	return n
}

// ofTraces copies the spans of the given traces, named as X-Ray does. A span
// without an id is left out: it was dropped already.
func ofTraces(td ptrace.Traces, traces map[string]bool) ptrace.Traces {
	out := ptrace.NewTraces()
	td.CopyTo(out)
	out.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(s ptrace.Span) bool {
				return s.SpanID().IsEmpty() || !traces[segment.TraceID(trace.TraceID(s.TraceID()))]
			})
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
	return out
}
