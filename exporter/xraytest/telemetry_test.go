package xraytest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// subscriber is an extension that has asked for events, and keeps them.
type subscriber struct {
	t       *testing.T
	id      string
	runtime *xraytest.Runtime
	server  *httptest.Server
	status  atomic.Int64 // of its answers

	mu     sync.Mutex
	events []map[string]any
}

func newSubscriber(t *testing.T, r *xraytest.Runtime, types string) *subscriber {
	t.Helper()
	s := &subscriber{t: t, runtime: r}
	s.status.Store(200)
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		var batch []map[string]any
		if err := json.Unmarshal(body, &batch); err != nil || len(batch) == 0 {
			t.Errorf("%s: %v", body, err)
		}
		w.WriteHeader(int(s.status.Load()))
		if s.status.Load() == 200 {
			s.mu.Lock()
			s.events = append(s.events, batch...)
			s.mu.Unlock()
		}
	}))
	t.Cleanup(s.server.Close)
	s.id = s.call("POST", "/2020-01-01/extension/register", `{"events":["SHUTDOWN"]}`).Header.Get("Lambda-Extension-Identifier")
	resp := s.subscribe(`{"schemaVersion":"2025-01-29","types":` + types + `,"destination":{"protocol":"HTTP","URI":"` + s.uri() + `/any"},"buffering":{"timeoutMs":25}}`)
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	go s.call("GET", "/2020-01-01/extension/event/next", "") // it waits for SHUTDOWN
	return s
}

// uri is where the subscriber listens, as an extension on Lambda names it.
func (s *subscriber) uri() string {
	return "http://sandbox.localdomain:" + s.server.URL[strings.LastIndex(s.server.URL, ":")+1:]
}

func (s *subscriber) call(method, path, body string) *http.Response {
	req, err := http.NewRequest(method, "http://"+s.runtime.Addr()+path, strings.NewReader(body))
	if err != nil {
		s.t.Error(err)
		return nil
	}
	req.Header.Set("Lambda-Extension-Name", "watch")
	req.Header.Set("Lambda-Extension-Identifier", s.id)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return &http.Response{Header: http.Header{}} // the test is over
	}
	answer, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	return resp
}

func (s *subscriber) subscribe(body string) *http.Response {
	return s.call("PUT", "/2022-07-01/telemetry", body)
}

// all returns the events of some types that have come.
func (s *subscriber) all(types ...string) (records []map[string]any) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.runtime.DrainTelemetry(ctx); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", e["time"].(string)); err != nil {
			s.t.Error(err)
		}
		for _, want := range types {
			if e["type"] != want {
				continue
			}
			record, ok := e["record"].(map[string]any)
			if !ok {
				record = map[string]any{"line": e["record"]}
			}
			record["type"] = e["type"]
			records = append(records, record)
		}
	}
	return records
}

// poll is a function that takes one event after another and answers as answer says:
// "response", "error", or "" for nothing.
func poll(ctx context.Context, r *xraytest.Runtime, answer func(n int) string) {
	base := "http://" + r.Addr() + "/2018-06-01/runtime/invocation/"
	for n := 0; ; n++ {
		req, _ := http.NewRequestWithContext(ctx, "GET", base+"next", nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return
		}
		resp.Body.Close()
		if path := answer(n); path != "" {
			if resp, err = http.Post(base+resp.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/"+path, "application/json", strings.NewReader(`{"errorType":"Mine"}`)); err == nil {
				resp.Body.Close()
			}
		}
	}
}

const sampled = "Root=1-6ae729c0-a006649127e371903a2de979;Parent=1111111111111111;Sampled=1"

// Each invocation has its start, its end with the parts of the response, and its
// report; who subscribes late is told of the initialization all the same.
func TestTelemetry(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := newSubscriber(t, r, `["platform"]`)
	go poll(ctx, r, func(n int) string { return []string{"response", "error", ""}[n] })
	if err := r.WaitExtensions(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for n, timeout := range []time.Duration{0, 0, 50 * time.Millisecond} {
		result, err := r.Invoke(ctx, xraytest.Invocation{RequestID: fmt.Sprint(n), TraceHeader: sampled, Timeout: timeout})
		if err != nil {
			t.Fatal(err)
		}
		if n < 2 {
			if _, err := result.Idle(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.Shutdown("timeout")
	var got []string
	types := []string{"platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.start", "platform.runtimeDone", "platform.report"}
	for _, record := range s.all(types...) {
		got = append(got, fmt.Sprint(strings.TrimPrefix(record["type"].(string), "platform."), " ", record["requestId"], " ", record["status"], " ", record["errorType"]))
		tracing, _ := record["tracing"].(map[string]any)
		if init := strings.Contains(record["type"].(string), "init"); !init && (tracing["spanId"] != "1111111111111111" ||
			!strings.HasPrefix(tracing["value"].(string), "Root=1-6ae729c0-a006649127e371903a2de979;Parent=") || strings.Contains(tracing["value"].(string), "1111111111111111")) {
			t.Errorf("%s: %v", record["type"], tracing)
		}
	}
	want := []string{
		"initStart <nil> <nil> <nil>", "initRuntimeDone <nil> success <nil>", "initReport <nil> success <nil>",
		"start 0 <nil> <nil>", "runtimeDone 0 success <nil>", "report 0 success <nil>",
		"start 1 <nil> <nil>", "runtimeDone 1 error Mine", "report 1 error Mine",
		"start 2 <nil> <nil>", "runtimeDone 2 timeout <nil>", "report 2 timeout <nil>",
	}
	for _, list := range [][]string{got, want} { // an invocation's report may come after the next has begun
		slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(strings.Fields(a)[1], strings.Fields(b)[1]) })
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	names := func(record map[string]any) (all []string) {
		spans, _ := record["spans"].([]any)
		for _, s := range spans {
			all = append(all, s.(map[string]any)["name"].(string))
		}
		return all
	}
	done, reports := s.all("platform.runtimeDone"), s.all("platform.report")
	if got := fmt.Sprint(names(done[0]), names(reports[0]), names(done[2])); got != "[responseLatency responseDuration runtimeOverhead] [extensionOverhead] []" {
		t.Error(got)
	}
	if m := reports[0]["metrics"].(map[string]any); m["initDurationMs"] == nil || m["memorySizeMB"] != 128.0 || m["billedDurationMs"] == nil {
		t.Errorf("%v", m)
	}
	if resp := s.subscribe(`{"schemaVersion":"2025-01-29","types":["platform"],"destination":{"protocol":"HTTP","URI":"` + s.uri() + `"}}`); resp.StatusCode != http.StatusForbidden {
		t.Errorf("after the first invocation: %s", resp.Status)
	}
}

// Lines of the function go to those who ask for them, and to nobody else.
func TestTelemetryLog(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{})
	s := newSubscriber(t, r, `["function"]`)
	r.Log("a line")
	if all := s.all("function", "platform.telemetrySubscription"); len(all) != 1 || all[0]["line"] != "a line" {
		t.Errorf("%v", all)
	}
}

// On Managed Instances the report has the response, and there is no runtimeDone.
func TestTelemetryOnManagedInstances(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{MaxConcurrency: 2})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := newSubscriber(t, r, `["platform"]`)
	go poll(ctx, r, func(int) string { return "response" })
	if _, err := r.Invoke(ctx, xraytest.Invocation{RequestID: "1", TraceHeader: sampled}); err != nil {
		t.Fatal(err)
	}
	all := s.all("platform.runtimeDone", "platform.report")
	if len(all) != 1 || len(all[0]["spans"].([]any)) != 2 || len(all[0]["metrics"].(map[string]any)) != 1 {
		t.Errorf("%v", all)
	}
}

// A batch that is refused is sent again, and counted.
func TestTelemetryRefused(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{})
	s := newSubscriber(t, r, `["platform"]`)
	s.status.Store(500)
	s.all()
	if n := r.Extensions()[0].Refused; n < 2 {
		t.Errorf("refused %d times", n)
	}
}

// What Lambda does not accept is said with the field.
func TestTelemetryInvalid(t *testing.T) {
	r := xraytest.NewRuntime(t, xraytest.Function{})
	s := newSubscriber(t, r, `["platform"]`)
	const good = `"schemaVersion":"2025-01-29","types":["platform"],"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:1"}`
	for body, want := range map[string]string{
		`{`:                      "body",
		`{"types":["platform"]}`: "schemaVersion",
		strings.Replace(`{`+good+`}`, `["platform"]`, `[]`, 1):                      "types",
		strings.Replace(`{`+good+`}`, `["platform"]`, `["logs"]`, 1):                "types",
		strings.Replace(`{`+good+`}`, `HTTP`, `TCP`, 1):                             "protocol",
		strings.Replace(`{`+good+`}`, `sandbox.localdomain:1`, `sandbox`, 1):        "URI",
		strings.Replace(`{`+good+`}`, `sandbox.localdomain`, `logs.example.com`, 1): "URI",
		`{` + good + `,"buffering":{"maxItems":1}}`:                                 "maxItems",
		`{` + good + `,"buffering":{"maxBytes":1}}`:                                 "maxBytes",
		`{` + good + `,"buffering":{"timeoutMs":1}}`:                                "timeoutMs",
	} {
		resp := s.subscribe(body)
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), want) || !strings.Contains(string(text), "ValidationError") {
			t.Errorf("%s: %s %s, want %s", body, resp.Status, text, want)
		}
	}
	s.id = "other"
	if resp := s.subscribe(`{` + good + `}`); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger: %s", resp.Status)
	}
}
