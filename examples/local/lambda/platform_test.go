package lambda

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda/testfunction"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func do(what string) Request { return Request{Payload: []byte(`{"do":"` + what + `"}`)} }

// TestEnvironment: one process serves invocation after invocation until it
// dies, and the next one is cold again.
func TestEnvironment(t *testing.T) {
	p, store := testPlatform(t, "echo")
	var starts []string
	for _, step := range []struct {
		do, errorType string
		cold          bool
	}{
		{do: "first", cold: true},
		{do: "second"},
		{do: "fail", errorType: "errorString"},
		{do: "after an error"},
		{do: "exit", errorType: "Runtime.ExitError"},
		{do: "after an exit", cold: true},
		{do: "hang", errorType: "Sandbox.Timedout"},
		{do: "after a timeout", cold: true},
	} {
		r := do(step.do)
		if step.do == "hang" {
			r.Timeout = 100 * time.Millisecond
		}
		o, err := p.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if o.ErrorType != step.errorType {
			t.Errorf("%s: error type %q, want %q: %s", step.do, o.ErrorType, step.errorType, o.Payload)
		}
		if step.errorType == "" {
			a := answerOf(t, o.Payload)
			if again := len(starts) > 0 && starts[len(starts)-1] == a.Started; again == step.cold {
				t.Errorf("%s: in the process of the invocation before: %v", step.do, again)
			}
			starts = append(starts, a.Started)
		}
		function := segmentOf(t, store.Documents(o.Trace.ID()), "AWS::Lambda::Function")
		if function.Fault != (step.errorType != "") || (function.Cause != nil) != (step.errorType != "") {
			t.Errorf("%s: fault %v, cause %+v", step.do, function.Fault, function.Cause)
		}
		if cold := child(function, "Initialization") != nil; cold != step.cold {
			t.Errorf("%s: Initialization is there: %v", step.do, cold)
		}
	}
}

// TestSegments: what the platform writes for a call within a trace.
func TestSegments(t *testing.T) {
	p, store := testPlatform(t, "echo")
	r := do("it")
	r.TraceHeader = "Root=1-67890abc-0123456789abcdef01234567;Parent=00000000000000aa;Sampled=1;Lineage=2:abcdef01:1"
	o, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	segments := store.Documents("1-67890abc-0123456789abcdef01234567")
	service, function := segmentOf(t, segments, "AWS::Lambda"), segmentOf(t, segments, "AWS::Lambda::Function")
	if service.ParentID != "00000000000000aa" {
		t.Errorf("the service segment's parent is %q, want the caller's subsegment", service.ParentID)
	}
	if function.ParentID != service.ID {
		t.Errorf("the function segment's parent is %q, want the service segment %s", function.ParentID, service.ID)
	}
	if service.HTTP.Response.Status != 200 || service.AWS["request_id"] != o.RequestID {
		t.Errorf("service segment: status %d, request id %v, want 200 and %s", service.HTTP.Response.Status, service.AWS["request_id"], o.RequestID)
	}
	header := answerOf(t, o.Payload).Header
	want := "Root=1-67890abc-0123456789abcdef01234567;Parent=" + function.ID + ";Sampled=1;Lineage=2:abcdef01:1"
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("the function's tracing header (-want +have):\n%s", diff)
	}
	initialization := child(function, "Initialization")
	if initialization == nil || seconds(t, initialization.EndTime) > seconds(t, function.StartTime) ||
		seconds(t, initialization.StartTime) < seconds(t, service.StartTime) {
		t.Errorf("Initialization %v does not lie between the starts of service and function segment", initialization)
	}
}

// TestBrokenStream: what the function said of it is the cause, not what it had
// sent before.
func TestBrokenStream(t *testing.T) {
	p, store := testPlatform(t, "echo")
	o, err := p.Call(t.Context(), do("break"))
	if err != nil {
		t.Fatal(err)
	}
	function := segmentOf(t, store.Documents(o.Trace.ID()), "AWS::Lambda::Function")
	if string(o.Payload) != "half" || !function.Fault || function.Cause == nil || function.Cause.Exceptions[0].Message != "pipe burst" {
		t.Errorf("payload %s, fault %v, cause %+v", o.Payload, function.Fault, function.Cause)
	}
}

// TestNotSampled: the function gets Sampled=0 and nobody writes anything.
func TestNotSampled(t *testing.T) {
	p, store := testPlatform(t, "echo")
	r := do("it")
	r.TraceHeader = "Root=1-67890abc-0123456789abcdef01234567;Parent=00000000000000aa;Sampled=0"
	o, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if header := answerOf(t, o.Payload).Header; !strings.Contains(header, "Sampled=0") {
		t.Errorf("the function's header is %q", header)
	}
	if ids := store.TraceIDs(); len(ids) > 0 {
		t.Errorf("documents of traces %v", ids)
	}
}

// TestAsynchronousRetries: an event that fails is tried twice more, with the same
// request id.
func TestAsynchronousRetries(t *testing.T) {
	p, store := testPlatform(t, "echo")
	p.queueDelay, p.retryWait = time.Millisecond, time.Millisecond
	done := make(chan Outcome, 1)
	r := do("fail")
	r.ID = "11111111-2222-4333-8444-555555555555"
	c, err := p.Accept(t.Context(), r, func(o Outcome) { done <- o })
	if err != nil {
		t.Fatal(err)
	}
	o := <-done
	if o.RequestID != r.ID || o.FunctionError == "" {
		t.Errorf("request id %s, function error %q", o.RequestID, o.FunctionError)
	}
	segments := store.Documents(c.ID())
	service := segmentOf(t, segments, "AWS::Lambda")
	if service.HTTP.Response.Status != 202 {
		t.Errorf("status %d, want 202", service.HTTP.Response.Status)
	}
	var names []string
	for _, d := range service.Subsegments {
		names = append(names, d.Name)
		if d.Fault != strings.HasPrefix(d.Name, "Attempt") {
			t.Errorf("%s: fault %v", d.Name, d.Fault)
		}
	}
	if diff := cmp.Diff([]string{"Dwell Time", "Attempt #1", "Attempt #2", "Attempt #3"}, names); diff != "" {
		t.Errorf("subsegments (-want +have):\n%s", diff)
	}
}

// TestInitializationFails: the caller hears how, and what the function printed.
func TestInitializationFails(t *testing.T) {
	p, _ := testPlatform(t, "init")
	o, err := p.Call(t.Context(), do("it"))
	if err != nil {
		t.Fatal(err)
	}
	if o.ErrorType != "Runtime.ExitError" || !strings.Contains(string(o.Payload), "exit status 3") {
		t.Errorf("%s %s", o.ErrorType, o.Payload)
	}
	if !strings.Contains(string(o.Log), "no configuration") {
		t.Errorf("log %q", o.Log)
	}
}

// TestInitializationErrorIsReported: the caller gets the function's own words.
func TestInitializationErrorIsReported(t *testing.T) {
	p, store := testPlatform(t, "init error")
	for range 2 { // every invocation tries again
		o, err := p.Call(t.Context(), do("it"))
		if err != nil {
			t.Fatal(err)
		}
		const want = `{"errorMessage":"no configuration","errorType":"Function.NoConfiguration","stackTrace":["main.py:1"]}`
		if o.ErrorType != "Function.NoConfiguration" || string(o.Payload) != want || o.FunctionError != "Unhandled" {
			t.Errorf("%s %s", o.ErrorType, o.Payload)
		}
		function := segmentOf(t, store.Documents(o.Trace.ID()), "AWS::Lambda::Function")
		if !function.Fault || function.Cause.Exceptions[0].Type != "Function.NoConfiguration" || function.Cause.Exceptions[0].Message != "no configuration" {
			t.Errorf("fault %v, cause %+v", function.Fault, function.Cause)
		}
		if init := child(function, "Initialization"); init == nil || !init.Fault {
			t.Errorf("Initialization %+v", init)
		}
	}
}

// TestExitLeavesNothing: what a function started ends with it.
func TestExitLeavesNothing(t *testing.T) {
	p, _ := testPlatform(t, "init")
	pids := filepath.Join(t.TempDir(), "pids")
	p.env = append(p.env, testfunction.EnvPidFile+"="+pids, "PATH="+os.Getenv("PATH"))
	if _, err := p.Call(t.Context(), do("it")); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range strings.Fields(string(b)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		if !testfunction.Gone(pid) {
			t.Errorf("process %d of %s is still there", pid, strings.TrimSpace(string(b)))
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// TestLogTail: lines are passed on whole, very long ones in pieces, and the
// last one even without its end.
func TestLogTail(t *testing.T) {
	var passed strings.Builder
	l := &logTail{next: func(line string) { passed.WriteString(line + "\n") }}
	long := strings.Repeat("x", logLineSize)
	for _, p := range []string{"on", "e\ntwo\n", long, "rest\nlast"} {
		if _, err := l.Write([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	if kept := string(l.take()); len(kept) != logTailSize || !strings.HasSuffix(kept, "xrest\nlast") {
		t.Errorf("%d bytes kept, the last of them %q", len(kept), kept[len(kept)-20:])
	}
	if diff := cmp.Diff("one\ntwo\n"+long+"\nrest\nlast\n", passed.String()); diff != "" {
		t.Errorf("passed on (-want +have):\n%s", diff)
	}
}

func segmentOf(t *testing.T, segments []*segment.Document, origin string) *segment.Document {
	t.Helper()
	var found []*segment.Document
	for _, d := range segments {
		if d.Origin == origin {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d segments of origin %s, want 1", len(found), origin)
	}
	return found[0]
}

func child(d *segment.Document, name string) *segment.Document {
	for _, c := range d.Subsegments {
		if c.Name == name {
			return c
		}
	}
	return nil
}
