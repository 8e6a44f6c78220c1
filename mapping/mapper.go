package mapping

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Limits of one document, in bytes.
const (
	// DefaultBudget keeps a document well under X-Ray's 64 KB.
	DefaultBudget = 48 << 10
	// MaxBudget is what one datagram carries beside the daemon's header line.
	MaxBudget = segment.MaxDatagram - len(segment.DatagramHeader)
	// MinBudget always holds one span's required fields.
	MinBudget = 4 << 10
)

// Mapper turns batches of spans into segment documents. It is safe for
// concurrent use.
type Mapper struct {
	config config
	pool   sync.Pool // *batch
	stats  counters
}

// Stats counts what a Mapper has done since it was made.
type Stats struct {
	Spans     uint64 // spans read
	Documents uint64 // documents written
	Split     uint64 // documents that exist only because a tree was over budget
	Trimmed   uint64 // spans that lost frames, metadata or text to fit the budget
	Rejected  uint64 // spans that could not be mapped; AppendDocuments returned an error for each
}

type counters struct {
	spans, documents, split, trimmed, rejected atomic.Uint64
}

// New returns a Mapper.
func New(opts ...Option) *Mapper {
	m := &Mapper{config: newConfig(opts)}
	m.pool.New = func() any { return &batch{encoder: encoder{config: &m.config}} }
	return m
}

// Stats returns the counts so far. They are read one by one: a call that runs
// beside AppendDocuments may see a batch half counted.
func (m *Mapper) Stats() Stats {
	return Stats{
		Spans:     m.stats.spans.Load(),
		Documents: m.stats.documents.Load(),
		Split:     m.stats.split.Load(),
		Trimmed:   m.stats.trimmed.Load(),
		Rejected:  m.stats.rejected.Load(),
	}
}

// SpanError says why a span could not be mapped.
type SpanError struct {
	Name  string // the span's name
	Index int    // its place in the batch
	Field string // the field at fault
	Fix   string // what the field has to be
}

// Error names the span, the field and the fix.
func (e *SpanError) Error() string {
	return fmt.Sprintf("span %d (%q): %s: %s", e.Index, cut(e.Name, maxName), e.Field, e.Fix)
}

// AppendDocuments maps spans to documents and appends them to docs. Each
// document is compact JSON of at most the budget's bytes; a document's order
// and bytes depend on the spans alone, not on their order in the batch.
//
// The byte slices in the spare capacity of docs are overwritten and reused:
// pass docs[:0] of an earlier call to map without allocating, nil to own the
// result.
//
// The error joins one [SpanError] for every span that could not be mapped; the
// documents of all others are appended all the same.
func (m *Mapper) AppendDocuments(docs [][]byte, spans []Span) ([][]byte, error) {
	if len(spans) == 0 {
		return docs, nil
	}
	b := m.pool.Get().(*batch)
	b.spans = spans
	before := len(docs)
	b.place()
	for rest := b.preorder; len(rest) > 0; {
		tree := b.tree(rest)
		rest = rest[len(tree):]
		b.encode(tree)
		b.cut(tree)
		docs = b.appendDocuments(docs, tree)
	}

	m.stats.spans.Add(uint64(len(spans)))
	m.stats.documents.Add(uint64(len(docs) - before))
	m.stats.split.Add(uint64(b.split))
	m.stats.trimmed.Add(uint64(b.trimmed))
	m.stats.rejected.Add(uint64(len(b.errs)))
	var err error
	if len(b.errs) > 0 {
		err = errors.Join(b.errs...)
	}
	if b.release() {
		m.pool.Put(b)
	}
	return docs, err
}

// Scratch above these sizes is left to the garbage collector, so that one huge
// batch does not pin its memory for good.
const (
	maxPooledBytes      = 4 << 20
	maxPooledSpans      = 16 << 10
	maxPooledAttributes = 16 << 10 // of one span, or of one event
)

// batch is the scratch of one AppendDocuments call.
type batch struct {
	encoder  encoder
	spans    []Span
	nodes    []node
	order    []int32 // nodes by start time, then id
	preorder []int32 // nodes in document order: parents before children
	table    []int32 // span id -> node, open addressing
	body     []byte  // the encoded spans of a tree, one after the other
	children []int32 // scratch of cut
	errs     []error
	split    int
	trimmed  int
}

// release drops the references into the caller's spans and reports whether the
// scratch is small enough to keep.
func (b *batch) release() bool {
	b.spans = nil
	b.errs = nil
	b.split, b.trimmed = 0, 0
	b.encoder.release()
	return cap(b.body) <= maxPooledBytes && cap(b.nodes) <= maxPooledSpans && b.encoder.scratch() <= maxPooledAttributes
}
