package awsxraylambdaexporter

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// waiting are the requests that exporterhelper's retries hold, with what they
// do not say when they come back: when the first attempt was, and how many spans
// are still to be sent. A request is known by what it points to. What is here at
// the end never came back.
type waiting struct {
	mu       sync.Mutex
	requests map[ptrace.Traces]waitingRequest
}

type waitingRequest struct {
	began time.Time
	spans int
}

// put notes a request that is given back to be sent again.
func (w *waiting) put(td ptrace.Traces, began time.Time, spans int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests == nil {
		w.requests = make(map[ptrace.Traces]waitingRequest)
	}
	w.requests[td] = waitingRequest{began, spans}
}

// take returns the time of a request's first attempt: now for a new one.
func (w *waiting) take(td ptrace.Traces) (began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.requests[td]
	if !ok {
		return time.Now()
	}
	delete(w.requests, td)
	return r.began
}

// rest returns how many spans never came back, and forgets them.
func (w *waiting) rest() (spans int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.requests {
		spans += r.spans
	}
	w.requests = nil
	return spans
}
