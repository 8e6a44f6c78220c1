package exporter

import (
	"context"
	"sync"
	"time"
)

// timeoutContext is context.WithTimeout for those who mostly look at Deadline:
// one allocation until somebody waits for Done. And its time can start anew.
type timeoutContext struct {
	context.Context // the background
	timeout         time.Duration

	mu       sync.Mutex
	deadline time.Time
	real     context.Context
	cancel   context.CancelFunc
}

func newTimeoutContext(d time.Duration) *timeoutContext {
	return &timeoutContext{Context: context.Background(), timeout: d, deadline: time.Now().Add(d)}
}

// renew starts the time anew. Whoever waits for Done by now is told that it is
// done.
func (c *timeoutContext) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = time.Now().Add(c.timeout)
	if c.cancel != nil {
		c.cancel()
		c.real, c.cancel = nil, nil
	}
}

func (c *timeoutContext) Deadline() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deadline, true
}

func (c *timeoutContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real == nil {
		c.real, c.cancel = context.WithDeadline(c.Context, c.deadline)
	}
	return c.real.Done()
}

func (c *timeoutContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.real != nil:
		return c.real.Err()
	case !time.Now().Before(c.deadline):
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
