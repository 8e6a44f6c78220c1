package mapping

import (
	"encoding/binary"
	"encoding/hex"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Parts of a span that have an id of their own, for [DeriveID]. They are a
// contract: who reads documents back finds the parts by their ids.
const (
	PartSegment        = "segment"        // the segment around a call that has no span of its own service above it
	PartInitialization = "Initialization" // the code outside the handler, of a function span
	PartInferred       = "inferred"       // the node of a call that no segment answers, as X-Ray infers it
	PartDuplicate      = "duplicate "     // and its number: another span of the same id

	partException = "exception " // and its number: an entry of the cause
)

// DeriveID returns the id of a synthetic part of the span id. The same span and
// part give the same id, so a retried export is byte-identical. It is never zero.
func DeriveID(id trace.SpanID, part string) trace.SpanID {
	h := binary.BigEndian.Uint64(id[:]) ^ 0x9e3779b97f4a7c15
	for i := range len(part) {
		h = (h ^ uint64(part[i])) * 0x100000001b3
	}
	// The finalizer spreads the last characters over all bits.
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	if h == 0 {
		h = 1
	}
	var out trace.SpanID
	binary.BigEndian.PutUint64(out[:], h)
	return out
}

func appendSpanID(dst []byte, id trace.SpanID) []byte {
	dst = hex.AppendEncode(append(dst, '"'), id[:])
	return append(dst, '"')
}

func appendTraceID(dst []byte, id trace.TraceID) []byte {
	dst = segment.AppendTraceID(append(dst, '"'), id)
	return append(dst, '"')
}
