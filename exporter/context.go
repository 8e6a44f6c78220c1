package exporter

import (
	"context"
	"sync"
	"time"
)

// timeoutContext is context.WithTimeout for those who mostly look at Deadline:
// one allocation until somebody waits for Done.
type timeoutContext struct {
	context.Context // the background
	deadline        time.Time

	mu     sync.Mutex
	real   context.Context
	cancel context.CancelFunc
}

func newTimeoutContext(d time.Duration) *timeoutContext {
	return &timeoutContext{Context: context.Background(), deadline: time.Now().Add(d)}
}

func (c *timeoutContext) Deadline() (time.Time, bool) { return c.deadline, true }

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
