package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// A Go function under OpenTelemetry's exporters: one subsegment of the platform's an
// invocation, with its call beneath, all before the response.
func TestGoFunction(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 20
	}
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		t.Run(protocol, func(t *testing.T) {
			s := newSandbox(t, xraytest.Function{Name: "orders"})
			s.startGo(protocol)
			for i := range n {
				result, docs := s.invoke(i, "{}", 0)
				if result.FunctionError != "" || len(docs) != 1 {
					t.Fatalf("invocation %d: %s, %d documents", i, result.Payload, len(docs))
				}
				d := docs[0]
				if d.Type != "subsegment" || d.ParentID != "1111111111111111" || d.Name != "orders" || len(d.Subsegments) != 1 ||
					d.Subsegments[0].Name != "prices.example.com" || d.Annotations["ColdStart"] != (i == 0) {
					t.Fatalf("invocation %d: %+v", i, d)
				}
			}
			_, docs := s.invoke(n, `{"end":"error"}`, 0)
			if len(docs) != 1 || docs[0].Cause == nil || docs[0].Cause.Exceptions[0].Message != "no such order" {
				t.Errorf("%+v", docs)
			}
			s.end("spindown")
			if log := s.log.String(); log != "" {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// An invocation that is killed shows.
func TestKilledFunction(t *testing.T) {
	for end, want := range map[string]string{"hang": "Sandbox.Timedout", "exit": "Lambda.Failure"} {
		t.Run(end, func(t *testing.T) {
			s := newSandbox(t, xraytest.Function{Name: "orders"})
			s.startGo("grpc")
			s.invoke(0, "{}", 0)
			result, docs := s.invoke(1, `{"end":"`+end+`"}`, 2*time.Second)
			if result.FunctionError == "" || len(docs) != 0 {
				t.Fatalf("%s, %d documents", result.Payload, len(docs))
			}
			reason := "timeout"
			if end == "exit" {
				reason = "failure"
			}
			before := len(s.daemon.Datagrams())
			s.end(reason)
			docs = s.since(before, time.Time{})
			if len(docs) != 1 || !docs[0].Fault || docs[0].Cause.Exceptions[0].Type != want || docs[0].AWS["request_id"] != "request-1" || docs[0].ParentID != "1111111111111111" {
				t.Errorf("%+v", docs)
			}
		})
	}
}

// The first invocation may be killed before anything was exported.
func TestKilledAtFirst(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders"})
	s.startGo("grpc")
	s.invoke(1, `{"end":"hang"}`, 3*time.Second)
	s.end("timeout")
	if docs := s.since(0, time.Time{}); len(docs) != 1 || docs[0].AWS["request_id"] != "request-1" {
		t.Errorf("%+v", docs)
	}
}

// On Managed Instances there is no INVOKE: the span decides alone.
func TestManagedInstances(t *testing.T) {
	s := newSandbox(t, xraytest.Function{Name: "orders", InitializationType: "lambda-managed-instances"})
	if all := s.runtime.Extensions(); len(all) != 1 || fmt.Sprint(all[0].Events) != "[SHUTDOWN]" {
		t.Fatalf("%+v", all)
	}
	s.startGo("grpc")
	_, docs := s.invoke(0, "{}", 0)
	if len(docs) != 1 || docs[0].Type != "subsegment" || docs[0].Annotations["ColdStart"] != nil {
		t.Errorf("%+v", docs)
	}
	s.end("spindown")
}
