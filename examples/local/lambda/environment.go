package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// environment is the function's process and the Runtime API that it polls.
type environment struct {
	runtime    *xraytest.Runtime
	process    *Process
	extensions []*Process
	log        *logTail
	out        *output // nil: the function was not started
	ready      time.Time
	used       bool
}

// warm returns the environment, started if there is none. It comes with the
// error if its initialization failed.
func (p *Platform) warm(ctx context.Context) (*environment, error) {
	if e := p.environment; e != nil {
		e.thaw()
		return e, nil
	}
	e, err := p.start(ctx)
	if err == nil {
		p.environment = e
	}
	return e, err
}

// start begins a process and waits until it asks for its first event.
func (p *Platform) start(ctx context.Context) (*environment, error) {
	e := &environment{log: &logTail{next: p.logs}, process: &Process{started: time.Now()}, ready: time.Now()}
	var err error
	if e.runtime, err = xraytest.StartRuntime("127.0.0.1:0", p.Function); err != nil {
		return e, err
	}
	if err := e.startExtensions(ctx, p); err != nil {
		e.endExtensions("failure")
		e.runtime.Close()
		return e, err
	}
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Env = append(p.env[:len(p.env):len(p.env)], e.runtime.Env()...)
	cmd.Dir = p.Function.TaskRoot // as on Lambda; empty: where we are
	// Extensions may subscribe to the function's lines.
	e.out, err = newOutput(io.MultiWriter(e.log, &logTail{next: e.runtime.Log}))
	if err != nil {
		e.endExtensions("failure")
		e.runtime.Close()
		return e, err
	}
	cmd.Stdout, cmd.Stderr = e.out.write, e.out.write
	proc, err := StartProcess(cmd)
	if err != nil {
		e.out.close()
		e.endExtensions("failure")
		e.runtime.Close()
		return e, fmt.Errorf("start %s: %w (is it built for this machine? GOOS=%s GOARCH=%s)", p.command[0], err, runtime.GOOS, runtime.GOARCH)
	}
	e.process = proc
	initCtx, cancel := context.WithTimeoutCause(ctx, p.InitTimeout, fmt.Errorf("initialization took longer than %v (%s)", p.InitTimeout, noPoll))
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
		if _, reported := errors.AsType[*xraytest.InitError](err); !reported {
			//lint:ignore ST1005 Lambda's own words
			err = fmt.Errorf("Runtime exited with error: %s (%s)", proc.state, noPoll)
		}
	default:
	}
	e.end("failure")
	return e, err
}

// end takes the environment away at once: reason is Lambda's, timeout or failure.
func (e *environment) end(reason string) {
	e.process.Kill()
	e.out.close()
	e.endExtensions(reason)
	e.runtime.Close()
}

// run gives the environment one event, and sees what becomes of it.
func (p *Platform) run(ctx context.Context, e *environment, t Trace, r *Request, a *attempt) error {
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
		RequestID: r.ID, Payload: r.Payload, TraceHeader: t.functionHeader(a.segment),
		ClientContext: r.ClientContext, Timeout: r.Timeout, Stream: r.Stream,
	})
	if err != nil {
		p.discard("failure")
		return err
	}
	a.handler = a.result.Started
	a.ended = p.settle(ctx, e, a.result)
	return nil
}

// settle waits until the function is idle or gone, and returns when that was.
func (p *Platform) settle(ctx context.Context, e *environment, r xraytest.Result) time.Time {
	if r.ErrorType == "Sandbox.Timedout" {
		p.discard("timeout")
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
	if err == nil {
		err = e.runtime.WaitExtensions(ctx, len(e.extensions))
	}
	if err != nil { // it exited, or does not ask for more
		p.discard("failure")
		return time.Now()
	}
	e.freeze()
	return idle
}

// discard gives up the environment: the next invocation is cold.
func (p *Platform) discard(reason string) {
	if p.environment != nil {
		p.environment.end(reason)
		p.environment = nil
	}
}

// failInit is the result of an invocation whose environment did not start: what the
// function itself reported of it, or else how its process ended.
func (a *attempt) failInit(requestID string, err error) {
	a.initFailed = true
	a.handler, a.ended = a.ready, a.ready
	errorType := "Runtime.ExitError"
	payload, _ := json.Marshal(map[string]string{
		"errorType":    errorType,
		"errorMessage": "RequestId: " + requestID + " Error: " + err.Error(),
	})
	if reported, ok := errors.AsType[*xraytest.InitError](err); ok {
		errorType, payload = cmp.Or(reported.Type, "Runtime.Unknown"), reported.Payload
	}
	a.result = xraytest.Result{
		RequestID: requestID, Payload: payload, ErrorObject: payload, FunctionError: "Unhandled", ErrorType: errorType,
		Started: a.ready, Responded: a.ready,
	}
}
