package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// platform plays Lambda for one function: it starts the function's process
// when an event needs it, gives it one event at a time, freezes it in between,
// kills it at the deadline, and writes the segments that Lambda writes with
// active tracing.
//
// Unlike Lambda it has a single environment: events wait for each other.
type platform struct {
	fn      xraytest.Function
	command []string // of the function
	env     []string // beside what Lambda sets
	xray    *xray
	logs    io.Writer // the function's output, nil for none

	// queueDelay is what an asynchronous event waits before its first attempt,
	// retryWait before each further one. Lambda waits one minute, then two.
	queueDelay, retryWait time.Duration

	turn        chan struct{} // held by the invocation that runs
	environment *environment  // nil: the next invocation is cold
	background  sync.WaitGroup
}

const (
	// initTimeout is Lambda's limit for initialization.
	initTimeout = 10 * time.Second
	// shutdownGrace is what Lambda gives a function after SIGTERM.
	shutdownGrace = 500 * time.Millisecond
	// noPoll says what a process has not done that is gone, or killed, before
	// its first invocation.
	noPoll = "it asked for no event; does its main end in lambdaxray.Start or lambda.Start?"
	// maxAttempts is Lambda's default for asynchronous events.
	maxAttempts = 3
)

// environment is the function's process and the Runtime API that it polls.
type environment struct {
	runtime *xraytest.Runtime
	process *process
	log     *logTail
	ready   time.Time
	used    bool
}

// accountID is the account in AWS's own examples.
const accountID = "123456789012"

func newPlatform(fn xraytest.Function, command, env []string, x *xray, logs io.Writer) *platform {
	fn.AccountID = accountID
	return &platform{
		fn: fn, command: command, env: env, xray: x, logs: logs,
		queueDelay: 15 * time.Millisecond,
		retryWait:  250 * time.Millisecond,
		turn:       make(chan struct{}, 1),
	}
}

// request is one event for the function.
type request struct {
	id            string // default: a new one
	payload       []byte
	traceHeader   string // of the caller, may be empty
	clientContext string
	timeout       time.Duration // default: the function's
	links         []segment.Link
}

// outcome is what came of a request.
type outcome struct {
	xraytest.Result
	trace traceContext
	log   []byte // the end of the function's output
}

// call invokes the function synchronously.
func (p *platform) call(ctx context.Context, r request) (outcome, error) {
	received := time.Now()
	t, err := newTraceContext(r.traceHeader)
	if err != nil {
		return outcome{}, err
	}
	a, log, err := p.attempt(ctx, t, &r)
	if err != nil {
		return outcome{}, err
	}
	p.write(t, serviceSegment(p.fn, t, r.id, 200, received, a.ended))
	return outcome{a.result, t, log}, nil
}

// accept takes an event to be run in the background, and runs it again if it
// fails. done is called with the last attempt's outcome, unless ctx ends first.
func (p *platform) accept(ctx context.Context, r request, done func(outcome)) (traceContext, error) {
	received := time.Now()
	t, err := newTraceContext(r.traceHeader)
	if err != nil {
		return traceContext{}, err
	}
	if r.id == "" {
		r.id = newRequestID()
	}
	accepted := received.Add(5 * time.Millisecond) // the 202
	p.background.Go(func() {
		if !wait(ctx, p.queueDelay) {
			return
		}
		d := serviceSegment(p.fn, t, r.id, 202, received, accepted)
		for n := 1; ; n++ {
			a, log, err := p.attempt(ctx, t, &r)
			if err != nil {
				return // ctx is done
			}
			if n == 1 {
				d.Subsegments = append(d.Subsegments, dwellTime(received, a.started))
			}
			d.Subsegments = append(d.Subsegments, attemptSubsegment(n, a))
			if !a.failed() || n == maxAttempts {
				p.write(t, d)
				done(outcome{a.result, t, log})
				return
			}
			if !wait(ctx, p.retryWait) {
				return
			}
		}
	})
	return t, nil
}

// poll invokes the function for a batch that Lambda read from a stream or a
// queue. There is no caller; the service segment ends after the final attempt
// and links to the traces of the messages.
func (p *platform) poll(ctx context.Context, r request) (outcome, error) {
	received := time.Now()
	t, err := newTraceContext("")
	if err != nil {
		return outcome{}, err
	}
	var attempts []*segment.Document
	for n := 1; ; n++ {
		a, log, err := p.attempt(ctx, t, &r)
		if err != nil {
			return outcome{}, err
		}
		attempts = append(attempts, attemptSubsegment(n, a))
		if a.failed() && n < maxAttempts {
			continue
		}
		d := serviceSegment(p.fn, t, r.id, 200, received, a.ended)
		d.Links = r.links
		if n > 1 {
			d.Subsegments = attempts
		}
		p.write(t, d)
		return outcome{a.result, t, log}, nil
	}
}

// attempt runs the function once and writes its segment. A function that fails
// is no error; ctx done is.
func (p *platform) attempt(ctx context.Context, t traceContext, r *request) (attempt, []byte, error) {
	if r.id == "" {
		r.id = newRequestID()
	}
	a := attempt{segment: newID(), started: time.Now()}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return a, nil, context.Cause(ctx)
	}
	e, err := p.warm(ctx)
	if ctx.Err() != nil {
		return a, nil, context.Cause(ctx)
	}
	a.cold = !e.used
	a.process, a.ready = e.process.started, e.ready
	e.used = true
	if err != nil {
		a.failInit(r.id, err)
	} else if err := p.run(ctx, e, t, r, &a); err != nil {
		return a, nil, err
	}
	p.xray.drain(ctx)
	log := e.log.take()
	p.write(t, functionSegment(p.fn, t, a))
	return a, log, nil
}

// warm returns the environment, started if there is none. It comes with the
// error if its initialization failed.
func (p *platform) warm(ctx context.Context) (*environment, error) {
	if e := p.environment; e != nil {
		e.process.thaw()
		return e, nil
	}
	e, err := p.start(ctx)
	if err == nil {
		p.environment = e
	}
	return e, err
}

// start begins a process and waits until it asks for its first event.
func (p *platform) start(ctx context.Context) (*environment, error) {
	e := &environment{log: &logTail{next: p.logs}, process: &process{started: time.Now()}, ready: time.Now()}
	var err error
	if e.runtime, err = xraytest.StartRuntime("127.0.0.1:0", p.fn); err != nil {
		return e, err
	}
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Env = append(p.env[:len(p.env):len(p.env)], e.runtime.Env()...)
	cmd.Stdout, cmd.Stderr = e.log, e.log
	proc, err := startProcess(cmd)
	if err != nil {
		e.runtime.Close()
		return e, fmt.Errorf("start %s: %w (is it built for this machine? GOOS=%s GOARCH=%s)", p.command[0], err, runtime.GOOS, runtime.GOARCH)
	}
	e.process = proc
	initCtx, cancel := context.WithTimeoutCause(ctx, initTimeout, fmt.Errorf("initialization took longer than %v (%s)", initTimeout, noPoll))
	defer cancel()
	exited := make(chan struct{})
	go func() {
		select {
		case <-proc.done:
			cancel()
		case <-initCtx.Done():
		}
		close(exited)
	}()
	e.ready, err = e.runtime.Ready(initCtx)
	cancel()
	<-exited
	if err == nil {
		return e, nil
	}
	e.ready = time.Now()
	select {
	case <-proc.done:
		//lint:ignore ST1005 Lambda's own words
		err = fmt.Errorf("Runtime exited with error: %s (%s)", proc.state, noPoll)
	default:
	}
	e.end()
	return e, err
}

// end takes the environment away at once.
func (e *environment) end() {
	e.process.kill()
	e.runtime.Close()
}

// run gives the environment one event, and sees what becomes of it.
func (p *platform) run(ctx context.Context, e *environment, t traceContext, r *request, a *attempt) error {
	answered := make(chan struct{})
	defer close(answered)
	go func() {
		select {
		case <-e.process.done:
			e.runtime.Exited(e.process.state)
		case <-answered:
		}
	}()
	var err error
	a.result, err = e.runtime.Invoke(ctx, xraytest.Invocation{
		RequestID: r.id, Payload: r.payload, TraceHeader: t.functionHeader(a.segment),
		ClientContext: r.clientContext, Timeout: r.timeout,
	})
	if err != nil {
		p.discard()
		return err
	}
	a.handler = a.result.Started
	a.ended = p.settle(ctx, e, a.result)
	return nil
}

// settle waits until the function is idle or gone, and returns when that was.
func (p *platform) settle(ctx context.Context, e *environment, r xraytest.Result) time.Time {
	if r.ErrorType == "Sandbox.Timedout" {
		p.discard()
		return r.Responded
	}
	ctx, cancel := context.WithDeadline(ctx, r.Deadline)
	defer cancel()
	go func() {
		select {
		case <-e.process.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	idle, err := r.Idle(ctx)
	if err != nil { // it exited, or does not ask for more
		p.discard()
		return time.Now()
	}
	e.process.freeze()
	return idle
}

// discard gives up the environment: the next invocation is cold.
func (p *platform) discard() {
	if p.environment != nil {
		p.environment.end()
		p.environment = nil
	}
}

// failInit is the result of an invocation whose environment did not start.
func (a *attempt) failInit(requestID string, err error) {
	a.initFailed = true
	a.handler, a.ended = a.ready, a.ready
	payload, _ := json.Marshal(map[string]string{
		"errorType":    "Runtime.ExitError",
		"errorMessage": "RequestId: " + requestID + " Error: " + err.Error(),
	})
	a.result = xraytest.Result{
		RequestID: requestID, Payload: payload, ErrorObject: payload, FunctionError: "Unhandled", ErrorType: "Runtime.ExitError",
		Started: a.ready, Responded: a.ready,
	}
}

// write sends a document of the platform's own to X-Ray.
func (p *platform) write(t traceContext, d *segment.Document) {
	if t.sampled() {
		p.xray.platformDocument(d)
	}
}

// close ends the environment, and waits for what runs in the background; its
// context must be done.
func (p *platform) close() {
	p.background.Wait()
	p.retire()
}

// retire ends the environment with SIGTERM and some grace; the next invocation
// is cold.
func (p *platform) retire() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if e := p.environment; e != nil {
		p.environment = nil
		e.process.stop(shutdownGrace)
		e.runtime.Close()
		e.log.take()
	}
}

// newRequestID returns a random UUID.
func newRequestID() string {
	b := randomBytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
