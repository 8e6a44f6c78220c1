package xraytest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	// maxResponse is Lambda's limit of a buffered response.
	maxResponse = 6<<20 + 100<<10
	// maxStream is Lambda's limit of a streamed one.
	maxStream = 200 << 20
)

func (r *Runtime) routes() http.Handler {
	const base = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", r.next)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", r.response)
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", r.failure)
	mux.HandleFunc("POST "+base+"/init/error", r.initFailure)
	r.extensionRoutes(mux)
	return mux
}

func (r *Runtime) next(w http.ResponseWriter, req *http.Request) {
	now := time.Now()
	if r.first.set(now) {
		r.emitInitDone("")
	}
	r.idle(now)

	var in *invocation
	select {
	case in = <-r.work:
	case <-req.Context().Done():
		return
	}
	started := time.Now()
	in.deadline = in.Deadline
	if in.deadline.IsZero() {
		in.deadline = started.Add(in.Timeout)
	}
	in.started.set(started)
	r.emitStart(in)
	r.ext.invoke(in)
	r.mu.Lock()
	r.known[in.RequestID] = in
	r.mu.Unlock()

	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", in.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", in.FunctionARN)
	for name, value := range map[string]string{
		"Lambda-Runtime-Trace-Id":         in.TraceHeader,
		"Lambda-Runtime-Client-Context":   in.ClientContext,
		"Lambda-Runtime-Cognito-Identity": in.CognitoIdentity,
		"Lambda-Runtime-Aws-Tenant-Id":    in.TenantID,
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if _, err := w.Write(in.Payload); err != nil {
		r.forget(in)
		in.fail("Runtime.ExitError", "the function closed its connection")
	}
}

// idle tells who asks for more that it is done with the invocation it answered first.
func (r *Runtime) idle(now time.Time) {
	r.mu.Lock()
	var in *invocation
	if len(r.answered) > 0 {
		in = r.answered[0]
		r.answered = slices.Delete(r.answered, 0, 1)
	}
	r.mu.Unlock()
	if in == nil {
		return
	}
	<-in.done // it is answered
	if r.fn.MaxConcurrency == 1 && !in.stopped {
		r.emitDone(in, now)
		if r.subscribed() {
			go r.reportWhenIdle()
		}
	}
	in.idle.set(now)
}

func (r *Runtime) response(w http.ResponseWriter, req *http.Request) {
	streaming := req.Header.Get("Lambda-Runtime-Function-Response-Mode") == "streaming"
	limit := int64(maxResponse)
	if streaming {
		limit = maxStream
	}
	in := r.lookup(w, req)
	if in == nil {
		return
	}
	responding := time.Now()
	var stream io.Reader = http.MaxBytesReader(w, req.Body, limit)
	if in.Stream != nil {
		stream = io.TeeReader(stream, streamWriter(in.Stream))
	}
	body, err := io.ReadAll(stream)
	result := Result{
		Payload:     body,
		ContentType: req.Header.Get("Content-Type"),
		Streaming:   streaming,
		Responded:   time.Now(),
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		r.forget(in)
		in.fail("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", limit))
		reject(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
		return
	case err != nil:
		r.forget(in)
		in.fail("Runtime.TruncatedResponse", err.Error())
		return // nobody is there to answer
	}
	// A stream that broke midway says so in its trailers, which are complete
	// only once the body has been read.
	if errorType := req.Trailer.Get("Lambda-Runtime-Function-Error-Type"); errorType != "" {
		result.FunctionError, result.ErrorType = "Unhandled", errorType
		if detail, err := base64.StdEncoding.DecodeString(req.Trailer.Get("Lambda-Runtime-Function-Error-Body")); err == nil {
			result.ErrorObject = detail
		}
	}
	r.answer(w, in, responding, result)
}

// streamWriter passes on what is written.
type streamWriter func(piece []byte)

func (f streamWriter) Write(piece []byte) (int, error) {
	f(piece)
	return len(piece), nil
}

func (r *Runtime) failure(w http.ResponseWriter, req *http.Request) {
	in := r.lookup(w, req)
	if in == nil {
		return
	}
	responding := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxResponse))
	if err != nil {
		r.forget(in)
		in.fail("Runtime.TruncatedResponse", err.Error())
		return
	}
	r.answer(w, in, responding, Result{
		Payload:       body,
		ErrorObject:   body,
		ContentType:   req.Header.Get("Content-Type"),
		FunctionError: "Unhandled",
		ErrorType:     errorType(req, body),
		XRayCause:     []byte(req.Header.Get("Lambda-Runtime-Function-Xray-Error-Cause")),
		Responded:     time.Now(),
	})
}

func (r *Runtime) initFailure(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxResponse))
	if err != nil {
		return // nobody is there to answer
	}
	r.mu.Lock()
	if r.initErr == nil {
		r.initErr = &InitError{Type: errorType(req, body), Payload: body}
		close(r.initFail)
		r.emitInitDone(cmp.Or(r.initErr.Type, "Runtime.Unknown"))
	}
	r.mu.Unlock()
	accept(w)
}

// errorType returns the type that a function reports, from the header or else
// from the error object.
func errorType(req *http.Request, body []byte) string {
	if t := req.Header.Get("Lambda-Runtime-Function-Error-Type"); t != "" {
		return t
	}
	var object struct {
		ErrorType string `json:"errorType"`
	}
	_ = json.Unmarshal(body, &object) // a body of another shape has no type
	return object.ErrorType
}

// lookup finds the invocation that is answered, or rejects the request.
func (r *Runtime) lookup(w http.ResponseWriter, req *http.Request) *invocation {
	id := req.PathValue("id")
	r.mu.Lock()
	in := r.known[id]
	r.mu.Unlock()
	if in == nil {
		_, _ = io.Copy(io.Discard, req.Body)
		reject(w, http.StatusBadRequest, "InvalidRequestID", "no event with request id "+id+" waits for an answer")
	}
	return in
}

func (r *Runtime) forget(in *invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, in.RequestID)
}

// answer finishes the invocation. One that has timed out is accepted all the
// same: Lambda would have killed the process, and aws-lambda-go exits when an
// answer is refused, which may be the test's own process.
func (r *Runtime) answer(w http.ResponseWriter, in *invocation, responding time.Time, result Result) {
	r.mu.Lock()
	in.responding = responding
	delete(r.known, in.RequestID)
	r.answered = append(r.answered, in)
	r.mu.Unlock()
	in.finish(result)
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n")
}

func reject(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": errorType, "errorMessage": message})
}
