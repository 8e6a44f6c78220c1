package xraytest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Invocation is one event for the function. Its zero value is an event {} that
// has the function's timeout and no tracing header.
type Invocation struct {
	RequestID       string // default: a random UUID
	Payload         []byte // default: {}
	TraceHeader     string // of Lambda-Runtime-Trace-Id; empty leaves the header out
	FunctionARN     string // default: the function's
	ClientContext   string // JSON; mobile SDKs
	CognitoIdentity string // JSON; mobile SDKs
	TenantID        string // functions with tenant isolation

	// Stream, if it is not nil, is called with the pieces of the response as
	// they come; it must not keep them. [Result] has the whole all the same.
	Stream func(piece []byte)

	// Timeout counts from the moment the function gets the event. Default: the
	// function's.
	Timeout time.Duration
	// Deadline, if set, is announced in place of the one that Timeout gives.
	Deadline time.Time
}

// Result is what came of an [Invocation]: also when the function failed.
type Result struct {
	RequestID   string
	Payload     []byte // the response, or the error object {"errorMessage":…,"errorType":…}
	ContentType string // as the function sent it

	// FunctionError is "Unhandled" if the function failed in any way, as in the
	// Invoke API's X-Amz-Function-Error, else empty.
	FunctionError string
	// ErrorType is the errorType of the failure: the function's own, or
	// Sandbox.Timedout, or Runtime.ExitError.
	ErrorType string
	// XRayCause is the cause object that the runtime reported beside an error; the
	// platform writes it into the function segment.
	XRayCause []byte
	// ErrorObject is {"errorMessage":…,"errorType":…} of any failure: Payload, except
	// where a stream broke midway, whose Payload is what came before.
	ErrorObject []byte
	// Streaming says that the function asked for response streaming.
	Streaming bool

	Queued    time.Time // Invoke was called
	Started   time.Time // the function got the event
	Deadline  time.Time // as announced to the function
	Responded time.Time // the last byte of the response or the error arrived, or the failure was seen

	idle *moment
}

// Idle returns the time at which the function asked for its next event, which
// is when Lambda would freeze it. It waits for that until ctx is done. With
// several pollers one poll cannot be told from another: the first poll after
// the response counts.
func (r Result) Idle(ctx context.Context) (time.Time, error) {
	if r.idle == nil {
		return time.Time{}, errors.New("runtime: this result is not of a runtime")
	}
	select {
	case <-r.idle.come:
		return r.idle.at, nil
	case <-ctx.Done():
		return time.Time{}, fmt.Errorf("runtime: invocation %s: no next poll: %w", r.RequestID, context.Cause(ctx))
	}
}

// invocation is an [Invocation] on its way from [Runtime.Invoke] through a
// poller and back.
type invocation struct {
	Invocation
	queued   time.Time
	started  *moment
	deadline time.Time // set before started
	idle     *moment

	once    sync.Once
	done    chan struct{} // closed once result is set
	result  Result
	stopped bool // the platform said what went wrong; set with result

	// For the Telemetry API.
	responding time.Time     // the first byte of the answer; set before result
	ended      time.Time     // the function was idle or gone
	initTook   time.Duration // of the first invocation
}

func newInvocation(event Invocation) *invocation {
	return &invocation{
		Invocation: event,
		queued:     time.Now(),
		started:    newMoment(),
		idle:       newMoment(),
		done:       make(chan struct{}),
	}
}

// finish sets the result if there is none yet.
func (in *invocation) finish(r Result) { in.end(r, false) }

func (in *invocation) end(r Result, stopped bool) {
	in.once.Do(func() {
		in.stopped = stopped
		r.RequestID = in.RequestID
		r.Queued, r.Started, r.Deadline = in.queued, in.started.at, in.deadline
		r.idle = in.idle
		in.result = r
		close(in.done)
	})
}

// fail finishes the invocation as the platform does when the function cannot
// say itself what went wrong.
func (in *invocation) fail(errorType, message string) {
	payload, _ := json.Marshal(map[string]string{
		"errorType":    errorType,
		"errorMessage": "RequestId: " + in.RequestID + " Error: " + message,
	})
	in.end(Result{
		Payload:       payload,
		ErrorObject:   payload,
		ContentType:   "application/json",
		FunctionError: "Unhandled",
		ErrorType:     errorType,
		Responded:     time.Now(),
	}, true)
}

// moment is a time that comes once and can be waited for.
type moment struct {
	once sync.Once
	at   time.Time
	come chan struct{} // closed once at is set
}

func newMoment() *moment { return &moment{come: make(chan struct{})} }

// set records t if nothing was recorded before, and reports whether that is so.
func (m *moment) set(t time.Time) (first bool) {
	m.once.Do(func() {
		m.at = t
		close(m.come)
		first = true
	})
	return first
}

// newRequestID returns a random UUID, version 4.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return strings.ToLower(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}
