package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// telemetryOn asks for events on a free port; on Lambda the setting is "on".
const telemetryOn = "LAMBDAXRAY_TELEMETRY=127.0.0.1:0"

// parts writes the subsegments of documents that are Lambda's timings, by request.
func parts(docs []*segment.Document) map[string]string {
	all := map[string]string{}
	for _, d := range docs {
		if _, told := d.Metadata["default"]["telemetry"]; !told {
			continue
		}
		text := d.Name
		for _, s := range d.Subsegments {
			text += " " + s.Name
		}
		id := fmt.Sprint(d.AWS["request_id"])
		all[id] = strings.TrimPrefix(all[id]+"; "+text, "; ")
	}
	return all
}

const (
	invocationParts     = "runtimeDone responseLatency responseDuration runtimeOverhead; report extensionOverhead"
	initializationParts = "initRuntimeDone; initReport"
)

// With the Telemetry API the platform's timings of each invocation come too, the last
// ones at the end, and not a batch is refused.
func TestTelemetry(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"}, telemetryOn)
	s.startGo("http/protobuf")
	for i := range 3 {
		result, docs := s.invoke(i, "{}", 0)
		if result.FunctionError != "" || len(docs) == 0 {
			t.Fatalf("invocation %d: %s, %d documents", i, result.Payload, len(docs))
		}
		s.freeze(result, 0)
	}
	s.end("spindown")
	docs := s.since(0, time.Time{})
	got := parts(docs)
	for i := range 3 {
		want := invocationParts
		if i == 0 {
			want = initializationParts + "; " + want
		}
		if id := fmt.Sprintf("request-%d", i); got[id] != want {
			t.Errorf("%s has %s, want %s", id, got[id], want)
		}
	}
	for _, d := range docs {
		if d.Type != "subsegment" || d.ParentID != "1111111111111111" || d.Namespace != "" {
			t.Errorf("%+v", d)
		}
	}
	if all := s.runtime.Extensions(); all[0].Refused > 0 {
		t.Errorf("%d batches were refused", all[0].Refused)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("log:\n%s", log)
	}
}

// The document of an invocation that was killed says what the platform says of it.
func TestTelemetryOfKilledFunction(t *testing.T) {
	for end, want := range map[string]string{"hang": "Sandbox.Timedout timeout", "exit": "Runtime.ExitError failure"} {
		t.Run(end, func(t *testing.T) {
			s := newSandbox(t, xraytest.Function{Name: "orders"}, telemetryOn)
			s.startGo("grpc")
			s.invoke(0, "{}", 0)
			s.invoke(1, `{"end":"`+end+`"}`, 2*time.Second)
			reason := "timeout"
			if end == "exit" {
				reason = "failure"
			}
			s.end(reason)
			var got []string
			for _, d := range s.since(0, time.Time{}) {
				if d.Fault {
					got = append(got, fmt.Sprint(d.Cause.Exceptions[0].Type, " ", d.Metadata["default"]["status"]))
				}
			}
			if len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Unsampled invocations have no timings.
func TestTelemetryUnsampled(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"}, telemetryOn)
	s.startGo("grpc")
	if _, err := s.runtime.Invoke(s.context(), xraytest.Invocation{TraceHeader: strings.Replace(fmt.Sprintf(header, 1), "Sampled=1", "Sampled=0", 1)}); err != nil {
		t.Fatal(err)
	}
	s.end("spindown")
	if docs := s.since(0, time.Time{}); len(docs) != 0 {
		t.Errorf("%d documents", len(docs))
	}
}

// On Managed Instances the report has the response.
func TestTelemetryOnManagedInstances(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders", InitializationType: "lambda-managed-instances", MaxConcurrency: 2}, telemetryOn)
	s.startGo("grpc")
	s.invoke(0, "{}", 0)
	if err := s.runtime.DrainTelemetry(s.context()); err != nil {
		t.Fatal(err)
	}
	if got := parts(s.since(0, time.Time{})); got["request-0"] != initializationParts+"; report responseLatency responseDuration" {
		t.Errorf("%v", got)
	}
	s.end("spindown")
}

// Where the API is not there, or the name of the environment is not known, as in
// containers, one line says so and the function runs as before.
func TestTelemetryNotThere(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"}, "LAMBDAXRAY_TELEMETRY=sandbox.invalid:0")
	s.startGo("grpc")
	if _, docs := s.invoke(0, "{}", 0); len(docs) != 1 {
		t.Errorf("%d documents", len(docs))
	}
	s.end("spindown")
	if log := s.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "sandbox.invalid") {
		t.Errorf("log:\n%s", log)
	}
}
