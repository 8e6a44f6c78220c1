package extension

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/telemetry"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// subscribed starts a bench that gets events of the Telemetry API, at uri.
func subscribed(t *testing.T) (b *bench, uri string) {
	t.Helper()
	b = newBench(t, nil)
	if err := b.listen("127.0.0.1:0", func(at string) error { uri = at; return nil }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(context.Background()) })
	return b, uri
}

func told(at, eventType, record string) string {
	return `{"time":"2026-11-25T10:00:` + at + `Z","type":"platform.` + eventType + `","record":{` + record + `}}`
}

func (b *bench) tell(events ...string) {
	b.t.Helper()
	if err := b.Telemetry([]byte("[" + strings.Join(events, ",") + "]")); err != nil {
		b.t.Error(err)
	}
}

// tree writes a document as name start-end, with its subsegments in brackets; the times
// are seconds after 10:00.
func tree(d *segment.Document) string {
	zero := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC).Unix()
	at := func(n string) string {
		sec, fraction, _ := strings.Cut(n, ".")
		var s int64
		fmt.Sscan(sec, &s)
		return fmt.Sprintf("%d.%s", s-zero, fraction)
	}
	text := d.Name + " " + at(d.StartTime.String()) + "-" + at(d.EndTime.String())
	if len(d.Subsegments) > 0 {
		var all []string
		for _, s := range d.Subsegments {
			all = append(all, tree(s))
		}
		text += " [" + strings.Join(all, ", ") + "]"
	}
	return text
}

func trees(docs []*segment.Document) (all []string) {
	for _, d := range docs {
		all = append(all, tree(d))
	}
	return all
}

const (
	doneRecord = `"requestId":"r1","status":"success","spans":[` +
		`{"name":"responseLatency","start":"2026-11-25T10:00:10.000Z","durationMs":120.5},` +
		`{"name":"responseDuration","start":"2026-11-25T10:00:10.120Z","durationMs":0.25},` +
		`{"name":"runtimeOverhead","start":"2026-11-25T10:00:10.121Z","durationMs":3}],"metrics":{"durationMs":124.125,"producedBytes":16}`
	reportRecord = `"requestId":"r1","status":"success","spans":[{"name":"extensionOverhead","start":"2026-11-25T10:00:10.124Z","durationMs":1.5}],` +
		`"metrics":{"durationMs":125.625,"billedDurationMs":126,"memorySizeMB":128,"maxMemoryUsedMB":84,"initDurationMs":900}`
)

// The timings of an invocation are subsegments beneath the Parent that the function
// got, without a namespace; those of the initialization come with the first.
func TestTimings(t *testing.T) {
	b, _ := subscribed(t)
	b.tell(told("09.000", "initStart", `"initializationType":"on-demand","phase":"init"`),
		told("09.700", "initRuntimeDone", `"initializationType":"on-demand","phase":"init","status":"success"`),
		told("09.900", "initReport", `"phase":"init","metrics":{"durationMs":900}`))
	b.Invoke(invoke("r1", header))
	b.tell(told("10.000", "start", `"requestId":"r1","version":"1"`), told("10.125", "runtimeDone", doneRecord))
	b.Invoke(invoke("r2", header)) // the report of the one before comes with the next
	b.tell(told("10.127", "report", reportRecord))
	docs := b.documents()
	want := []string{
		"initRuntimeDone 9.-9.7", "initReport 9.-9.9",
		"runtimeDone 10.-10.124125 [responseLatency 10.-10.1205, responseDuration 10.12-10.12025, runtimeOverhead 10.121-10.124]",
		"report 10.-10.125625 [extensionOverhead 10.124-10.1255]",
	}
	if got := trees(docs); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, d := range docs {
		if d.Type != "subsegment" || d.Namespace != "" || d.ParentID != parent || d.TraceID != "1-6ae729c0-a006649127e371903a2de979" || d.AWS["request_id"] != "r1" {
			t.Errorf("%+v", d)
		}
	}
	said := docs[3].Metadata["default"]["telemetry"].(map[string]any)
	if said["status"] != "success" || said["metrics"].(map[string]any)["billedDurationMs"] != float64(126) {
		t.Errorf("%v", said)
	}
	// An event that is sent again is shown once: it has the same ids.
	b.tell(told("10.127", "report", reportRecord))
	if again := b.documents()[4]; again.ID != docs[3].ID || again.Subsegments[0].ID != docs[3].Subsegments[0].ID {
		t.Errorf("%+v", again)
	}
}

// Where events say less, what is known takes its place, and nothing is made up.
func TestTimingsIncomplete(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"no spans":            {told("10.125", "runtimeDone", `"requestId":"r1","metrics":{"durationMs":125}`), "runtimeDone 10.-10.125"},
		"no metrics":          {told("10.125", "runtimeDone", `"requestId":"r1","status":"timeout"`), "runtimeDone 10.-10.125"},
		"spans without times": {told("10.125", "report", `"requestId":"r1","spans":[{"name":"extensionOverhead"}]`), "report 10.-10.125"},
		"an unknown span": {told("10.125", "report", `"requestId":"r1","spans":[{"name":"snapshotTime","start":"2026-11-25T10:00:10.001Z","durationMs":1},{"name":"<script>","start":"2026-11-25T10:00:10.001Z","durationMs":1}]`),
			"report 10.-10.125 [snapshotTime 10.001-10.002]"},
		"of no invocation": {told("10.125", "runtimeDone", `"requestId":"other"`), ""},
		"no time":          {`{"type":"platform.runtimeDone","record":{"requestId":"r1"}}`, ""},
		"no record":        {`{"type":"platform.report"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := subscribed(t)
			b.Invoke(invoke("r1", header))
			b.tell(told("10.000", "start", `"requestId":"r1"`), c.event)
			if got := strings.Join(trees(b.documents()), "\n"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// An invocation that is not sampled has nothing, nor does the initialization then.
func TestTimingsUnsampled(t *testing.T) {
	b, _ := subscribed(t)
	b.Invoke(invoke("r1", strings.Replace(header, "Sampled=1", "Sampled=0", 1)))
	b.tell(told("09.000", "initStart", ``), told("09.900", "initReport", `"metrics":{"durationMs":900}`),
		told("10.125", "runtimeDone", doneRecord), told("10.127", "report", reportRecord))
	b.Invoke(invoke("r2", header))
	b.tell(told("20.000", "report", `"requestId":"r2","metrics":{"durationMs":5}`))
	if got := b.documents(); len(got) != 1 || got[0].AWS["request_id"] != "r2" {
		t.Errorf("%q", trees(got))
	}
}

// Hours after the initialization it is no part of the trace.
func TestTimingsOfOldInitialization(t *testing.T) {
	b, _ := subscribed(t)
	b.tell(`{"time":"2026-11-25T07:00:00.000Z","type":"platform.initStart","record":{}}`,
		`{"time":"2026-11-25T07:00:01.000Z","type":"platform.initRuntimeDone","record":{}}`)
	b.Invoke(invoke("r1", header))
	b.tell(told("10.125", "runtimeDone", doneRecord))
	if got := b.documents(); len(got) != 1 || got[0].Name != "runtimeDone" {
		t.Errorf("%q", trees(got))
	}
}

// SnapStart restores before an invocation.
func TestTimingsOfRestore(t *testing.T) {
	b, _ := subscribed(t)
	b.tell(told("09.000", "restoreStart", `"functionName":"orders"`), told("09.250", "restoreRuntimeDone", `"status":"success"`),
		told("09.300", "restoreReport", `"status":"success","metrics":{"durationMs":280.5}`))
	b.Invoke(invoke("r1", header))
	b.tell(told("10.125", "runtimeDone", doneRecord))
	if got := trees(b.documents()); len(got) != 3 || got[0] != "restoreRuntimeDone 9.-9.25" || got[1] != "restoreReport 9.-9.2805" {
		t.Errorf("%q", got)
	}
}

// On Managed Instances nobody tells of invocations. The segment of the function is
// spanId; the Parent in value is of the request to Lambda.
func TestTimingsOnManagedInstances(t *testing.T) {
	b, _ := subscribed(t)
	b.tell(told("10.200", "report", `"requestId":"r9","metrics":{"durationMs":150.25},"spans":[{"name":"responseLatency","start":"2026-11-25T10:00:10.000Z","durationMs":150}],`+
		`"tracing":{"spanId":"`+parent+`","type":"X-Amzn-Trace-Id","value":"Root=1-6ae729c0-a006649127e371903a2de979;Parent=2222222222222222;Sampled=1"}`))
	got := b.documents()
	if len(got) != 1 || tree(got[0]) != "report 10.-10.15025 [responseLatency 10.-10.15]" || got[0].ParentID != parent {
		t.Errorf("%q %+v", trees(got), got)
	}
}

// The document of an invocation that was killed has the type that the platform gives.
func TestFailureWithTelemetry(t *testing.T) {
	for name, c := range map[string]struct{ record, want string }{
		"exit":     {`"status":"failure","errorType":"Runtime.ExitError","metrics":{"durationMs":12}`, "Runtime.ExitError failure"},
		"no type":  {`"status":"failure"`, "Lambda.Failure failure"},
		"success":  {`"status":"success"`, ""},
		"no event": {``, "Lambda.Failure <nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			b, uri := subscribed(t)
			b.Invoke(invoke("r1", header))
			go func() { // Lambda tells of it at the end
				if c.record == "" {
					return
				}
				for _, text := range []string{told("10.100", "runtimeDone", `"requestId":"r1",`+c.record), told("10.200", "report", `"requestId":"r1",`+c.record)} {
					if resp, err := http.Post(uri, "application/json", strings.NewReader("["+text+"]")); err == nil {
						resp.Body.Close()
					}
				}
			}()
			b.Shutdown(Event{ShutdownReason: "failure"})
			got := ""
			for _, d := range b.documents() {
				if d.Fault {
					got = fmt.Sprint(d.Cause.Exceptions[0].Type, " ", d.Metadata["default"]["status"])
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever comes is answered 200: of anything else Lambda would send it again.
func TestTelemetryNeverAsksForRetry(t *testing.T) {
	b, uri := subscribed(t)
	for _, body := range []string{"", "x", "[1]", "[" + strings.Repeat(" ", maxBatch) + "]"} {
		resp, err := http.Post(uri, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%.20s: %s", body, resp.Status)
		}
	}
	if log := b.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "Telemetry API") {
		t.Errorf("log:\n%s", log)
	}
}

// An API that refuses, a name that is not known and a setting that is none are each
// logged once, and the extension goes on.
func TestSubscribeFails(t *testing.T) {
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.WriteHeader(http.StatusAccepted) // as Lambda's emulator of containers answers
	}))
	defer refuses.Close()
	hangs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		<-req.Context().Done()
	}))
	defer hangs.Close()
	for name, c := range map[string]struct{ setting, api, want string }{
		"refused":      {"127.0.0.1:0", refuses.URL, "202"},
		"no answer":    {"127.0.0.1:0", hangs.URL, "timeout"},
		"nobody there": {"127.0.0.1:0", "http://127.0.0.1:1", "refused"},
		"a name":       {"sandbox.invalid:0", refuses.URL, "sandbox.invalid"},
		"no address":   {"yes", refuses.URL, "want on, off or host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, map[string]string{EnvTelemetry: c.setting})
			a := &api{address: strings.TrimPrefix(c.api, "http://")}
			b.subscribe(a)
			a.hangUp()
			if log := b.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, c.want) || !strings.Contains(log, EnvTelemetry) {
				t.Errorf("log:\n%s", log)
			}
			if b.events != nil {
				t.Error("it listens")
			}
		})
	}
}

// By default nothing is asked, and off is the same.
func TestTelemetryOff(t *testing.T) {
	for _, setting := range []string{"", "off"} {
		b := newBench(t, map[string]string{EnvTelemetry: setting})
		b.subscribe(nil)
		if b.events != nil || b.log.String() != "" {
			t.Error(setting, b.log.String())
		}
	}
}

// Only Lambda's names are used; an extension that listens on a fixed port may find
// another there.
func TestSandbox(t *testing.T) {
	if sandbox != "sandbox.localdomain:0" {
		t.Error(sandbox)
	}
	b := newBench(t, map[string]string{EnvTelemetry: "on"})
	b.subscribe(&api{address: "127.0.0.1:1"})
	if hosts, _ := os.ReadFile("/etc/hosts"); bytes.Contains(hosts, []byte("sandbox.localdomain")) {
		t.Skip("this machine knows sandbox.localdomain")
	}
	if log := b.log.String(); !strings.Contains(log, "sandbox.localdomain") || !strings.Contains(log, "127.0.0.1:0") {
		t.Errorf("log:\n%s", log)
	}
}

// Whatever the events say, the documents are ones that X-Ray takes.
func FuzzTelemetry(f *testing.F) {
	f.Add([]byte("[" + told("10.125", "runtimeDone", doneRecord) + "," + told("10.127", "report", reportRecord) + "]"))
	f.Add([]byte("[" + told("09.000", "initStart", `"phase":"init"`) + "," + told("09.900", "initReport", `"metrics":{"durationMs":900}`) + "," + told("10.125", "runtimeDone", doneRecord) + "]"))
	f.Add([]byte(`[{"type":"platform.report","record":{"requestId":"r1","metrics":{"durationMs":1e99},"spans":[{"name":"a","start":"2022-08-02T12:01:23:521Z","durationMs":-1}]}}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		x := New(func(string) string { return "" }, NewLogger(new(bytes.Buffer)))
		x.events = new(http.Server)
		x.Invoke(invoke("r1", header))
		events, err := telemetry.Decode(body)
		if err != nil {
			return
		}
		for i := range events {
			for _, doc := range x.calls.time(nil, &events[i]) {
				if err := xraytest.CheckDocument(doc); err != nil {
					t.Errorf("%s: %v", doc, err)
				}
				if len(doc) > 60<<10 {
					t.Errorf("a document has %d bytes, more than a datagram", len(doc))
				}
			}
		}
	})
}

// What an invocation costs with the Telemetry API: its events to documents.
func BenchmarkTelemetry(b *testing.B) {
	x := New(func(string) string { return "" }, NewLogger(new(bytes.Buffer)))
	x.events = new(http.Server)
	x.Invoke(invoke("r1", header))
	batch := []byte("[" + told("10.000", "start", `"requestId":"r1"`) + "," + told("10.125", "runtimeDone", doneRecord) + "," + told("10.127", "report", reportRecord) + "]")
	b.ReportAllocs()
	b.SetBytes(int64(len(batch)))
	for b.Loop() {
		events, err := telemetry.Decode(batch)
		if err != nil {
			b.Fatal(err)
		}
		var docs [][]byte
		for i := range events {
			docs = x.calls.time(docs, &events[i])
		}
		if len(docs) != 2 {
			b.Fatal(len(docs))
		}
		x.calls.timings.reported = nil
	}
}
