package mapping

import (
	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// linked reports whether the span's links are a segment's: its own, or that of the
// segment that is made around it. On subsegments X-Ray does not show them: there, and
// above the limit, links go to metadata.
func (e *encoder) linked() bool { return e.segment() || e.linksAbove }

// isLinked reports whether link i is in the segment's links.
func (e *encoder) isLinked(i int) bool {
	l := &e.span.Links[i]
	return e.linked() && i < segment.MaxLinks && l.TraceID.IsValid() && l.SpanID.IsValid()
}

// appendLinks writes a segment's links.
func (e *encoder) appendLinks(dst []byte) []byte {
	dst, links := jsonenc.OpenList(dst, "links")
	for i := range e.span.Links {
		if e.isLinked(i) {
			dst = e.appendLink(jsonenc.AppendComma(dst), &e.span.Links[i])
		}
	}
	return links.Close(dst)
}

// appendMetadataLinks writes the links that the segment's links do not hold.
func (e *encoder) appendMetadataLinks(dst []byte) []byte {
	dst, links := jsonenc.OpenList(dst, e.factKey("otel.links"))
	for i := range e.span.Links {
		if e.isLinked(i) {
			continue
		}
		mark := len(dst)
		dst = e.appendLink(jsonenc.AppendComma(dst), &e.span.Links[i])
		dst = e.trim.keep(dst, mark, member{memberLink, i})
	}
	return links.Close(dst)
}

func (e *encoder) appendLink(dst []byte, l *Link) []byte {
	dst = append(dst, `{"trace_id":`...)
	dst = appendTraceID(dst, l.TraceID)
	dst = append(dst, `,"id":`...)
	dst = appendSpanID(dst, l.SpanID)
	dst, attributes := jsonenc.OpenObject(dst, "attributes")
	dst = e.appendAttributes(dst, l.Attributes, heldNone)
	if l.TraceState != "" {
		dst = jsonenc.AppendStringMember(dst, "otel.trace_state", l.TraceState)
	}
	dst = appendCount(dst, "otel.dropped_attributes_count", l.Dropped) // a link has no other place
	return append(attributes.Close(dst), '}')
}
