package telemetry

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Types of events that are read.
const (
	InitStart          = "platform.initStart"
	InitRuntimeDone    = "platform.initRuntimeDone"
	InitReport         = "platform.initReport"
	RestoreStart       = "platform.restoreStart"
	RestoreRuntimeDone = "platform.restoreRuntimeDone"
	RestoreReport      = "platform.restoreReport"
	Start              = "platform.start"
	RuntimeDone        = "platform.runtimeDone"
	Report             = "platform.report"
)

// Event is one event. Whatever is missing or of another type than it should be is
// zero.
type Event struct {
	Type   string
	Time   time.Time // when Lambda wrote it, a little after what it tells
	Record Record
}

// Record is what the events say, taken together.
type Record struct {
	RequestID          string  `json:"requestId"`
	Status             string  `json:"status"` // success, error, failure, timeout
	ErrorType          string  `json:"errorType"`
	InitializationType string  `json:"initializationType"`
	Phase              string  `json:"phase"` // init, invoke, snap-start
	Metrics            Metrics `json:"metrics"`
	Spans              []Span  `json:"spans"`
	Tracing            Tracing `json:"tracing"`
}

// Metrics are numbers of an event; nil are those that it has not.
type Metrics struct {
	DurationMs              *float64 `json:"durationMs,omitempty"`
	ProducedBytes           *float64 `json:"producedBytes,omitempty"`
	BilledDurationMs        *float64 `json:"billedDurationMs,omitempty"`
	InitDurationMs          *float64 `json:"initDurationMs,omitempty"`
	RestoreDurationMs       *float64 `json:"restoreDurationMs,omitempty"`
	BilledRestoreDurationMs *float64 `json:"billedRestoreDurationMs,omitempty"`
	MemorySizeMB            *float64 `json:"memorySizeMB,omitempty"`
	MaxMemoryUsedMB         *float64 `json:"maxMemoryUsedMB,omitempty"`
}

// Duration returns how long what the event tells of took, and whether it says so.
func (m *Metrics) Duration() (time.Duration, bool) {
	if m.DurationMs == nil {
		return 0, false
	}
	return duration(*m.DurationMs)
}

// Span is a part of an invocation: responseLatency, responseDuration,
// runtimeOverhead, extensionOverhead, or one that is not known yet.
type Span struct {
	Name       string   `json:"name"`
	Start      string   `json:"start"`
	DurationMs *float64 `json:"durationMs"`
}

// Times returns start and end, and whether both are good.
func (s *Span) Times() (start, end time.Time, ok bool) {
	start, ok = parseTime(s.Start)
	if !ok || s.DurationMs == nil {
		return start, end, false
	}
	d, ok := duration(*s.DurationMs)
	return start, start.Add(d), ok
}

// Tracing is where the invocation stands. With active tracing SpanID is the segment
// that Lambda writes for the function, the Parent of the header that the function
// gets; Value is the header that Lambda itself got. It is there if the invocation is
// sampled.
type Tracing struct {
	SpanID string `json:"spanId"`
	Value  string `json:"value"`
}

// maxDuration is far above what an invocation takes, and far below what overflows.
const maxDuration = 24 * time.Hour

func duration(ms float64) (time.Duration, bool) {
	if !(ms >= 0 && ms <= float64(maxDuration/time.Millisecond)) {
		return 0, false
	}
	return time.Duration(math.Round(ms * float64(time.Millisecond))), true
}

// parseTime reads a time, also one with a colon before the fraction, as the
// documentation has it, and with a zone that has no colon. One before 2001 or after
// 2200 is none: a trace would be as long.
func parseTime(s string) (time.Time, bool) {
	if n := len("2006-01-02T15:04:05"); len(s) > n && s[n] == ':' {
		s = s[:n] + "." + s[n+1:]
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, t.Unix() > 1e9 && t.Year() < 2200
		}
	}
	return time.Time{}, false
}

// Decode returns the events of a batch that are known. The error is about a body that
// is no JSON array; events that cannot be read are left out.
func Decode(body []byte) ([]Event, error) {
	var batch []json.RawMessage
	if err := json.Unmarshal(body, &batch); err != nil {
		return nil, fmt.Errorf("a batch of events: %w", err)
	}
	var events []Event
	for _, text := range batch {
		var raw struct {
			Time   string          `json:"time"`
			Type   string          `json:"type"`
			Record json.RawMessage `json:"record"`
		}
		// The errors are of fields of another type: they are left out, the others are read.
		_ = json.Unmarshal(text, &raw)
		if !known(raw.Type) {
			continue
		}
		e := Event{Type: raw.Type}
		e.Time, _ = parseTime(raw.Time) // zero if it is not good
		_ = json.Unmarshal(raw.Record, &e.Record)
		events = append(events, e)
	}
	return events, nil
}

func known(eventType string) bool {
	switch eventType {
	case InitStart, InitRuntimeDone, InitReport, RestoreStart, RestoreRuntimeDone, RestoreReport, Start, RuntimeDone, Report:
		return true
	}
	return false
}
