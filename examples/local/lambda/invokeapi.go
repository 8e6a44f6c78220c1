package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// InvokeAPI is Lambda's Invoke and InvokeWithResponseStream for the one local
// function.
//
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
type InvokeAPI struct {
	Platform *Platform
	// Traced is called after every invocation whose trace is complete. It may be
	// called from several goroutines at once.
	Traced func(title string, o Outcome)
	// Life ends when the program does: an event outlives its request.
	Life context.Context
}

// Lambda's limits of a payload, in bytes.
const (
	maxSyncPayload  = 6 << 20
	maxEventPayload = 1 << 20
)

// ServeHTTP answers one call.
func (a *InvokeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", newRequestID())
	name, streaming, ok := functionName(r)
	switch {
	case r.Header.Get("Origin") != "":
		fail(w, http.StatusForbidden, "AccessDeniedException", "the local Lambda answers no web page")
	case !ok:
		fail(w, http.StatusNotFound, "ResourceNotFoundException", "the local Lambda serves POST /2015-03-31/functions/{name}/invocations and POST /2021-11-15/functions/{name}/response-streaming-invocations only, not "+r.Method+" "+r.URL.Path)
	case !a.is(name):
		fail(w, http.StatusNotFound, "ResourceNotFoundException", fmt.Sprintf("Function not found: %s (the local function is %s)", name, a.Platform.Function.Name))
	case r.Method != http.MethodPost:
		fail(w, http.StatusMethodNotAllowed, "InvalidRequestContentException", "invoke is a POST, not a "+r.Method)
	default:
		a.invoke(w, r, streaming)
	}
}

// functionName cuts the name out of the path. It may be an ARN, escaped or not.
func functionName(r *http.Request) (name string, streaming, ok bool) {
	path := r.URL.EscapedPath()
	name, ok = cutBoth(path, "/2015-03-31/functions/", "/invocations")
	if !ok {
		name, ok = cutBoth(path, "/2021-11-15/functions/", "/response-streaming-invocations")
		streaming = ok
	}
	name, err := url.PathUnescape(name)
	return name, streaming, ok && err == nil && name != ""
}

func cutBoth(s, prefix, suffix string) (string, bool) {
	s, begins := strings.CutPrefix(s, prefix)
	s, ends := strings.CutSuffix(s, suffix)
	return s, begins && ends
}

// is reports whether name is the local function in any form the API takes:
// name, name:qualifier, ARN, partial ARN.
func (a *InvokeAPI) is(name string) bool {
	if i := strings.LastIndex(name, "function:"); i >= 0 {
		name = name[i+len("function:"):]
	} else if i := strings.IndexByte(name, ':'); i >= 0 && name[:i] == a.Platform.Function.AccountID {
		name = name[i+1:]
	}
	name, _, _ = strings.Cut(name, ":")
	return name == a.Platform.Function.Name
}

func (a *InvokeAPI) invoke(w http.ResponseWriter, r *http.Request, streaming bool) {
	kind := r.Header.Get("X-Amz-Invocation-Type")
	limit := int64(maxSyncPayload)
	if kind == "Event" {
		limit = maxEventPayload
	}
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", fmt.Sprintf("Request must be smaller than %d bytes for the Invoke operation", limit))
		return
	case err != nil:
		return // the caller is gone
	case len(payload) == 0:
		payload = []byte("{}")
	case !json.Valid(payload):
		fail(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json: the payload is not valid JSON")
		return
	}
	req := Request{Payload: payload, TraceHeader: r.Header.Get("X-Amzn-Trace-Id")}
	if c := r.Header.Get("X-Amz-Client-Context"); c != "" {
		decoded, err := base64.StdEncoding.DecodeString(c)
		if err != nil || !json.Valid(decoded) {
			fail(w, http.StatusBadRequest, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object")
			return
		}
		req.ClientContext = string(decoded)
	}
	if _, err := ParseTrace(req.TraceHeader); err != nil {
		req.TraceHeader = "" // a front door replaces what it cannot read
	}
	switch {
	case (kind == "" || kind == "RequestResponse") && streaming:
		a.stream(w, r, req)
	case kind == "" || kind == "RequestResponse":
		a.requestResponse(w, r, req)
	case kind == "Event" && !streaming:
		t, err := a.Platform.Accept(a.Life, req, func(o Outcome) { a.Traced("Asynchronous event", o) })
		if err != nil {
			fail(w, http.StatusInternalServerError, "ServiceException", err.Error())
			return
		}
		setTraceID(w, t)
		w.WriteHeader(http.StatusAccepted)
	case kind == "DryRun":
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusBadRequest, "InvalidParameterValueException", fmt.Sprintf("X-Amz-Invocation-Type is %q, want RequestResponse, Event or DryRun", kind))
	}
}

func (a *InvokeAPI) requestResponse(w http.ResponseWriter, r *http.Request, req Request) {
	// The function runs to its end even if the caller hangs up.
	o, err := a.Platform.Call(a.Life, req)
	if err != nil {
		fail(w, http.StatusServiceUnavailable, "ServiceException", "the local Lambda is ending")
		return
	}
	h := w.Header()
	h.Set("X-Amzn-Requestid", o.RequestID)
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("Content-Type", "application/json")
	setTraceID(w, o.Trace)
	if o.FunctionError != "" {
		h.Set("X-Amz-Function-Error", o.FunctionError)
	}
	if r.Header.Get("X-Amz-Log-Type") == "Tail" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(o.logResult()))
	}
	w.Write(o.Payload)
	a.Traced("Synchronous call", o)
}

// logResult is the end of the invocation's log as Lambda writes it.
func (o Outcome) logResult() []byte {
	took := o.Responded.Sub(o.Started)
	billed := (took + time.Millisecond - 1) / time.Millisecond
	log := fmt.Appendf(nil, "START RequestId: %s Version: $LATEST\n", o.RequestID)
	log = append(log, o.Log...)
	if n := len(o.Log); n > 0 && o.Log[n-1] != '\n' {
		log = append(log, '\n')
	}
	log = fmt.Appendf(log, "END RequestId: %s\nREPORT RequestId: %[1]s\tDuration: %.2f ms\tBilled Duration: %d ms\n", o.RequestID, took.Seconds()*1e3, billed)
	if o.Trace.Sampled() {
		log = fmt.Appendf(log, "XRAY TraceId: %s\tSegmentId: %s\tSampled: true\n", o.Trace.ID(), o.Trace.service)
	}
	return log[max(len(log)-logTailSize, 0):]
}

func setTraceID(w http.ResponseWriter, t Trace) {
	sampled := "1"
	if !t.Sampled() {
		sampled = "0"
	}
	w.Header().Set("X-Amzn-Trace-Id", "Root="+t.ID()+";Sampled="+sampled)
}

// fail writes an error as the SDKs read it.
func fail(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": message})
}
