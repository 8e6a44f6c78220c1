package receiver

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/otlpproto"
)

// Codes of google.rpc.Status and gRPC.
const (
	codeInvalidArgument = 3
	codeUnimplemented   = 12
)

var mediaTypes = map[string]Format{"application/x-protobuf": Protobuf, "application/json": JSON}

// http answers OTLP/HTTP.
func (r *Receiver) http(w http.ResponseWriter, req *http.Request) {
	mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	format, known := mediaTypes[mediaType]
	if !known {
		mediaType = "application/json"
	}
	w.Header().Set("Content-Type", mediaType)
	fail := func(status int, err error) { failHTTP(w, status, format == JSON || !known, err) }
	switch {
	case req.URL.Path != "/v1/traces" && req.URL.Path != "/v1/metrics" && req.URL.Path != "/v1/logs":
		fail(http.StatusNotFound, unsupported("the path", req.URL.Path, "/v1/traces"))
		return
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		fail(http.StatusMethodNotAllowed, unsupported("the method", req.Method, "POST"))
		return
	case !known:
		fail(http.StatusUnsupportedMediaType, unsupported("Content-Type", req.Header.Get("Content-Type"), "application/x-protobuf or application/json"))
		return
	}
	b := newBody()
	defer b.free()
	err := b.read(req.Body, req.ContentLength)
	if err == nil && req.URL.Path != "/v1/traces" {
		r.nowhere(req.URL.Path[len("/v1/"):])
		succeed(w, format, Result{})
		return
	}
	if err == nil {
		switch encoding := req.Header.Get("Content-Encoding"); encoding {
		case "", "identity":
		case "gzip":
			err = b.inflate(b.raw)
		default:
			fail(http.StatusUnsupportedMediaType, unsupported("Content-Encoding", encoding, "gzip or none"))
			return
		}
	}
	if err != nil {
		r.Log("a request could not be read: %v", err)
		fail(http.StatusBadRequest, err)
		return
	}
	result, err := r.export(b, format)
	if err != nil {
		fail(http.StatusBadRequest, err)
		return
	}
	succeed(w, format, result)
}

func succeed(w http.ResponseWriter, format Format, result Result) {
	var answer []byte
	switch {
	case format == JSON && result.Rejected == 0:
		answer = []byte("{}")
	case format == JSON:
		answer, _ = json.Marshal(map[string]any{"partialSuccess": map[string]string{
			"rejectedSpans": strconv.FormatInt(result.Rejected, 10), "errorMessage": result.Message,
		}})
	case result.Rejected > 0:
		answer = otlpproto.AppendPartialSuccess(nil, result.Rejected, result.Message)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) // a client that is gone has sent its spans
}

func failHTTP(w http.ResponseWriter, status int, asJSON bool, err error) {
	var answer []byte
	if asJSON {
		answer, _ = json.Marshal(map[string]any{"code": codeInvalidArgument, "message": err.Error()})
	} else {
		answer = otlpproto.AppendStatus(nil, codeInvalidArgument, err.Error())
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}
