package xraytest

import (
	"io"
	"net/http"
)

// samplingHandler answers the two sampling calls as for an account without
// rules, so that a client falls back to its own.
func samplingHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /GetSamplingRules", answer(`{"SamplingRuleRecords":[]}`))
	mux.HandleFunc("POST /SamplingTargets", answer(`{"SamplingTargetDocuments":[],"UnprocessedStatistics":[],"LastRuleModification":0}`))
	return mux
}

func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // read it all, or the connection is not reused
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}
