package mapping

import (
	"go.opentelemetry.io/otel/attribute"
)

// Resource is a span's resource, prepared once and shared by its spans.
type Resource struct {
	attrs []attribute.KeyValue
}

// NewResource prepares the attributes of a resource. The result is immutable
// and safe for concurrent use; build it once and point every span at it. It
// keeps attrs.
func NewResource(attrs []attribute.KeyValue) *Resource { return &Resource{attrs: attrs} }

// Mapper turns batches of spans into segment documents. It is safe for
// concurrent use.
type Mapper struct{}

// Option configures a [Mapper].
type Option interface{ apply(config) config }

type config struct{}

// New returns a Mapper.
func New(opts ...Option) *Mapper { return &Mapper{} }

// AppendDocuments maps spans to documents and appends them to docs. (WORK IN PROGRESS: the real doc follows.)
// The byte slices in the spare capacity of docs are overwritten and reused: pass docs[:0] of an
// earlier call to map without allocating, or nil to own the result.
// An error names every span that could not be mapped; the documents of all others are appended.
func (m *Mapper) AppendDocuments(docs [][]byte, spans []Span) ([][]byte, error) { return docs, nil }
