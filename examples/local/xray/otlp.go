package xray

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

// OTLP takes OpenTelemetry's spans, makes documents of them as the exporter does,
// and keeps those: any program with an OpenTelemetry SDK can be looked at as X-Ray
// would show it.
type OTLP struct {
	// Store takes the documents.
	Store *Store
	// Document, if it is not nil, is called with each document before.
	Document func([]byte)

	mapper *mapping.Mapper
}

// NewOTLP returns an OTLP over a store.
func NewOTLP(s *Store) *OTLP { return &OTLP{Store: s, mapper: mapping.New()} }

// maxOTLP is how many bytes a request may have, unpacked too: the Collector's
// default.
const maxOTLP = 20 << 20

// ServeHTTP is OTLP over HTTP: POST /v1/traces with protobuf or JSON, plain or gzip.
//
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
func (o *OTLP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := kind == "application/json"
	fail := func(status int, message string) { writeOTLP(w, isJSON, status, statusMessage(isJSON, message)) }
	switch {
	case r.URL.Path != "/v1/traces":
		fail(http.StatusNotFound, "traces only are taken here: set OTEL_METRICS_EXPORTER=none and OTEL_LOGS_EXPORTER=none")
		return
	case r.Method != http.MethodPost:
		fail(http.StatusMethodNotAllowed, "spans come by POST")
		return
	case !isJSON && kind != "application/x-protobuf":
		fail(http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type %.60q: application/x-protobuf or application/json is read", kind))
		return
	}
	body, err := readBody(w, r, maxOTLP)
	if err != nil {
		fail(http.StatusBadRequest, err.Error())
		return
	}
	rejected, err := o.take(body, isJSON)
	if syncErr := o.Store.Sync(); syncErr != nil { // what is acknowledged is kept
		fail(http.StatusServiceUnavailable, syncErr.Error())
		return
	}
	switch {
	case err != nil && rejected == 0:
		o.Store.Reject(Arrival{Document: body, Source: "otlp"}, err)
		fail(http.StatusBadRequest, err.Error())
	case err != nil:
		o.Store.Reject(Arrival{Document: body, Source: "otlp"}, err)
		writeOTLP(w, isJSON, http.StatusOK, partialSuccess(isJSON, rejected, err.Error()))
	default:
		writeOTLP(w, isJSON, http.StatusOK, nil)
	}
}

// take reads spans and keeps their documents. With an error and no span rejected
// nothing could be read.
func (o *OTLP) take(body []byte, isJSON bool) (rejected int, err error) {
	if !isJSON {
		traces, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(body)
		if err != nil {
			return 0, fmt.Errorf("OTLP: not a protobuf ExportTraceServiceRequest: %w", err)
		}
		if body, err = (&ptrace.JSONMarshaler{}).MarshalTraces(traces); err != nil {
			return 0, fmt.Errorf("OTLP: %w", err)
		}
	}
	spans, spanErr := otlpjson.Unmarshal(body)
	if len(spans) == 0 && spanErr != nil {
		return 0, spanErr
	}
	o.Store.spans.add(body, spans)
	docs, mapErr := o.mapper.AppendDocuments(nil, spans)
	errs := []error{spanErr, mapErr}
	for _, doc := range docs {
		if o.Document != nil {
			o.Document(doc)
		}
		if _, err := o.Store.Add(Arrival{Document: doc, Source: "otlp"}); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return max(countErrors(spanErr), 1), err
	}
	return 0, nil
}

// countErrors counts what errors.Join has joined.
func countErrors(err error) int {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return len(joined.Unwrap())
	}
	if err != nil {
		return 1
	}
	return 0
}

// ErrNotOTLP says that a datagram is no OTLP one.
var ErrNotOTLP = errors.New("no OTLP datagram")

// Datagram takes what AWS's own OTLP exporters send to the daemon's port: the
// daemon's header line, T1S or T1U (sampled or not), and a protobuf request in
// base64. The error is [ErrNotOTLP] if data is something else.
func (o *OTLP) Datagram(data []byte) error {
	_, body, found := bytes.Cut(data, []byte("\n"))
	if !found || len(body) < 3 || string(body[:3]) != "T1S" && string(body[:3]) != "T1U" {
		return ErrNotOTLP
	}
	body = bytes.TrimSpace(body[3:])
	request := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	n, err := base64.StdEncoding.Decode(request, body)
	if err == nil {
		_, err = o.take(request[:n], false)
	}
	if err != nil {
		err = fmt.Errorf("OTLP datagram: %w", err)
		o.Store.Reject(Arrival{Document: data, Source: "udp"}, err)
	}
	return err
}

func writeOTLP(w http.ResponseWriter, isJSON bool, status int, body []byte) {
	kind := "application/x-protobuf"
	if isJSON {
		kind = "application/json"
		if body == nil {
			body = []byte("{}")
		}
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the program may be gone
}

// statusMessage is a google.rpc.Status with nothing but its message.
func statusMessage(isJSON bool, message string) []byte {
	if isJSON {
		text, _ := json.Marshal(map[string]string{"message": message}) // a string
		return text
	}
	return appendField(nil, 2, []byte(message))
}

// partialSuccess is an ExportTraceServiceResponse.
func partialSuccess(isJSON bool, rejected int, message string) []byte {
	if isJSON {
		text, _ := json.Marshal(map[string]any{"partialSuccess": map[string]any{"rejectedSpans": fmt.Sprint(rejected), "errorMessage": message}})
		return text
	}
	inner := binary.AppendUvarint([]byte{1 << 3}, uint64(rejected))
	return appendField(nil, 1, appendField(inner, 2, []byte(message)))
}

// appendField appends a protobuf field of bytes.
func appendField(dst []byte, number byte, value []byte) []byte {
	dst = append(dst, number<<3|2)
	return append(binary.AppendUvarint(dst, uint64(len(value))), value...)
}

// readBody reads a body of at most limit bytes, after unpacking too.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, limit)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		packed, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip: %w", err)
		}
		body = packed
	default:
		return nil, fmt.Errorf("Content-Encoding %.40q: gzip or none is read", encoding)
	}
	out, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(out)) > limit {
		err = fmt.Errorf("the body has more than %d bytes", limit)
	}
	return out, err
}
