package xraytest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Runtime is a fake Lambda Runtime API: a function polls it, [Runtime.Invoke]
// gives it events. It serves any number of pollers, of one process or several, and the
// Extensions API and the Telemetry API for extensions beside them.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type Runtime struct {
	fn       Function
	listener net.Listener
	server   *http.Server
	work     chan *invocation // unbuffered: an event leaves Invoke when a poller takes it
	closed   chan struct{}
	close    sync.Once
	first    *moment // the first poll
	ext      *extensions
	tel      telemetry
	began    time.Time

	mu       sync.Mutex
	known    map[string]*invocation // taken by a poller; kept until its process asks for more
	answered []*invocation          // no poll since their response, oldest first
	initErr  *InitError
	initFail chan struct{} // closed when initErr is set
}

// InitError is what a function posted to /runtime/init/error. [Runtime.Ready] and
// [Runtime.Invoke] return it.
type InitError struct {
	Type    string // the errorType that the function gave
	Payload []byte // its error object, as it was posted
}

// Error returns type and error object.
func (e *InitError) Error() string {
	return fmt.Sprintf("runtime: the function failed to initialize: %s %s", e.Type, e.Payload)
}

// ErrRuntimeClosed is what [Runtime.Invoke] returns after [Runtime.Close].
var ErrRuntimeClosed = errors.New("runtime: closed")

// NewRuntime starts a Runtime API for the length of a test.
//
// aws-lambda-go exits its process when a poll fails. So that this is not the
// test's process, the sockets stay open after the test: pollers wait forever.
// A child process is the test's to kill.
func NewRuntime(t T, f Function) *Runtime {
	t.Helper()
	r, err := StartRuntime("127.0.0.1:0", f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.retire)
	return r
}

// StartRuntime starts a Runtime API for f on addr; port 0 takes a free one. The
// caller closes it.
func StartRuntime(addr string, f Function) (*Runtime, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start runtime: %w", err)
	}
	r := &Runtime{
		fn:       f.withDefaults(),
		listener: listener,
		first:    newMoment(),
		ext:      newExtensions(),
		work:     make(chan *invocation),
		closed:   make(chan struct{}),
		known:    make(map[string]*invocation),
		initFail: make(chan struct{}),
		began:    time.Now(),
	}
	r.emitInitStart()
	r.server = &http.Server{Handler: r.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(listener) }() // ends with Close
	return r, nil
}

// Addr returns the host:port that AWS_LAMBDA_RUNTIME_API takes.
func (r *Runtime) Addr() string { return r.listener.Addr().String() }

// Function returns the function with its defaults filled in.
func (r *Runtime) Function() Function { return r.fn }

// Ready waits for the function's first poll, which ends its initialization, and
// returns the time of it. It fails if ctx is done or the function reports an
// initialization error.
func (r *Runtime) Ready(ctx context.Context) (time.Time, error) {
	select {
	case <-r.first.come:
		return r.first.at, nil
	case <-r.initFail:
		return time.Time{}, r.initError()
	case <-r.closed:
		return time.Time{}, ErrRuntimeClosed
	case <-ctx.Done():
		if err := r.initError(); err != nil { // it came at the same time
			return time.Time{}, err
		}
		return time.Time{}, fmt.Errorf("runtime: no first poll: %w", context.Cause(ctx))
	}
}

func (r *Runtime) initError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.initErr == nil {
		return nil
	}
	return r.initErr
}

// Invoke gives the function one event and waits for what comes of it. A function
// that fails, times out or exits is no error but a [Result] with FunctionError
// set. Errors are: ctx is done, the runtime is closed, or the function failed to
// initialize.
func (r *Runtime) Invoke(ctx context.Context, event Invocation) (Result, error) {
	in := newInvocation(event)
	in.RequestID = cmp.Or(in.RequestID, newRequestID())
	in.FunctionARN = cmp.Or(in.FunctionARN, r.fn.ARN())
	in.Timeout = cmp.Or(in.Timeout, r.fn.Timeout)
	if in.Payload == nil {
		in.Payload = []byte("{}")
	}
	if r.fn.MaxConcurrency == 1 { // an invocation ends when extensions too ask for the next event
		if err := r.WaitExtensions(ctx, 0); err != nil {
			return Result{}, err
		}
		r.emitReport() // of the invocation before
	}
	select {
	case r.work <- in:
	case <-r.initFail:
		return Result{}, r.initError()
	case <-r.closed:
		return Result{}, ErrRuntimeClosed
	case <-ctx.Done():
		return Result{}, fmt.Errorf("runtime: invocation %s: no poller took it: %w", in.RequestID, context.Cause(ctx))
	}
	<-in.started.come // the poller has it, and sets this at once
	timeout := time.NewTimer(time.Until(in.deadline))
	defer timeout.Stop()
	select {
	case <-in.done:
	case <-timeout.C:
		in.fail("Sandbox.Timedout", fmt.Sprintf("Task timed out after %.2f seconds", in.deadline.Sub(in.started.at).Seconds()))
	case <-r.closed:
		in.fail("Runtime.ExitError", ErrRuntimeClosed.Error())
	case <-ctx.Done():
		return Result{}, fmt.Errorf("runtime: invocation %s: no response: %w", in.RequestID, context.Cause(ctx))
	}
	switch {
	case r.fn.MaxConcurrency > 1:
		r.emitConcurrentReport(in)
	case in.stopped:
		r.emitDone(in, in.result.Responded)
	}
	return in.result, nil
}

// Exited tells the runtime that the function's process is gone: every event it
// had taken and not answered fails with Runtime.ExitError and the reason, as in
// "exit status 1". The next process may poll at once.
func (r *Runtime) Exited(reason string) {
	r.mu.Lock()
	known := r.known
	r.known, r.answered = make(map[string]*invocation), nil
	r.mu.Unlock()
	for _, in := range known {
		in.fail("Runtime.ExitError", "Runtime exited with error: "+reason)
	}
}

// retire fails what waits and keeps serving: see [NewRuntime].
func (r *Runtime) retire() { r.close.Do(func() { close(r.closed) }) }

// Close fails what waits and closes all connections; a polling process sees its
// poll fail.
func (r *Runtime) Close() error {
	r.retire()
	return r.server.Close()
}
