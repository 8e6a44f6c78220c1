package xraytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// telemetry is the Telemetry API of a Runtime: extensions subscribe to events, and get
// them in batches, in order.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
type telemetry struct {
	mu        sync.Mutex
	early     []telemetryEvent // those of initialization, for who subscribes later
	closed    bool             // no one may subscribe any more
	all       []*subscriber
	pending   *invocation // it is idle, its extensions are not yet
	reporting sync.Mutex  // reports go out in the order of their invocations
}

// maxEarly is how many events wait for somebody to subscribe.
const maxEarly = 1000

type telemetryEvent struct {
	stream string // platform, function, extension
	text   json.RawMessage
}

// subscription is what an extension asks for.
type subscription struct {
	SchemaVersion string   `json:"schemaVersion"`
	Types         []string `json:"types"`
	Buffering     struct {
		MaxItems  *int `json:"maxItems"`
		MaxBytes  *int `json:"maxBytes"`
		TimeoutMs *int `json:"timeoutMs"`
	} `json:"buffering"`
	Destination struct {
		Protocol string `json:"protocol"`
		URI      string `json:"URI"`
	} `json:"destination"`
}

// subscribe answers PUT /2022-07-01/telemetry. In place of sandbox.localdomain, which a
// machine may not know, a destination may name loopback.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
func (r *Runtime) subscribe(w http.ResponseWriter, req *http.Request) {
	e := r.ext.find(w, req)
	if e == nil {
		return
	}
	var s subscription
	if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<20)).Decode(&s); err != nil {
		reject(w, http.StatusBadRequest, "ValidationError", "the body: "+err.Error())
		return
	}
	sub, err := newSubscriber(e.Name, &s)
	if err != nil {
		reject(w, http.StatusBadRequest, "ValidationError", err.Error())
		return
	}
	t := &r.tel
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		reject(w, http.StatusForbidden, "Telemetry.SubscriptionClosed", "an extension subscribes before the first invocation")
		return
	}
	t.all = slices.DeleteFunc(t.all, func(old *subscriber) bool { return old.name == sub.name })
	t.all = append(t.all, sub)
	for _, event := range t.early {
		sub.add(event)
	}
	t.mu.Unlock()
	go sub.run(r)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`"OK"`)) // who is gone needs no answer
	r.emit("platform", "platform.telemetrySubscription", map[string]any{"name": e.Name, "state": "Subscribed", "types": s.Types})
}

func newSubscriber(name string, s *subscription) (*subscriber, error) {
	if !slices.Contains([]string{"2022-07-01", "2022-12-13", "2025-01-29"}, s.SchemaVersion) {
		return nil, fmt.Errorf("schemaVersion is %q, want 2025-01-29, 2022-12-13 or 2022-07-01", s.SchemaVersion)
	}
	if len(s.Types) == 0 {
		return nil, errors.New("types should not be empty")
	}
	for _, stream := range s.Types {
		if !slices.Contains([]string{"platform", "function", "extension"}, stream) {
			return nil, fmt.Errorf("types has %q, want platform, function or extension", stream)
		}
	}
	sub := &subscriber{name: name, types: s.Types, items: 10_000, bytes: 256 << 10, timeout: time.Second, wake: make(chan struct{}, 1), changed: make(chan struct{})}
	timeout := 1000
	for _, limit := range []struct {
		name     string
		asked    *int
		set      *int
		min, max int
	}{
		{"maxItems", s.Buffering.MaxItems, &sub.items, 1000, 10_000},
		{"maxBytes", s.Buffering.MaxBytes, &sub.bytes, 256 << 10, 1 << 20},
		{"timeoutMs", s.Buffering.TimeoutMs, &timeout, 25, 30_000},
	} {
		if limit.asked == nil {
			continue
		}
		if n := *limit.asked; n < limit.min || n > limit.max {
			return nil, fmt.Errorf("buffering.%s is %d, want %d to %d", limit.name, n, limit.min, limit.max)
		}
		*limit.set = *limit.asked
	}
	sub.timeout = time.Duration(timeout) * time.Millisecond
	if s.Destination.Protocol != "HTTP" {
		return nil, fmt.Errorf("destination.protocol is %q, want HTTP (TCP is not played here)", s.Destination.Protocol)
	}
	uri, err := url.Parse(s.Destination.URI)
	if err != nil || uri.Scheme != "http" || uri.Port() == "" {
		return nil, fmt.Errorf("destination.URI is %q, want http://sandbox.localdomain:port", s.Destination.URI)
	}
	switch host := uri.Hostname(); {
	case host == "sandbox.localdomain" || host == "sandbox" || host == "localhost" || host == "":
		uri.Host = net.JoinHostPort("127.0.0.1", uri.Port())
	case !net.ParseIP(host).IsLoopback():
		return nil, fmt.Errorf("destination.URI is %q, want a host within the environment: sandbox.localdomain", s.Destination.URI)
	}
	sub.uri = uri.String()
	return sub, nil
}

// emit sends an event to those who have asked for its stream.
func (r *Runtime) emit(stream, eventType string, record any) {
	text, err := json.Marshal(map[string]any{"time": stamp(time.Now()), "type": eventType, "record": record})
	if err != nil {
		return // it cannot fail
	}
	event := telemetryEvent{stream, text}
	r.tel.mu.Lock()
	defer r.tel.mu.Unlock()
	if !r.tel.closed && len(r.tel.early) < maxEarly {
		r.tel.early = append(r.tel.early, event)
	}
	for _, s := range r.tel.all {
		s.add(event)
	}
}

// subscribed reports whether there is anybody to be told.
func (r *Runtime) subscribed() bool {
	r.tel.mu.Lock()
	defer r.tel.mu.Unlock()
	return len(r.tel.all) > 0
}

// reportWhenIdle tells of an invocation when its extensions are idle, if that is not
// seen elsewhere before.
func (r *Runtime) reportWhenIdle() {
	ctx, cancel := r.open()
	defer cancel()
	if r.WaitExtensions(ctx, 0) == nil {
		r.emitReport()
	}
}

// open returns a context that is done when r is closed.
func (r *Runtime) open() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-r.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// flush has all that is buffered sent now.
func (t *telemetry) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.all {
		s.flush()
	}
}

func (t *telemetry) refused(name string) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.all {
		if s.name == name {
			s.mu.Lock()
			n += s.refused
			s.mu.Unlock()
		}
	}
	return n
}

// stamp writes a time as Lambda does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// Log tells the extensions that have subscribed to function logs of a line that the
// function wrote.
func (r *Runtime) Log(line string) { r.emit("function", "function", line) }

// DrainTelemetry sends extensions the events that they have subscribed to, at once, and
// waits until they have taken them.
func (r *Runtime) DrainTelemetry(ctx context.Context) error {
	r.tel.flush()
	r.tel.mu.Lock()
	all := slices.Clone(r.tel.all)
	r.tel.mu.Unlock()
	for _, s := range all {
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// subscriber is an extension that gets events.
type subscriber struct {
	name         string
	types        []string
	uri          string
	items, bytes int // of a batch
	timeout      time.Duration
	wake         chan struct{} // a batch is to be sent

	mu      sync.Mutex
	batch   []json.RawMessage
	size    int
	due     *time.Timer
	sending bool
	refused int
	changed chan struct{} // closed and made anew when a batch was sent
}

func (s *subscriber) add(e telemetryEvent) {
	if !slices.Contains(s.types, e.stream) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch = append(s.batch, e.text)
	s.size += len(e.text)
	if len(s.batch) >= s.items || s.size >= s.bytes {
		s.flush()
	} else if len(s.batch) == 1 {
		s.due = time.AfterFunc(s.timeout, s.flush)
	}
}

// flush has the batch sent now.
func (s *subscriber) flush() {
	select {
	case s.wake <- struct{}{}:
	default: // it is to be sent already
	}
}

// maxTries is how often a batch is sent: Lambda tries again too.
const maxTries = 3

// run sends batches until the runtime is closed.
func (s *subscriber) run(r *Runtime) {
	ctx, cancel := r.open()
	defer cancel()
	for {
		select {
		case <-s.wake:
		case <-r.closed:
			return
		}
		s.mu.Lock()
		batch := s.batch
		s.batch, s.size, s.sending = nil, 0, len(batch) > 0
		if s.due != nil {
			s.due.Stop()
		}
		s.mu.Unlock()
		refused := 0
		for len(batch) > 0 && refused < maxTries && !s.post(ctx, batch) {
			refused++
		}
		s.mu.Lock()
		s.sending = false
		s.refused += refused
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
	}
}

// post reports whether the extension has taken the batch.
func (s *subscriber) post(ctx context.Context, batch []json.RawMessage) bool {
	body, err := json.Marshal(batch)
	if err != nil {
		return true // it cannot fail
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.uri, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ctx.Err() != nil // at the end nobody has to take it
	}
	_ = resp.Body.Close() // the status says it
	return resp.StatusCode < 300
}

// wait waits until there is nothing to be sent.
func (s *subscriber) wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		idle, changed := len(s.batch) == 0 && !s.sending, s.changed
		s.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("runtime: the extension %s has not taken its events: %w", s.name, context.Cause(ctx))
		}
	}
}
