package lambda

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// XRay takes what the platform writes.
type XRay interface {
	// PlatformDocument takes a document of Lambda's own.
	PlatformDocument(*segment.Document)
	// Drain returns when all that the function had sent to its daemon before has
	// been read, or ctx is done.
	Drain(ctx context.Context)
}

// Platform plays Lambda for one function: it starts the function's process
// when an event needs it, gives it one event at a time, freezes it in between,
// kills it at the deadline, and writes the segments that Lambda writes with
// active tracing.
//
// Unlike Lambda it has a single environment: events wait for each other.
type Platform struct {
	Function xraytest.Function
	// Extensions are the paths of programs that run beside the function as Lambda
	// extensions. Set it before the first invocation.
	Extensions []string
	// InitTimeout is what initialization may take; default 10 s, as on Lambda. Set it
	// before the first invocation.
	InitTimeout time.Duration

	command []string // of the function
	env     []string // beside what Lambda sets
	xray    XRay
	logs    func(line string) // the function's output; may be nil

	// queueDelay is what an asynchronous event waits before its first attempt,
	// retryWait before each further one. Lambda waits one minute, then two.
	queueDelay, retryWait time.Duration

	turn        chan struct{} // held by the invocation that runs
	environment *environment  // nil: the next invocation is cold
	background  sync.WaitGroup
}

const (
	// initTimeout is Lambda's limit for initialization.
	initTimeout = 10 * time.Second // Platform.InitTimeout
	// shutdownGrace is what Lambda gives a function after SIGTERM.
	shutdownGrace = 500 * time.Millisecond
	// noPoll says what a process has not done that is gone, or killed, before
	// its first invocation.
	noPoll = "it asked for no event; does its main end in lambdaxray.Start or lambda.Start?"
	// maxAttempts is Lambda's default for asynchronous events.
	maxAttempts = 3
)

// accountID is the account in AWS's own examples.
const accountID = "123456789012"

// New returns a Platform for the function that command starts, with env beside
// what Lambda sets. logs, if it is not nil, gets each line that the function
// prints.
func New(fn xraytest.Function, command, env []string, x XRay, logs func(line string)) *Platform {
	fn.AccountID = accountID
	return &Platform{
		Function: fn, command: command, env: env, xray: x, logs: logs,
		queueDelay: 15 * time.Millisecond,
		retryWait:  250 * time.Millisecond,
		turn:       make(chan struct{}, 1),

		InitTimeout: initTimeout,
	}
}

// Request is one event for the function.
type Request struct {
	ID            string // default: a new one
	Payload       []byte
	TraceHeader   string // of the caller, may be empty
	ClientContext string
	Timeout       time.Duration  // default: the function's
	Links         []segment.Link // of the service segment; Poll only

	// Stream, if it is not nil, is called with the pieces of a streamed response as
	// they come; Call only.
	Stream func(piece []byte)
}

// Outcome is what came of a [Request].
type Outcome struct {
	xraytest.Result
	Trace Trace
	Log   []byte // the end of the function's output
}

// Call invokes the function synchronously.
func (p *Platform) Call(ctx context.Context, r Request) (Outcome, error) {
	t, err := ParseTrace(r.TraceHeader)
	if err != nil {
		return Outcome{}, err
	}
	return p.callIn(ctx, t, r)
}

// callIn is Call in a trace that is known.
func (p *Platform) callIn(ctx context.Context, t Trace, r Request) (Outcome, error) {
	received := time.Now()
	a, log, err := p.attempt(ctx, t, &r)
	if err != nil {
		return Outcome{}, err
	}
	p.write(t, serviceSegment(p.Function, t, r.ID, 200, received, a.ended))
	return Outcome{a.result, t, log}, nil
}

// Accept takes an event to be run in the background, and runs it again if it
// fails. done is called with the last attempt's outcome, unless ctx ends first.
func (p *Platform) Accept(ctx context.Context, r Request, done func(Outcome)) (Trace, error) {
	received := time.Now()
	t, err := ParseTrace(r.TraceHeader)
	if err != nil {
		return Trace{}, err
	}
	if r.ID == "" {
		r.ID = newRequestID()
	}
	accepted := received.Add(5 * time.Millisecond) // the 202
	p.background.Go(func() {
		if !sleep(ctx, p.queueDelay) {
			return
		}
		d := serviceSegment(p.Function, t, r.ID, 202, received, accepted)
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
				done(Outcome{a.result, t, log})
				return
			}
			if !sleep(ctx, p.retryWait) {
				return
			}
		}
	})
	return t, nil
}

// Poll invokes the function for a batch that Lambda read from a stream or a
// queue. There is no caller; the service segment ends after the final attempt
// and links to the traces of the messages.
func (p *Platform) Poll(ctx context.Context, r Request) (Outcome, error) {
	received := time.Now()
	t, err := ParseTrace("")
	if err != nil {
		return Outcome{}, err
	}
	var attempts []*segment.Document
	for n := 1; ; n++ {
		a, log, err := p.attempt(ctx, t, &r)
		if err != nil {
			return Outcome{}, err
		}
		attempts = append(attempts, attemptSubsegment(n, a))
		if a.failed() && n < maxAttempts {
			continue
		}
		d := serviceSegment(p.Function, t, r.ID, 200, received, a.ended)
		d.Links = r.Links
		if n > 1 {
			d.Subsegments = attempts
		}
		p.write(t, d)
		return Outcome{a.result, t, log}, nil
	}
}

// attempt runs the function once and writes its segment. A function that fails
// is no error; ctx done is.
func (p *Platform) attempt(ctx context.Context, t Trace, r *Request) (attempt, []byte, error) {
	if r.ID == "" {
		r.ID = newRequestID()
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
		a.failInit(r.ID, err)
	} else if err := p.run(ctx, e, t, r, &a); err != nil {
		return a, nil, err
	}
	p.xray.Drain(ctx)
	if e.out != nil {
		e.out.drain()
	}
	log := e.log.take()
	p.write(t, functionSegment(p.Function, t, a))
	return a, log, nil
}

// write sends a document of the platform's own to X-Ray.
func (p *Platform) write(t Trace, d *segment.Document) {
	if t.Sampled() {
		p.xray.PlatformDocument(d)
	}
}

// Close ends the environment, and waits for what runs in the background; its
// context must be done.
func (p *Platform) Close() {
	p.background.Wait()
	p.Retire(context.Background())
}

// Retire ends the environment with SIGTERM and some grace, and waits for what it
// then sent until ctx is done; the next invocation is cold.
func (p *Platform) Retire(ctx context.Context) {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if e := p.environment; e != nil {
		p.environment = nil
		e.process.stop(shutdownGrace)
		e.out.close()
		e.endExtensions("spindown")
		e.runtime.Close()
		e.log.take()
		p.xray.Drain(ctx)
	}
}

// Thaw lets the environment, if there is one, run on without an event.
func (p *Platform) Thaw() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if p.environment != nil {
		p.environment.thaw()
	}
}

// sleep reports whether d passed before ctx was done.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// newRequestID returns a random UUID.
func newRequestID() string {
	b := randomBytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
