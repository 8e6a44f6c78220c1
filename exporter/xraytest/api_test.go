package xraytest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
)

// callAPI posts in as JSON and reads the answer into out; it returns status and
// error type.
func callAPI(t *testing.T, url string, in, out any) (int, string) {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url, "application/json", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
	}
	return resp.StatusCode, resp.Header.Get("x-amzn-ErrorType")
}

func put(docs ...string) operation.Segments { return operation.Segments{TraceSegmentDocuments: docs} }

func TestAPITakes(t *testing.T) {
	var taken []string
	api := NewAPI(WithDocumentFunc(func(doc []byte) { taken = append(taken, string(doc)) }), WithKeep(1))
	url := api.Start(t)

	unsupported := segmentWith(`,"Dummy":false`) // a part that X-Ray drops
	nameless := `{"id":"70de5b6f19ff9a0b","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1,"end_time":2}`
	var stored operation.Unprocessed
	if status, _ := callAPI(t, url+"/TraceSegments", put(unsupported, nameless, "{"), &stored); status != 200 {
		t.Errorf("status %d", status)
	}
	want := []UnprocessedTraceSegment{
		{ID: "70de5b6f19ff9a0b", ErrorCode: "MissingName", Message: "name: a string is needed, is missing"},
		{ErrorCode: "ParseError", Message: "must be JSON: unexpected end of JSON input"},
	}
	if diff := cmp.Diff(want, stored.UnprocessedTraceSegments); diff != "" {
		t.Errorf("unprocessed (-want +got):\n%s", diff)
	}
	if len(taken) != 1 || taken[0] != unsupported {
		t.Errorf("documents taken: %q", taken)
	}
	callAPI(t, url+"/TraceSegments", put(segmentWith("")), nil)
	if docs := api.Documents(); len(docs) != 1 || string(docs[0]) != segmentWith("") {
		t.Errorf("documents kept: %q, want the last one", docs)
	}
	var rules struct{ SamplingRuleRecords []any }
	if status, _ := callAPI(t, url+"/GetSamplingRules", struct{}{}, &rules); status != 200 || rules.SamplingRuleRecords == nil {
		t.Errorf("sampling rules %+v", rules)
	}

	stats := APIStats{Calls: map[string]int{"/TraceSegments": 2, "/GetSamplingRules": 1}, Documents: 2, Unprocessed: 2}
	if diff := cmp.Diff(stats, api.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestAPIStrict(t *testing.T) {
	url := NewAPI(WithStrict()).Start(t)
	var out operation.Unprocessed
	callAPI(t, url+"/TraceSegments", put(segmentWith(`,"Dummy":false`)), &out)
	want := []UnprocessedTraceSegment{{ID: "70de5b6f19ff9a0a", ErrorCode: "InvalidSegment", Message: "Dummy: X-Ray knows no such field"}}
	if diff := cmp.Diff(want, out.UnprocessedTraceSegments); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPIInvalidRequests(t *testing.T) {
	url := NewAPI().Start(t)
	for _, tt := range []struct {
		path      string
		in        any
		status    int
		errorType string
	}{
		{"/TraceSegments", put(), 400, "InvalidRequestException"},
		{"/TraceSegments", put(make([]string, 51)...), 400, "InvalidRequestException"},
		{"/TraceSegments", put(make([]string, 50)...), 200, ""}, // each of them refused
		{"/TraceSegments", []int{1}, 400, "SerializationException"},
		{"/Groups", struct{}{}, 404, "UnknownOperationException"},
	} {
		status, errorType := callAPI(t, url+tt.path, tt.in, nil)
		if status != tt.status || errorType != tt.errorType {
			t.Errorf("%s %v: %d %s, want %d %s", tt.path, tt.in, status, errorType, tt.status, tt.errorType)
		}
	}
}

func TestAPIFaults(t *testing.T) {
	api := NewAPI(WithFault(func(n int, r *http.Request) *Fault {
		if r.URL.Path != "/TraceSegments" {
			return nil
		}
		switch n {
		case 1:
			return &Fault{Status: 429}
		case 2:
			return &Fault{Status: 500, Delay: time.Millisecond, Message: "oops"}
		case 3:
			return &Fault{Unprocessed: func(id string) bool { return id == "70de5b6f19ff9a0a" }}
		case 4:
			return &Fault{Reset: true}
		}
		return nil
	}))
	url := api.Start(t)
	var message struct{ Message string }
	if status, errorType := callAPI(t, url+"/TraceSegments", put(segmentWith("")), &message); status != 429 || errorType != "ThrottledException" {
		t.Errorf("call 1: %d %s", status, errorType)
	}
	if status, errorType := callAPI(t, url+"/TraceSegments", put(segmentWith("")), &message); status != 500 || errorType != "InternalFailure" || message.Message != "oops" {
		t.Errorf("call 2: %d %s %s", status, errorType, message)
	}
	var out operation.Unprocessed
	callAPI(t, url+"/TraceSegments", put(segmentWith(""), strings.Replace(segmentWith(""), "9a0a", "9a0b", 1)), &out)
	want := []UnprocessedTraceSegment{{ID: "70de5b6f19ff9a0a", ErrorCode: "ThrottledException", Message: "ThrottledException"}}
	if diff := cmp.Diff(want, out.UnprocessedTraceSegments); diff != "" {
		t.Errorf("call 3 (-want +got):\n%s", diff)
	}
	// A new connection each, so that the client does not repeat the call.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, err := client.Post(url+"/TraceSegments", "application/json", strings.NewReader("{}")); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("call 4: %v, want a reset", err)
	}
	out = operation.Unprocessed{}
	if status, _ := callAPI(t, url+"/TraceSegments", put(segmentWith("")), &out); status != 200 || len(out.UnprocessedTraceSegments) != 0 {
		t.Errorf("call 5: %d %+v", status, out)
	}
	if diff := cmp.Diff(APIStats{Calls: map[string]int{"/TraceSegments": 5}, Faults: 3, Documents: 2, Unprocessed: 1}, api.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}
