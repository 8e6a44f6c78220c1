package exporter

import (
	"context"
	"sync"
	"time"
)

// timeoutContext is context.WithTimeout for those who mostly look at nothing: one
// allocation until somebody waits for Done. Its time starts when it is first
// looked at, and can start anew.
type timeoutContext struct {
	context.Context // the background
	timeout         time.Duration

	mu       sync.Mutex
	deadline time.Time // zero: not looked at
	real     context.Context
	cancel   context.CancelFunc
}

func newTimeoutContext(d time.Duration) *timeoutContext {
	return &timeoutContext{Context: context.Background(), timeout: d}
}

// renew starts the time anew. Whoever waits for Done by now is told that it is
// done.
func (c *timeoutContext) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = time.Time{}
	if c.cancel != nil {
		c.cancel()
		c.real, c.cancel = nil, nil
	}
}

func (c *timeoutContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end(), true
}

// end returns the deadline, and starts the time.
func (c *timeoutContext) end() time.Time {
	if c.deadline.IsZero() {
		c.deadline = time.Now().Add(c.timeout)
	}
	return c.deadline
}

func (c *timeoutContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real == nil {
		c.real, c.cancel = context.WithDeadline(c.Context, c.end())
	}
	return c.real.Done()
}

func (c *timeoutContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.real != nil:
		return c.real.Err()
	case !time.Now().Before(c.end()):
		return context.DeadlineExceeded
	}
	return nil
}

// stop releases the timer that Done started.
func (c *timeoutContext) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
}
