package xray

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
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
		"/TraceSegments":               operation.Handler(a.putTraceSegments),
		"/Traces":                      operation.Handler(a.batchGetTraces),
		"/ServiceGraph":                operation.Handler(a.serviceGraph),
		"/TraceGraph":                  operation.Handler(a.traceGraph),
		"/TraceSummaries":              operation.Handler(a.traceSummaries),
		"/TimeSeriesServiceStatistics": operation.Handler(a.timeSeries),
		"/Groups":                      operation.Handler(a.getGroups),
		"/GetGroup":                    operation.Handler(a.getGroup),
		"/CreateGroup":                 operation.Handler(a.createGroup),
		"/UpdateGroup":                 operation.Handler(a.updateGroup),
		"/DeleteGroup":                 operation.Handler(a.deleteGroup),
		"/InsightSummaries":            operation.Handler(a.insightSummaries),
		"/EncryptionConfig":            operation.Handler(a.encryptionConfig),
	} {
		mux.HandleFunc("POST "+path, handler)
	}
	mux.Handle("POST /GetSamplingRules", sampling)
	mux.Handle("POST /SamplingTargets", sampling)
	mux.HandleFunc("/", operation.Unknown)
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

// timeRange is the time that a call asks for, in seconds since 1970.
type timeRange struct {
	StartTime, EndTime float64
}

func (r timeRange) check() error {
	for _, t := range []float64{r.StartTime, r.EndTime} {
		if !(t >= 0 && t <= maxTime) {
			return operation.Invalidf("StartTime and EndTime must be seconds since 1970, got %g", t)
		}
	}
	if r.EndTime != 0 && r.EndTime < r.StartTime {
		return operation.Invalidf("EndTime must not be before StartTime")
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
			return nil, "", operation.Invalidf("NextToken must be that of an answer, got %.40q", token)
		}
	}
	list = list[min(at, len(list)):]
	if len(list) <= pageSize {
		return append([]E{}, list...), "", nil
	}
	return list[:pageSize], base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, int64(at+pageSize), 10)), nil
}
