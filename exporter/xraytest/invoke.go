package xraytest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// Run is one invocation and what the function sent to X-Ray of it.
type Run struct {
	Result    Result
	Raw       [][]byte            // the documents as they were sent, in order of arrival
	Documents []*segment.Document // the same, read
}

// InvokeOption configures [Invoke].
type InvokeOption interface{ applyInvoke(*invokeConfig) }

type invokeConfig struct {
	function   Function
	invocation Invocation
}

type invokeOption func(*invokeConfig)

func (o invokeOption) applyInvoke(c *invokeConfig) { o(c) }

// WithFunction describes the function; its DaemonAddress is not used.
func WithFunction(f Function) InvokeOption {
	return invokeOption(func(c *invokeConfig) { c.function = f })
}

// WithInvocation says more of the invocation than its event, which stays that of
// [Invoke]. Without a TraceHeader it is sampled, in a trace of its own.
func WithInvocation(in Invocation) InvokeOption {
	return invokeOption(func(c *invokeConfig) { c.invocation = in })
}

// Invoke runs a function for one invocation in this process and returns what came
// of it. handler is what starts the function: its main, or
//
//	func() { lambdaxray.Start(handle) }
//
// It runs in a goroutine, with the environment that Lambda would set and a Runtime
// API and a daemon of its own. That goroutine does not end: after its invocation
// it waits for a next one, which never comes. Every Invoke is a cold start.
//
// event is the event as JSON in a string, []byte or json.RawMessage, or any other
// value, which is marshalled. A function that fails is no failure of the test: see
// Result. What is: no response within 30 s, and a document that breaks a rule of
// X-Ray.
//
// Invoke sets environment variables until the test ends, so the test cannot be
// parallel. A panic or os.Exit in the function ends the test binary; a child
// process and [Runtime] are for that.
func Invoke(t T, handler func(), event any, opts ...InvokeOption) *Run {
	t.Helper()
	var c invokeConfig
	for _, o := range opts {
		o.applyInvoke(&c)
	}
	payload, err := eventJSON(event)
	if err != nil {
		t.Fatal(err)
	}
	c.invocation.Payload = payload
	c.invocation.TraceHeader = cmp.Or(c.invocation.TraceHeader, newTraceHeader())

	daemon := NewDaemon(t)
	c.function.DaemonAddress = daemon.Addr()
	runtime := NewRuntime(t, c.function)
	runtime.Setenv(t)
	go handler()

	ctx, cancel := context.WithTimeoutCause(context.Background(), invokeTimeout,
		fmt.Errorf("%v have passed; does handler end in lambdaxray.Start or lambda.Start?", invokeTimeout))
	defer cancel()
	run := &Run{}
	if run.Result, err = runtime.Invoke(ctx, c.invocation); err != nil {
		t.Fatal(err)
	}
	if run.Raw, err = daemon.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	for _, doc := range run.Raw {
		for _, v := range segment.Check(doc) {
			t.Error(fmt.Sprintf("X-Ray would not keep all of %s: %v", doc, v))
		}
		d, err := segment.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		run.Documents = append(run.Documents, d)
	}
	return run
}

const invokeTimeout = 30 * time.Second

func eventJSON(event any) ([]byte, error) {
	var text []byte
	switch e := event.(type) {
	case string:
		text = []byte(e)
	case []byte:
		text = e
	case json.RawMessage:
		text = e
	default:
		text, err := json.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("xraytest: event: %w", err)
		}
		return text, nil
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("xraytest: event %.60q is no JSON; a string that is to be the event needs quotes of its own", text)
	}
	return text, nil
}

// newTraceHeader is the header of a sampled invocation in a new trace.
func newTraceHeader() string {
	var b [20]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=1", time.Now().Unix(), b[:12], b[12:])
}
