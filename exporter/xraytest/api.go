package xraytest

import (
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
)

// API answers as that part of X-Ray's HTTP API that writers call; the AWS SDKs
// can call it with any credentials. It is an [http.Handler] and serves
// PutTraceSegments, GetSamplingRules and GetSamplingTargets.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
type API struct {
	strict   bool
	keep     int // documents; negative: all
	fault    func(call int, r *http.Request) *Fault
	document func(doc []byte)
	sampling *SamplingRules
	mux      *http.ServeMux

	mu    sync.Mutex
	kept  [][]byte
	stats APIStats
}

// APIStats counts what an [API] saw.
type APIStats struct {
	Calls       map[string]int // by path, as in /TraceSegments; those with a fault too
	Faults      int            // calls that were answered with an injected error or reset
	Documents   int            // documents taken
	Unprocessed int            // documents refused
}

// Fault is what goes wrong with one call.
type Fault struct {
	Delay time.Duration // before anything else; ends early if the client gives up
	Reset bool          // close the connection without an answer

	Status    int    // answer with this status; 0 means none of it
	ErrorType string // default: what X-Ray uses with the status
	Message   string // default: the error type

	// Unprocessed refuses the documents for whose id it returns true, with
	// ErrorType as their code; the call itself succeeds. PutTraceSegments only.
	Unprocessed func(id string) bool
}

// APIOption configures an [API].
type APIOption interface{ applyAPI(*API) }

type apiOption func(*API)

func (o apiOption) applyAPI(a *API) { o(a) }

// WithFault injects faults. f is asked before each call, with the call's number
// among those to the same path, from 1; nil lets the call pass. It must be safe
// for concurrent use and must not read the body.
func WithFault(f func(call int, r *http.Request) *Fault) APIOption {
	return apiOption(func(a *API) { a.fault = f })
}

// WithStrict refuses every document that [CheckDocument] objects to. Without it
// the API does as X-Ray: it refuses what it cannot store, which is what a
// [segment.Violation] with an ErrorCode says, and takes the rest.
func WithStrict() APIOption { return apiOption(func(a *API) { a.strict = true }) }

// WithDocumentFunc has f called with every document taken. It must be safe for
// concurrent use.
func WithDocumentFunc(f func(doc []byte)) APIOption {
	return apiOption(func(a *API) { a.document = f })
}

// NewAPI returns an API that keeps the documents it takes; see [WithKeep].
func NewAPI(opts ...APIOption) *API {
	a := &API{keep: -1, sampling: NewSamplingRules(), mux: http.NewServeMux(), stats: APIStats{Calls: make(map[string]int)}}
	for _, o := range opts {
		o.applyAPI(a)
	}
	a.mux.Handle("POST /GetSamplingRules", a.sampling)
	a.mux.Handle("POST /SamplingTargets", a.sampling)
	a.mux.HandleFunc("/", operation.Unknown)
	return a
}

// Start serves the API on a free loopback port for the length of a test and
// returns its URL, which the SDKs take as endpoint.
func (a *API) Start(t T) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: a, ReadHeaderTimeout: time.Minute}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(listener) }) // ends with Close
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		done.Wait()
	})
	return "http://" + listener.Addr().String()
}

// Documents returns the documents taken, in order of arrival.
func (a *API) Documents() [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.kept)
}

// Stats returns the counters.
func (a *API) Stats() APIStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := a.stats
	out.Calls = maps.Clone(out.Calls)
	return out
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.stats.Calls[r.URL.Path]++
	call := a.stats.Calls[r.URL.Path]
	a.mu.Unlock()
	var fault *Fault
	if a.fault != nil {
		fault = a.fault(call, r)
	}
	if fault == nil {
		fault = &Fault{}
	}
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
		}
	}
	if fault.Reset || fault.Status != 0 {
		a.mu.Lock()
		a.stats.Faults++
		a.mu.Unlock()
		fault.answer(w, r)
		return
	}
	if r.Method == http.MethodPost && r.URL.Path == "/TraceSegments" {
		operation.Handler(func(in operation.Segments) (operation.Unprocessed, error) {
			return a.putTraceSegments(in, fault)
		})(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// answer ends a call with the fault.
func (f *Fault) answer(w http.ResponseWriter, r *http.Request) {
	if f.Reset {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // HTTP/2: ends the stream, and net/http expects it
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset and not an orderly end
		}
		conn.Close()
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	errorType := f.ErrorType
	if errorType == "" {
		errorType = errorTypes[f.Status]
	}
	if errorType == "" {
		errorType = "InternalFailure"
	}
	message := f.Message
	if message == "" {
		message = errorType
	}
	operation.WriteError(w, f.Status, errorType, message)
}

// errorTypes are what AWS answers with the status.
var errorTypes = map[int]string{
	http.StatusBadRequest:         "InvalidRequestException",
	http.StatusForbidden:          "ExpiredTokenException",
	http.StatusTooManyRequests:    "ThrottledException",
	http.StatusServiceUnavailable: "ServiceUnavailableException",
}
