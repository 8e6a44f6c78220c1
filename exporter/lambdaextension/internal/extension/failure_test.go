package extension

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestKilled(t *testing.T) {
	open := "7777777777777777"
	for _, c := range []struct {
		name, header, reason string
		spans                []string
		want                 bool
		id, exception        string
	}{
		{"timeout", header, "timeout", nil, true, "", "Sandbox.Timedout"},
		{"in capitals", header, "TIMEOUT", nil, true, "", "Sandbox.Timedout"},
		{"failure", header, "failure", nil, true, "", "Lambda.Failure"},
		{"spindown", header, "spindown", nil, false, "", ""},
		{"not sampled", strings.Replace(header, "Sampled=1", "Sampled=0", 1), "timeout", nil, false, "", ""},
		{"no header", "", "timeout", nil, false, "", ""},
		{"the function was done", header, "timeout", []string{function(invocationID("1"))}, false, "", ""},
		{"one span is open", header, "timeout", []string{span("8888888888888888", open, 1, "a", ""), span("9999999999999999", "8888888888888888", 1, "b", "")}, true, open, "Sandbox.Timedout"},
		{"two are open", header, "timeout", []string{span("8888888888888888", open, 1, "a", ""), span("9999999999999999", "7777777777777778", 1, "b", "")}, true, "", "Sandbox.Timedout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			e := invoke("1", c.header)
			b.Invoke(e)
			if len(c.spans) > 0 {
				b.post(c.spans...)
			}
			before := len(b.documents())
			b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: c.reason})
			docs := b.documents()[before:]
			if (len(docs) == 1) != c.want {
				t.Fatalf("%d documents", len(docs))
			}
			if !c.want {
				return
			}
			d := docs[0]
			if d.Type != "subsegment" || d.ParentID != parent || !d.Fault || d.Namespace != "" || d.Name != "orders" || d.AWS["request_id"] != "1" || d.Cause.Exceptions[0].Type != c.exception {
				t.Errorf("%+v", d)
			}
			if c.id != "" && d.ID != c.id {
				t.Errorf("id %s, want the open span's", d.ID)
			}
			if c.name == "two are open" && (len(d.Subsegments) != 2 || !d.Subsegments[0].InProgress || d.Subsegments[0].ID != open) {
				t.Errorf("%+v", d.Subsegments)
			}
			// The start after a reset is no cold start.
			again := New(b.getenv, NewLogger(io.Discard))
			again.Invoke(invoke("2", header))
			if again.calls.current.cold {
				t.Error("the invocation after a reset counts as a cold start")
			}
		})
	}
}

// Two processes write the same document of the same failure.
func TestKilledIsDeterministic(t *testing.T) {
	var texts []string
	read := time.Now()
	for range 2 {
		b := newBench(t, nil)
		b.Invoke(invoke("1", header))
		b.post(span("8888888888888888", "7777777777777777", 1, "a", ""), span("9999999999999999", "7777777777777778", 1, "b", ""))
		b.calls.current.read, b.calls.current.deadline = read, read.Add(time.Second)
		texts = append(texts, string(b.failure(b.calls.current, "timeout", time.Now())[0]))
	}
	if texts[0] != texts[1] {
		t.Errorf("%s\n%s", texts[0], texts[1])
	}
}
