package extension

import (
	"testing"
	"time"
)

// What ran before the first invocation is beneath init of the first function span.
func TestInitialization(t *testing.T) {
	b := newBench(t, nil)
	early := spanAt(time.Now().Add(-20*time.Millisecond), "6ae729c0a006649127e371903a2de9ff", "4444444444444444", "", 1, "load", "")
	b.post(early)
	b.post(span("5555555555555555", functionID, 1, "before its parent", "")) // of a fast function, before the event
	b.Invoke(invoke("1", header))
	if docs := b.documents(); len(docs) != 0 {
		t.Fatalf("%d documents before the function span", len(docs))
	}
	b.post(function(invocationID("1")))
	names := map[string]string{} // name -> parent's
	for _, d := range b.documents() {
		names[d.Name] = d.ParentID
		for _, s := range d.Subsegments {
			names[s.Name] = d.Name
		}
	}
	if names["load"] != "init" || names["init"] != parent || names["before its parent"] != "orders" || names["orders"] != parent {
		t.Errorf("%v", names)
	}
}

// On Managed Instances the spans of another invocation are no initialization.
func TestManagedInitialization(t *testing.T) {
	b := newBench(t, map[string]string{envInitializationType: "lambda-managed-instances"})
	now := time.Now()
	b.post(
		spanAt(now, "6ae729c0a006649127e371903a2de9ff", "4444444444444444", "", 1, "load", ""),
		spanAt(now, "6ae729c0a006649127e371903a2de9ee", "5555555555555555", "6666666666666666", 1, "of another invocation", ""),
		function(""))
	names := map[string]string{}
	for _, d := range b.documents() {
		names[d.Name] = d.TraceID
		for _, s := range d.Subsegments {
			names[s.Name] = d.Name
		}
	}
	if names["load"] != "init" || names["of another invocation"] != "1-6ae729c0-a006649127e371903a2de9ee" {
		t.Errorf("%v", names)
	}
}

// Initialization that no function span takes along goes out at the end.
func TestInitializationWithoutFunctionSpan(t *testing.T) {
	b := newBench(t, nil)
	b.post(span("4444444444444444", "", 1, "load", ""))
	b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: "spindown"})
	if docs := b.documents(); len(docs) != 1 || docs[0].Name != "shop" || docs[0].Origin != "" {
		t.Errorf("%+v", docs)
	}
}
