// Package initialization says what is the same of spans that end before the first
// invocation, in a process's own exporter and in the extension beside it.
package initialization

import (
	"encoding/json"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// MaxAge is how long before its trace initialization may lie to be shown in it.
// Provisioned concurrency and SnapStart have hours between the two, and so have
// unsampled invocations: at their real times the spans would make the trace as long.
const MaxAge = time.Minute

// MaxSpans is how many spans of initialization are kept.
const MaxSpans = 512

// Split returns the spans that ended within [MaxAge] before the function span, and an
// attribute for the function span that describes the others: its metadata has their
// names, offsets and durations. Without others the attribute is not valid. A span that
// has no end has ended when it started.
func Split(function *mapping.Span, spans []mapping.Span) (recent []mapping.Span, old attribute.KeyValue) {
	type described struct {
		Name     string  `json:"name"`
		Offset   float64 `json:"offset"`   // seconds from the start of the function span: negative
		Duration float64 `json:"duration"` // seconds
	}
	var all struct {
		Spans []described `json:"spans"`
	}
	for i := range spans {
		s := &spans[i]
		end := max(s.StartTime, s.EndTime)
		if function.StartTime-end <= int64(MaxAge) {
			recent = append(recent, *s)
			continue
		}
		all.Spans = append(all.Spans, described{
			Name:     strings.ToValidUTF8(s.Name, "\uFFFD"),
			Offset:   time.Duration(s.StartTime - function.StartTime).Seconds(),
			Duration: time.Duration(end - s.StartTime).Seconds(),
		})
	}
	if len(all.Spans) == 0 {
		return recent, old
	}
	text, err := json.Marshal(all)
	if err != nil {
		return recent, old // it cannot fail
	}
	return recent, attribute.String("aws.xray.metadata.initialization", string(text))
}

// Bounds returns the first start and the last end of spans, zero where there are none.
func Bounds(spans []mapping.Span) (start, end int64) {
	for i := range spans {
		if i == 0 {
			start = spans[i].StartTime
		}
		start = min(start, spans[i].StartTime)
		end = max(end, spans[i].EndTime)
	}
	return start, end
}
