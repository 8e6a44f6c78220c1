package awsxraylambdaexporter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/ptrace"

	xrayexporter "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// outcome is what became of the spans of a request.
type outcome struct {
	td            ptrace.Traces
	documents     int            // written
	lostDocuments int            // not taken
	dropped       map[string]int // reason -> spans that will never be sent
	returned      map[string]int // reason -> spans to send again
	errs          []error        // the first few

	// traces has the ids of the documents to send again. Which span went into
	// which document only the mapper knows, and it may be decided by the spans
	// around it; a whole trace gives the same documents as before, byte for
	// byte, and X-Ray takes a document that it has already.
	traces map[string]bool
	// pending are the spans that are neither at X-Ray nor dropped. The others of
	// their traces go out again beside them, and are not counted again.
	pending map[spanKey]bool
	census  *census // from the first loss on
}

// spanKey is a span by its trace's and its own id, as X-Ray spells them.
type spanKey struct{ trace, span string }

func newOutcome(td ptrace.Traces) *outcome { return &outcome{td: td} }

// clean reports whether every span is where it belongs.
func (o *outcome) clean() bool { return len(o.dropped)+len(o.returned) == 0 }

func (o *outcome) drop(reason string, spans int) {
	if o.dropped == nil {
		o.dropped = map[string]int{}
	}
	if spans > 0 {
		o.dropped[reason] += spans
	}
}

// unmapped counts the spans that the mapper's error names, by the field at fault.
func (o *outcome) unmapped(err error) {
	if err == nil {
		return
	}
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		reason := "Unmapped"
		var span *mapping.SpanError
		if errors.As(err, &span) {
			reason = span.Field
		}
		o.drop(reason, 1)
	}
	o.note(errs[0])
}

// note keeps an error for the message.
func (o *outcome) note(err error) {
	if len(o.errs) < 3 {
		o.errs = append(o.errs, err)
	}
}

// untried returns spans that were not mapped because ctx was done.
func (o *outcome) untried(ctx context.Context, spans []mapping.Span) {
	reason := xrayapi.CodeCanceled
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = xrayapi.CodeTimeout
	}
	census := o.count()
	seen := map[spanKey]bool{}
	for i := range spans {
		key := keyOf(spans[i].TraceID, spans[i].SpanID)
		if key.trace == "" || key.span == "" || seen[key] { // the former are counted when they are mapped
			continue
		}
		seen[key] = true
		o.giveBack(reason, key, census.spans[key])
	}
	o.note(ctx.Err())
}

// examine reads the error of Emit(docs).
func (o *outcome) examine(docs [][]byte, err error) {
	o.count().settle(docs)
	var put *xrayapi.PutError
	if !errors.As(err, &put) {
		// A daemon that is not there: it does not say which documents were lost.
		lost := len(docs)
		var emit *xrayexporter.EmitError
		if errors.As(err, &emit) {
			lost, err = min(emit.Lost, lost), emit.Err // "lost" it says, and it is not yet
		}
		o.lostDocuments += lost
		for _, d := range docs {
			o.lost(d, "Daemon", true)
		}
		o.note(err)
		return
	}
	for i := range put.Failures {
		f := &put.Failures[i]
		o.lostDocuments += len(f.Documents)
		for _, d := range f.Documents {
			o.lost(docs[d], f.Code, f.Temporary)
		}
	}
	o.note(put)
}

func (o *outcome) lost(doc []byte, reason string, temporary bool) {
	traceID, ids := nodes(doc)
	for _, id := range ids {
		key := spanKey{traceID, id}
		n := o.count().spans[key]
		if temporary {
			o.giveBack(reason, key, n)
		} else {
			o.drop(reason, n)
		}
	}
}

// giveBack notes n spans of an id.
func (o *outcome) giveBack(reason string, key spanKey, n int) {
	if o.returned == nil {
		o.returned, o.traces, o.pending = map[string]int{}, map[string]bool{}, map[spanKey]bool{}
	}
	o.returned[reason] += n
	o.traces[key.trace] = true
	o.pending[o.count().original(key)] = true
}

func (o *outcome) count() *census {
	if o.census == nil {
		o.census = newCensus(o.td)
	}
	return o.census
}

// everything reports whether all of the request goes out again as it is.
func (o *outcome) everything() bool {
	return o.spans(o.returned) == o.td.SpanCount()
}

func (o *outcome) spans(by map[string]int) int {
	n := 0
	for _, spans := range by {
		n += spans
	}
	return n
}

// rest copies the spans of the traces to send again. A span that the mapper
// cannot map is left out: it was counted already.
func (o *outcome) rest() ptrace.Traces {
	out := ptrace.NewTraces()
	o.td.CopyTo(out)
	out.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(s ptrace.Span) bool {
				key := keyOf(s.TraceID(), s.SpanID())
				if !o.pending[key] {
					s.SetFlags(s.Flags() | flagCounted)
				}
				return key.span == "" || !o.traces[key.trace]
			})
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
	return out
}

// waitError says what waits to be sent again. Nothing is lost yet.
func (o *outcome) waitError() error {
	return fmt.Errorf("%d spans are not at X-Ray yet (%s): %w", o.spans(o.returned), reasons(o.returned), o.cause())
}

// lossError says what was lost for good.
func (o *outcome) lossError() error {
	return fmt.Errorf("%d spans lost (%s): %w", o.spans(o.dropped), reasons(o.dropped), o.cause())
}

func (o *outcome) cause() error {
	if len(o.errs) == 1 {
		return o.errs[0]
	}
	return errors.Join(o.errs...)
}

// reasons is a text like "3 InvalidName, 12 Timeout".
func reasons(by map[string]int) string {
	var out []string
	for reason, n := range by {
		out = append(out, fmt.Sprintf("%d %s", n, reason))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
