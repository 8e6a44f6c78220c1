package mapping

import (
	"bytes"
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

// sameSpan reports whether two spans would give the same document. Their resources
// may have been read twice, from two requests.
func sameSpan(s, t *Span) bool {
	return s.StartTime == t.StartTime && s.EndTime == t.EndTime && s.Name == t.Name &&
		s.TraceID == t.TraceID && s.SpanID == t.SpanID && s.ParentSpanID == t.ParentSpanID && s.TraceState == t.TraceState &&
		s.Parent == t.Parent && s.Kind == t.Kind && s.Status == t.Status && s.StatusMessage == t.StatusMessage &&
		s.DroppedAttributes == t.DroppedAttributes && s.DroppedEvents == t.DroppedEvents && s.DroppedLinks == t.DroppedLinks &&
		s.ScopeName == t.ScopeName && s.ScopeVersion == t.ScopeVersion &&
		s.FunctionSegment == t.FunctionSegment && s.Initialization == t.Initialization &&
		bytes.Equal(resourceOf(s).all, resourceOf(t).all) && bytes.Equal(resourceOf(s).function, resourceOf(t).function) &&
		sameAttributes(s.Attributes, t.Attributes) &&
		slices.EqualFunc(s.Events, t.Events, sameEvent) && slices.EqualFunc(s.Links, t.Links, sameLink)
}

func sameEvent(e, f Event) bool {
	return e.Name == f.Name && e.Time == f.Time && e.Dropped == f.Dropped && sameAttributes(e.Attributes, f.Attributes)
}

func sameLink(l, m Link) bool {
	return l.TraceID == m.TraceID && l.SpanID == m.SpanID && l.TraceState == m.TraceState && l.Dropped == m.Dropped && sameAttributes(l.Attributes, m.Attributes)
}

func sameAttributes(a, b []attribute.KeyValue) bool {
	return slices.Equal(a, b)
}
