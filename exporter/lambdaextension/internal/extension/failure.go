package extension

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Shutdown takes a SHUTDOWN event: an invocation that was killed gets its document, and
// what is kept goes out.
func (x *Extension) Shutdown(e Event) {
	now := time.Now()
	x.awaitReport()
	emitter := x.daemon()
	x.mu.Lock()
	reason := strings.ToLower(e.ShutdownReason) // older guides write capitals
	killed := reason == "timeout" || reason == "failure"
	var docs [][]byte
	if inv := x.calls.current; killed && inv != nil && !inv.seen && inv.sampled() && !inv.succeeded() {
		docs = x.failure(inv, reason, now)
	}
	initial := x.calls.takeInitial()
	x.mu.Unlock()
	x.emit(emitter, docs)
	for i := range initial {
		if s := &initial[i]; !s.ParentSpanID.IsValid() {
			s.Resource = x.apartFrom(s.Resource)
		}
	}
	if len(initial) > 0 {
		docs, _ := x.mapper.AppendDocuments(nil, initial) // counted as it came
		x.emit(emitter, docs)
	}
	if killed {
		_ = os.WriteFile(x.mark, nil, 0o600) // without it the next start counts as cold
	}
}

// succeeded reports whether the Telemetry API says that the function was done: then
// something else ran out of time.
func (inv *invocation) succeeded() bool { return inv.done != nil && inv.done.Status == "success" }

// failure writes what is known of an invocation whose function span never came: one
// independent subsegment, so that it makes no node, and with a known end. Its id is
// that of the one parent that spans name and nobody wrote, so that they hang beneath
// it; where there are several, each is an open subsegment of it.
func (x *Extension) failure(inv *invocation, reason string, now time.Time) [][]byte {
	id := mapping.DeriveID(inv.header.Parent, inv.requestID)
	var open []trace.SpanID
	for parent := range inv.missing {
		if len(inv.missing) == 1 {
			id = parent
		} else {
			open = append(open, parent)
		}
	}
	end, exception := now, segment.Exception{Type: "Lambda.Failure", Message: reason}
	if reason == "timeout" {
		end = inv.deadline
		if end.Before(inv.read) {
			end = now
		}
		exception.Type = "Sandbox.Timedout"
		exception.Message = fmt.Sprintf("timed out after %.2f s", end.Sub(inv.read).Seconds())
	}
	said := map[string]any{"shutdown.reason": reason, "deadline": segment.Seconds(inv.deadline)}
	if done := inv.done; done != nil { // the Telemetry API knows it exactly
		said["status"] = shorten(done.Status)
		if done.ErrorType != "" {
			exception.Type = shorten(done.ErrorType)
		}
		if d, ok := done.Metrics.Duration(); ok && reason == "failure" {
			end = inv.read.Add(d)
		}
	}
	exception.ID = mapping.DeriveID(id, "exception 0").String()
	name := x.getenv(envFunctionName)
	if name == "" {
		name = "function"
	}
	doc := segment.Document{
		Type:      "subsegment",
		TraceID:   segment.TraceID(inv.header.Root),
		ParentID:  inv.header.Parent.String(),
		ID:        id.String(),
		Name:      name,
		StartTime: segment.Seconds(inv.read),
		EndTime:   segment.Seconds(end),
		Fault:     true,
		Cause:     &segment.Cause{Exceptions: []segment.Exception{exception}},
		AWS:       map[string]any{"request_id": inv.requestID},
		Metadata:  map[string]map[string]any{"default": said},
	}
	if inv.arn != "" {
		doc.AWS["function_arn"] = inv.arn
		if account := accountOf(inv.arn); account != "" {
			doc.AWS["account_id"] = account
		}
	}
	slices.SortFunc(open, func(a, b trace.SpanID) int { return bytes.Compare(a[:], b[:]) })
	for _, parent := range open {
		doc.Subsegments = append(doc.Subsegments, &segment.Document{
			ID: parent.String(), Name: "unfinished", StartTime: doc.StartTime, InProgress: true,
		})
	}
	text, err := json.Marshal(&doc)
	if err != nil {
		x.logOnce("the document of a killed invocation: %v", err)
		return nil
	}
	return [][]byte{text}
}
