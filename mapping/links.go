package mapping

import "github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"

// maxLinks is how many linked traces X-Ray keeps a segment.
const maxLinks = 20

// appendLinks writes a segment's links. On subsegments X-Ray does not show
// them: there, and above the limit, links go to metadata.
func (e *encoder) appendLinks(dst []byte) []byte {
	n := min(len(e.span.Links), maxLinks)
	open := false
	for i := range e.span.Links[:n] {
		l := &e.span.Links[i]
		if !l.TraceID.IsValid() || !l.SpanID.IsValid() {
			continue // metadata has it
		}
		if !open {
			dst = append(jsonenc.AppendKey(dst, "links"), '[')
			open = true
		}
		dst = e.appendLink(jsonenc.AppendComma(dst), l)
	}
	if open {
		dst = append(dst, ']')
	}
	return dst
}

// linkInMetadata reports whether metadata has link i.
func (e *encoder) linkInMetadata(i int) bool {
	l := &e.span.Links[i]
	return !e.segment() || i >= maxLinks || !l.TraceID.IsValid() || !l.SpanID.IsValid()
}

func (e *encoder) appendLink(dst []byte, l *Link) []byte {
	dst = append(dst, `{"trace_id":`...)
	dst = appendTraceID(dst, l.TraceID)
	dst = append(dst, `,"id":`...)
	dst = appendSpanID(dst, l.SpanID)
	dst = e.appendAttributes(dst, l.Attributes, l.Dropped, false)
	return append(dst, '}')
}
