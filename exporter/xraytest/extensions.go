package xraytest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Extension is a Lambda extension that has registered with a [Runtime].
type Extension struct {
	Name   string   // the name of its file
	Events []string // INVOKE, SHUTDOWN
	Errors []string // what it posted to init/error and exit/error, each of which fails a function on Lambda
	// Refused is how often it did not take a batch of the Telemetry API that it had
	// subscribed to: Lambda sends that again.
	Refused int
}

// shutdownTime is what Lambda gives extensions at the end.
const shutdownTime = 2 * time.Second

// extensions is the Extensions API of a Runtime: each INVOKE goes to the function and
// to every extension that asked for it at the same time.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
type extensions struct {
	mu      sync.Mutex
	all     []*extension
	changed chan struct{} // closed and made anew at every change
	since   time.Time     // an extension has asked for the next event
}

type extension struct {
	Extension
	id      string
	queue   []any // events to be told
	waiting bool  // it asks for the next one
}

func newExtensions() *extensions { return &extensions{changed: make(chan struct{})} }

// change is called with the lock held.
func (x *extensions) change() {
	close(x.changed)
	x.changed = make(chan struct{})
}

func (r *Runtime) extensionRoutes(mux *http.ServeMux) {
	const base = "/2020-01-01/extension"
	mux.HandleFunc("POST "+base+"/register", r.registerExtension)
	mux.HandleFunc("GET "+base+"/event/next", r.nextExtensionEvent)
	mux.HandleFunc("POST "+base+"/init/error", r.extensionError)
	mux.HandleFunc("POST "+base+"/exit/error", r.extensionError)
	mux.HandleFunc("PUT /2022-07-01/telemetry", r.subscribe)
}

func (r *Runtime) registerExtension(w http.ResponseWriter, req *http.Request) {
	var body struct {
		Events []string `json:"events"`
	}
	name := req.Header.Get("Lambda-Extension-Name")
	err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<20)).Decode(&body)
	if name == "" || err != nil {
		reject(w, http.StatusBadRequest, "InvalidRequest", fmt.Sprintf("Lambda-Extension-Name is %q, the body: %v", name, err))
		return
	}
	for _, e := range body.Events {
		managed := r.fn.MaxConcurrency > 1 || r.fn.InitializationType == "lambda-managed-instances"
		if e != "INVOKE" && e != "SHUTDOWN" || e == "INVOKE" && managed {
			reject(w, http.StatusBadRequest, "Extension.InvalidEventType", "an extension may not ask for "+e+" here")
			return
		}
	}
	e := &extension{Extension: Extension{Name: name, Events: body.Events}, id: newRequestID()}
	r.ext.mu.Lock()
	r.ext.all = append(r.ext.all, e)
	r.ext.change()
	r.ext.mu.Unlock()
	w.Header().Set("Lambda-Extension-Identifier", e.id)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{
		"functionName": r.fn.Name, "functionVersion": r.fn.Version, "handler": r.fn.Handler, "accountId": r.fn.AccountID,
	})
}

// find returns the extension that a request is of, or rejects it.
func (x *extensions) find(w http.ResponseWriter, req *http.Request) *extension {
	id := req.Header.Get("Lambda-Extension-Identifier")
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.all {
		if e.id == id {
			return e
		}
	}
	reject(w, http.StatusForbidden, "Extension.UnknownExtensionIdentifier", "no extension has the identifier "+id)
	return nil
}

func (r *Runtime) nextExtensionEvent(w http.ResponseWriter, req *http.Request) {
	e := r.ext.find(w, req)
	if e == nil {
		return
	}
	for {
		r.ext.mu.Lock()
		if len(e.queue) > 0 {
			event := e.queue[0]
			e.queue, e.waiting = e.queue[1:], false
			r.ext.change()
			r.ext.mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(event) // who is gone needs no event
			return
		}
		if !e.waiting {
			e.waiting, r.ext.since = true, time.Now()
			r.ext.change()
		}
		changed := r.ext.changed
		r.ext.mu.Unlock()
		select {
		case <-changed:
		case <-req.Context().Done():
			r.ext.mu.Lock()
			e.waiting = false
			r.ext.mu.Unlock()
			return
		}
	}
}

func (r *Runtime) extensionError(w http.ResponseWriter, req *http.Request) {
	e := r.ext.find(w, req)
	if e == nil {
		return
	}
	text, _ := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20)) // a part says enough
	r.ext.mu.Lock()
	e.Errors = append(e.Errors, req.Header.Get("Lambda-Extension-Function-Error-Type")+": "+string(text))
	r.ext.mu.Unlock()
	accept(w)
}

// tell queues an event for every extension that asked for its kind.
func (x *extensions) tell(kind string, event any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.all {
		if slices.Contains(e.Events, kind) {
			e.queue = append(e.queue, event)
		}
	}
	x.change()
}

func (x *extensions) invoke(in *invocation) {
	x.tell("INVOKE", map[string]any{
		"eventType":          "INVOKE",
		"deadlineMs":         in.deadline.UnixMilli(),
		"requestId":          in.RequestID,
		"invokedFunctionArn": in.FunctionARN,
		"tracing":            map[string]string{"type": "X-Amzn-Trace-Id", "value": in.TraceHeader},
	})
}

// Shutdown tells the extensions that asked for it that the environment ends: reason is
// spindown, timeout or failure. Lambda then gives them 2 s to exit.
func (r *Runtime) Shutdown(reason string) {
	r.emitReport()
	r.tel.flush()
	r.ext.tell("SHUTDOWN", map[string]any{
		"eventType":      "SHUTDOWN",
		"shutdownReason": reason,
		"deadlineMs":     time.Now().Add(shutdownTime).UnixMilli(),
	})
}

// Extensions returns the extensions that have registered, in order.
func (r *Runtime) Extensions() []Extension {
	r.ext.mu.Lock()
	defer r.ext.mu.Unlock()
	var all []Extension
	for _, e := range r.ext.all {
		e := e.Extension
		e.Errors = slices.Clone(e.Errors)
		e.Refused = r.tel.refused(e.Name)
		all = append(all, e)
	}
	return all
}

// idleSince returns when an extension last asked for the next event.
func (x *extensions) idleSince() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.since
}

// WaitExtensions waits until n extensions have registered, have been told of every
// event and wait for the next: the environment freezes when the function does too.
func (r *Runtime) WaitExtensions(ctx context.Context, n int) error {
	for {
		r.ext.mu.Lock()
		idle := 0
		for _, e := range r.ext.all {
			if e.waiting && len(e.queue) == 0 {
				idle++
			}
		}
		total, changed := len(r.ext.all), r.ext.changed
		r.ext.mu.Unlock()
		if idle == total && idle >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("runtime: %d of %d extensions wait for the next event: %w", idle, n, context.Cause(ctx))
		}
	}
}
