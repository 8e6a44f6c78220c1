package xray

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// NewAPI answers as X-Ray's HTTP API over a store, so that the AWS SDKs, the AWS
// CLI and Grafana's X-Ray data source can read it with any credentials:
// PutTraceSegments, BatchGetTraces, GetServiceGraph, GetTraceGraph,
// GetTraceSummaries, GetTimeSeriesServiceStatistics, GetGroups and the other calls
// for groups, GetInsightSummaries (there are none) and GetEncryptionConfig.
// sampling answers the two calls for sampling.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
func NewAPI(s *Store, sampling http.Handler) http.Handler {
	a := &api{store: s}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/TraceSegments":               operation(a.putTraceSegments),
		"/Traces":                      operation(a.batchGetTraces),
		"/ServiceGraph":                operation(a.serviceGraph),
		"/TraceGraph":                  operation(a.traceGraph),
		"/TraceSummaries":              operation(a.traceSummaries),
		"/TimeSeriesServiceStatistics": operation(a.timeSeries),
		"/Groups":                      operation(a.getGroups),
		"/GetGroup":                    operation(a.getGroup),
		"/CreateGroup":                 operation(a.createGroup),
		"/UpdateGroup":                 operation(a.updateGroup),
		"/DeleteGroup":                 operation(a.deleteGroup),
		"/InsightSummaries":            operation(a.insightSummaries),
		"/EncryptionConfig":            operation(a.encryptionConfig),
	} {
		mux.HandleFunc("POST "+path, handler)
	}
	mux.Handle("POST /GetSamplingRules", sampling)
	mux.Handle("POST /SamplingTargets", sampling)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "UnknownOperationException", r.Method+" "+r.URL.Path+" is no operation of this API")
	})
	return mux
}

// IsOperation reports whether a request is one for [NewAPI]: the SDKs post to the
// root of their endpoint.
func IsOperation(r *http.Request) bool {
	if r.Method != http.MethodPost {
		return false
	}
	switch r.URL.Path {
	case "/TraceSegments", "/Traces", "/ServiceGraph", "/TraceGraph", "/TraceSummaries", "/TimeSeriesServiceStatistics",
		"/Groups", "/GetGroup", "/CreateGroup", "/UpdateGroup", "/DeleteGroup", "/InsightSummaries", "/EncryptionConfig",
		"/GetSamplingRules", "/SamplingTargets":
		return true
	}
	return false
}

type api struct{ store *Store }

// invalidRequest is an error that the caller made.
type invalidRequest string

func (e invalidRequest) Error() string { return string(e) }

func invalidf(format string, args ...any) error {
	return invalidRequest(fmt.Sprintf(format, args...))
}

// maxRequest holds 50 documents of 64 KiB even if every byte is escaped.
const maxRequest = 50 * segment.MaxDocument * 2

// operation reads the input of a call and writes its output.
func operation[In, Out any](do func(In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := readBody(w, r, maxRequest)
		if err != nil {
			writeError(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
			return
		}
		var in In
		if err := json.Unmarshal(body, &in); len(body) > 0 && err != nil {
			writeError(w, http.StatusBadRequest, "SerializationException", err.Error())
			return
		}
		out, err := do(in)
		var invalid invalidRequest
		switch {
		case errors.As(err, &invalid):
			writeError(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
			return
		case err != nil:
			writeError(w, http.StatusInternalServerError, "InternalFailure", err.Error())
			return
		}
		text, err := json.Marshal(out)
		if err != nil {
			writeError(w, http.StatusInternalServerError, "InternalFailure", err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}
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

func writeError(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": errorType, "Message": message})
}

// timeRange is the time that a call asks for, in seconds since 1970.
type timeRange struct {
	StartTime, EndTime float64
}

func (r timeRange) check() error {
	for _, t := range []float64{r.StartTime, r.EndTime} {
		if !(t >= 0 && t <= maxTime) {
			return invalidf("StartTime and EndTime must be seconds since 1970, got %g", t)
		}
	}
	if r.EndTime != 0 && r.EndTime < r.StartTime {
		return invalidf("EndTime must not be before StartTime")
	}
	return nil
}

// pageSize is how many elements X-Ray puts on a page.
const pageSize = 100

// pageOf returns the part of a list that a token points at, and the next token.
func pageOf[E any](list []E, token string) (page []E, next string, err error) {
	at := 0
	if token != "" {
		text, err := base64.RawURLEncoding.DecodeString(token)
		if err == nil {
			at, err = strconv.Atoi(string(text))
		}
		if err != nil || at < 0 {
			return nil, "", invalidf("NextToken must be that of an answer, got %.40q", token)
		}
	}
	list = list[min(at, len(list)):]
	if len(list) <= pageSize {
		return append([]E{}, list...), "", nil
	}
	return list[:pageSize], base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, int64(at+pageSize), 10)), nil
}
