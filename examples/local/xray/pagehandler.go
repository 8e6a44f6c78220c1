package xray

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// PageOptions is what the page's API needs beside the store.
type PageOptions struct {
	// Health, if it is not nil, adds what the store does not know.
	Health func(*PageHealth)
	// Invoke, if it is not nil, runs the function.
	Invoke func(context.Context, PageInvocation) (PageOutcome, error)
}

// NewPageHandler serves the page's API over a store: /api/… as listed above the
// types. Whoever serves it checks Host and Origin before, as package page does.
func NewPageHandler(s *Store, o PageOptions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/graph", answerPage(func(q query) (any, error) { return s.pageGraph(q) }))
	mux.HandleFunc("GET /api/series", answerPage(func(q query) (any, error) { return s.pageSeries(q) }))
	mux.HandleFunc("GET /api/traces", answerPage(func(q query) (any, error) { return s.pageTraces(q) }))
	mux.HandleFunc("GET /api/trace/{id}", answerPage(func(q query) (any, error) { return s.pageTrace(q.request.PathValue("id")) }))
	mux.HandleFunc("GET /api/trace/{id}/spans", answerPage(func(q query) (any, error) { return s.pageSpans(q.request.PathValue("id")) }))
	mux.HandleFunc("GET /api/trace/{id}/mapped", answerPage(func(q query) (any, error) {
		return s.pageMapped(q.request.PathValue("id"), q.text("settings"))
	}))
	mux.HandleFunc("GET /api/complete", answerPage(func(q query) (any, error) { return s.pageCompletion(q) }))
	mux.HandleFunc("GET /api/health", answerPage(func(query) (any, error) {
		health := s.Health()
		if o.Health != nil {
			o.Health(&health)
		}
		return health, nil
	}))
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("POST /api/invoke", answerPage(func(q query) (any, error) { return invoke(q.request, o.Invoke) }))
	mux.HandleFunc("/api/", answerPage(func(q query) (any, error) {
		return nil, &pageError{status: http.StatusNotFound, message: q.request.Method + " " + q.request.URL.Path + " is not served here"}
	}))
	return mux
}

// pageError is what a [PageError] says, and the status it comes with.
type pageError struct {
	status    int
	message   string
	parameter string
	column    int
}

func (e *pageError) Error() string { return e.message }

func badParameter(name, format string, args ...any) error {
	return &pageError{status: http.StatusBadRequest, parameter: name, message: fmt.Sprintf(format, args...)}
}

// answerPage writes what do returns as JSON.
func answerPage(do func(query) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := do(query{r})
		status := http.StatusOK
		if err != nil {
			e, known := errors.AsType[*pageError](err)
			if !known {
				e = &pageError{status: http.StatusInternalServerError, message: err.Error()}
			}
			var body PageError
			body.Error.Message, body.Error.Parameter, body.Error.Column = e.message, e.parameter, e.column
			status, out = e.status, body
		}
		text, err := json.Marshal(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_, _ = w.Write(text) // the page may be gone
	}
}

// query reads the parameters of a request.
type query struct{ request *http.Request }

func (q query) text(name string) string { return q.request.FormValue(name) }

func (q query) seconds(name string) (float64, error) {
	text := q.text(name)
	if text == "" {
		return 0, nil
	}
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s >= 0 && s <= maxTime) {
		return 0, badParameter(name, "%s must be seconds since 1970, is %.40q", name, text)
	}
	return s, nil
}

// between reads from and to.
func (q query) between() (from, to float64, err error) {
	if from, err = q.seconds("from"); err != nil {
		return 0, 0, err
	}
	if to, err = q.seconds("to"); err != nil {
		return 0, 0, err
	}
	if to != 0 && to < from {
		return 0, 0, badParameter("to", "to must not be before from")
	}
	return from, to, nil
}

func (q query) count(name string, fallback, most int) (int, error) {
	text := q.text(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badParameter(name, "%s must be 1 to %d, is %.40q", name, most, text)
	}
	return n, nil
}

func (q query) filter() (*filter.Filter, error) {
	f, err := filter.Parse(q.text("filter"))
	if syntax, is := errors.AsType[*filter.SyntaxError](err); is {
		return nil, &pageError{status: http.StatusBadRequest, parameter: "filter", message: syntax.Message, column: syntax.Column}
	}
	return f, err
}

// maxInvokeBody is Lambda's limit of a synchronous event, and room for the rest.
const maxInvokeBody = 6<<20 + 1<<10

func invoke(r *http.Request, run func(context.Context, PageInvocation) (PageOutcome, error)) (any, error) {
	if run == nil {
		return nil, &pageError{status: http.StatusNotFound, message: "no function runs here"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxInvokeBody))
	if err != nil {
		return nil, &pageError{status: http.StatusRequestEntityTooLarge, message: err.Error()}
	}
	var in PageInvocation
	if err := json.Unmarshal(body, &in); len(body) > 0 && err != nil {
		return nil, badParameter("", "the body must be {\"payload\": …, \"type\": …}: %v", err)
	}
	if in.Type != "" && in.Type != "RequestResponse" && in.Type != "Event" {
		return nil, badParameter("type", "type must be RequestResponse or Event, is %.40q", in.Type)
	}
	if in.Payload == nil {
		in.Payload = map[string]any{}
	}
	return run(r.Context(), in)
}

// eventPause is how long the page is left alone after an event: four a second.
const eventPause = 250 * time.Millisecond

// events tells the page that something has changed.
func (s *Store) events(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	control := http.NewResponseController(w)
	for {
		seq, next := s.Changed()
		text, err := json.Marshal(s.event(seq))
		if err != nil {
			return // cannot happen
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: change\ndata: %s\n\n", seq, text); err != nil {
			return
		}
		if control.Flush() != nil {
			return
		}
		pause := time.NewTimer(eventPause)
		select {
		case <-pause.C:
		case <-r.Context().Done():
			pause.Stop()
			return
		}
		beat := time.NewTimer(15 * time.Second) // so that a connection that is gone is noticed
		select {
		case <-next:
		case <-beat.C:
		case <-r.Context().Done():
			beat.Stop()
			return
		}
		beat.Stop()
	}
}

func (s *Store) event(seq int) PageEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return PageEvent{Seq: seq, Traces: len(s.traces), Documents: s.health.documents, Bad: s.health.bad, Reloads: append([]float64{}, s.reloads...)}
}

// Health returns what came in and what was wrong with it, as far as the store
// knows.
func (s *Store) Health() PageHealth {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.health.page()
	out.Seq, out.Traces, out.Bytes, out.MaxBytes = s.seq, len(s.traces), s.bytes, s.maxBytes
	return out
}
