package extension

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/internal/initialization"
	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/telemetry"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// timings is what the Telemetry API has said that no invocation has taken yet.
type timings struct {
	recent []*invocation // events may be of one before the current
	start  time.Time     // of the last initialization or restore
	phases []phase       // of it, for the invocation that comes next

	reported []*invocation // their reports are being written
}

// phase is a part of initialization or restore, which events tell of no invocation.
type phase struct {
	event      telemetry.Event
	start, end time.Time
}

const (
	maxRecent = 16
	maxPhases = 8
	maxParts  = 16 // spans of an event: there are three at most today
	maxText   = 250
)

func (t *timings) add(inv *invocation) {
	if len(t.recent) == maxRecent {
		t.recent = append(t.recent[:0], t.recent[1:]...)
	}
	if n := len(t.recent); n > 0 {
		t.recent[n-1].written, t.recent[n-1].missing = nil, nil // spans belong to the current one
	}
	t.recent = append(t.recent, inv)
}

func (t *timings) find(requestID string) *invocation {
	for _, inv := range t.recent {
		if inv.requestID == requestID {
			return inv
		}
	}
	return nil
}

// time appends the documents of an event.
func (c *calls) time(docs [][]byte, e *telemetry.Event) [][]byte {
	t := &c.timings
	switch e.Type {
	case telemetry.InitStart, telemetry.RestoreStart:
		t.start, t.phases = e.Time, nil
	case telemetry.InitRuntimeDone, telemetry.InitReport, telemetry.RestoreRuntimeDone, telemetry.RestoreReport:
		if start, end, ok := bounded(e, t.start); ok && len(t.phases) < maxPhases {
			t.phases = append(t.phases, phase{*e, start, end})
		}
	case telemetry.Start:
		if inv := t.find(e.Record.RequestID); inv != nil {
			inv.begun = e.Time
		}
	default:
		return c.timeInvocation(docs, e)
	}
	return docs
}

// timeInvocation appends the documents of platform.runtimeDone or platform.report, and
// of the initialization before.
func (c *calls) timeInvocation(docs [][]byte, e *telemetry.Event) [][]byte {
	t := &c.timings
	inv := t.find(e.Record.RequestID)
	header, begun := headerOf(e), time.Time{}
	if inv != nil {
		header, begun = inv.header, inv.begun // what the function got
		if begun.IsZero() {
			begun = inv.read
		}
		if e.Type == telemetry.RuntimeDone {
			inv.done = &e.Record
		} else {
			t.reported = append(t.reported, inv)
		}
	}
	phases := t.phases
	t.phases = nil
	start, end, ok := bounded(e, begun)
	if ok && inv != nil {
		inv.begun = start // to the microsecond, where platform.start has milliseconds
	}
	if !ok || header.Sampled != propagator.SamplingYes || !header.Root.IsValid() || !header.Parent.IsValid() {
		return docs
	}
	for i := range phases {
		if p := &phases[i]; start.Sub(p.end) <= initialization.MaxAge {
			docs = appendTiming(docs, header, e.Record.RequestID, &p.event, p.start, p.end)
		}
	}
	return appendTiming(docs, header, e.Record.RequestID, e, start, end)
}

// headerOf returns the header that the function got, as far as an event says it:
// Managed Instances tell extensions of no invocation.
func headerOf(e *telemetry.Event) propagator.Header {
	header, _ := propagator.ParseHeader(e.Record.Tracing.Value)
	if id, err := trace.SpanIDFromHex(e.Record.Tracing.SpanID); err == nil {
		header.Parent = id
	}
	return header
}

// bounded returns when what an event tells of began and ended. begun is when it began
// if that is known; else a span of it may say, or else its duration.
func bounded(e *telemetry.Event, begun time.Time) (start, end time.Time, ok bool) {
	d, hasDuration := e.Record.Metrics.Duration()
	start, end = begun, e.Time
	for i := range e.Record.Spans {
		s := &e.Record.Spans[i]
		if from, _, ok := s.Times(); ok && s.Name == "responseLatency" && (start.IsZero() || e.Type == telemetry.RuntimeDone) {
			start = from
		}
	}
	if start.IsZero() && hasDuration && !e.Time.IsZero() {
		start = e.Time.Add(-d)
	}
	if hasDuration && !start.IsZero() {
		end = start.Add(d)
	}
	return start, end, !start.IsZero() && !end.Before(start)
}

// appendTiming appends one independent subsegment, with the spans of the event beneath
// it: no namespace, so no node. Ids are derived, so that an event that is sent twice is
// shown once.
func appendTiming(docs [][]byte, header propagator.Header, requestID string, e *telemetry.Event, start, end time.Time) [][]byte {
	id := mapping.DeriveID(header.Parent, requestID+" "+e.Type)
	said := map[string]any{"type": e.Type}
	for key, text := range map[string]string{
		"status": e.Record.Status, "errorType": e.Record.ErrorType,
		"phase": e.Record.Phase, "initializationType": e.Record.InitializationType,
	} {
		if text != "" {
			said[key] = shorten(text)
		}
	}
	if e.Record.Metrics != (telemetry.Metrics{}) {
		said["metrics"] = e.Record.Metrics
	}
	doc := segment.Document{
		Type:      "subsegment",
		TraceID:   segment.TraceID(header.Root),
		ParentID:  header.Parent.String(),
		ID:        id.String(),
		Name:      strings.TrimPrefix(e.Type, "platform."),
		StartTime: segment.Seconds(start),
		EndTime:   segment.Seconds(end),
		Metadata:  map[string]map[string]any{"default": {"telemetry": said}},
	}
	if requestID != "" {
		doc.AWS = map[string]any{"request_id": shorten(requestID)}
	}
	for i := range e.Record.Spans {
		s := &e.Record.Spans[i]
		from, to, ok := s.Times()
		if !ok || !legalName(s.Name) || len(doc.Subsegments) == maxParts {
			continue
		}
		doc.Subsegments = append(doc.Subsegments, &segment.Document{
			ID: mapping.DeriveID(id, strconv.Itoa(i)+" "+s.Name).String(), Name: s.Name,
			StartTime: segment.Seconds(from), EndTime: segment.Seconds(to),
		})
	}
	text, err := json.Marshal(&doc)
	if err != nil {
		return docs // it cannot fail
	}
	return append(docs, text)
}

// legalName reports whether a span may have this name as it is: Lambda's are words.
func legalName(name string) bool {
	if name == "" || len(name) > 200 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return true
}

// shorten cuts text that is not ours to a length that is.
func shorten(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}
