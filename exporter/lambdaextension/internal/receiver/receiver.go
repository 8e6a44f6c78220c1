package receiver

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
)

// Format is how a request spells its spans.
type Format uint8

// The formats of OTLP.
const (
	Protobuf Format = iota
	JSON
)

// Result is what came of a request that could be read.
type Result struct {
	Rejected int64  // spans
	Message  string // why
}

// Receiver answers OTLP requests on any number of listeners.
type Receiver struct {
	// Export takes a request. It returns when the spans are on their way, and keeps
	// nothing of body unless it says so.
	Export func(body []byte, format Format) (result Result, keep bool, err error)
	// Log takes what is to be said once.
	Log func(format string, args ...any)
}

// Server returns what serves the requests. It has no timeouts: by the wall clock a
// frozen environment has been idle for hours, and a client whose connection is gone
// waits a second before it tries again.
func (r *Receiver) Server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{Handler: r, Protocols: protocols, ErrorLog: discard}
}

// ServeHTTP answers one request of either protocol.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			r.Log("a request failed, its spans are lost: %v\n%s", p, debug.Stack())
			w.WriteHeader(http.StatusBadRequest)
		}
	}()
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/grpc") {
		r.grpc(w, req)
		return
	}
	r.http(w, req)
}

// nowhere says once that a signal is not for X-Ray.
func (r *Receiver) nowhere(signal string) {
	r.Log("%s are taken and go nowhere: X-Ray has traces only (set OTEL_%s_EXPORTER=none)", signal, strings.ToUpper(signal))
}

// export reads a body and hands it on.
func (r *Receiver) export(b *body, format Format) (Result, error) {
	result, keep, err := r.Export(b.bytes(), format)
	if keep {
		b.forget()
	}
	if err != nil {
		r.Log("a request could not be read: %v", err)
	} else if result.Rejected > 0 {
		r.Log("%d spans were left out: %s", result.Rejected, result.Message)
	}
	return result, err
}

func unsupported(what, have, want string) error {
	return fmt.Errorf("%s is %q, want %s", what, have, want)
}
