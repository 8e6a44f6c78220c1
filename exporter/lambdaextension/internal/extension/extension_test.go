package extension

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const (
	root   = "6ae729c0a006649127e371903a2de979"
	parent = "1111111111111111"
	header = "Root=1-6ae729c0-a006649127e371903a2de979;Parent=1111111111111111;Sampled=1;Lineage=1:a:0"
)

// bench is an Extension with a daemon, a server and a log that a test reads.
type bench struct {
	*Extension
	t      *testing.T
	daemon *xraytest.Daemon
	server *httptest.Server
	log    syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newBench starts one whose environment is Lambda's for an extension, changed by env.
func newBench(t *testing.T, env map[string]string) *bench {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	b := &bench{t: t, daemon: xraytest.NewDaemon(t)}
	all := map[string]string{
		envFunctionName: "orders", envFunctionVersion: "$LATEST", envMemorySize: "128", envRegion: "eu-west-1",
		envInitializationType: "on-demand", EnvDaemon: b.daemon.Addr(),
	}
	for k, v := range env {
		all[k] = v
	}
	b.Extension = New(func(key string) string { return all[key] }, NewLogger(&b.log))
	b.server = httptest.NewUnstartedServer(nil)
	b.server.Config = b.Receiver().Server()
	b.server.Start()
	t.Cleanup(b.server.Close)
	return b
}

// documents returns what the daemon has received by now.
func (b *bench) documents() []*segment.Document {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	raw, err := b.daemon.Drain(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var docs []*segment.Document
	for _, r := range raw {
		if err := xraytest.CheckDocument(r); err != nil {
			b.t.Errorf("%s: %v", r, err)
		}
		d, err := segment.Parse(r)
		if err != nil {
			b.t.Fatal(err)
		}
		docs = append(docs, d)
	}
	return docs
}

// post sends JSON spans and returns status and answer.
func (b *bench) post(spans ...string) (int, string) {
	b.t.Helper()
	return b.send("/v1/traces", "application/json", "", []byte(request(spans...)))
}

func (b *bench) send(path, contentType, encoding string, body []byte) (int, string) {
	b.t.Helper()
	req, err := http.NewRequest("POST", b.server.URL+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func request(spans ...string) string {
	return `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[` + strings.Join(spans, ",") + `]}]}]}`
}

// span writes a span of root's trace from now on for 10 ms.
func span(id, above string, kind int, name string, more string) string {
	return spanAt(time.Now(), root, id, above, kind, name, more)
}

func spanAt(at time.Time, traceID, id, above string, kind int, name, more string) string {
	flags := 0x100
	if kind == 2 {
		flags = 0x300 // the parent is remote
	}
	return fmt.Sprintf(`{"traceId":%q,"spanId":%q,"parentSpanId":%q,"kind":%d,"name":%q,"flags":%d,"startTimeUnixNano":"%d","endTimeUnixNano":"%d"%s}`,
		traceID, id, above, kind, name, flags, at.UnixNano(), at.Add(10*time.Millisecond).UnixNano(), more)
}

const functionID = "2222222222222222"

func function(more string) string { return span(functionID, parent, 2, "orders", more) }

func invoke(id, header string) Event {
	e := Event{EventType: "INVOKE", RequestID: id, FunctionARN: "arn:aws:lambda:eu-west-1:123456789012:function:orders", DeadlineMs: time.Now().Add(3 * time.Second).UnixMilli()}
	e.Tracing.Value = header
	return e
}

func invocationID(id string) string {
	return `,"attributes":[{"key":"faas.invocation_id","value":{"stringValue":"` + id + `"}}]`
}

// One function span is one subsegment of the platform's, with what the event adds.
func TestFunctionSpan(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", header))
	if status, answer := b.post(function(invocationID("1")), span("3333333333333333", functionID, 3, "GET", "")); status != 200 || answer != "{}" {
		t.Fatalf("%d %s", status, answer)
	}
	b.Invoke(invoke("2", header))
	b.post(function(invocationID("2")))
	docs := b.documents()
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	d := docs[0]
	if d.Type != "subsegment" || d.ParentID != parent || d.Name != "orders" || len(d.Subsegments) != 1 || d.Annotations["ColdStart"] != true || d.AWS["request_id"] != "1" {
		t.Errorf("%+v", d)
	}
	if docs[1].Annotations["ColdStart"] != false {
		t.Errorf("the second invocation: %v", docs[1].Annotations)
	}
}

// The span decides where it belongs when it is here before its event.
func TestSpanBeforeItsEvent(t *testing.T) {
	b := newBench(t, nil)
	b.post(function(invocationID("1")))
	b.Invoke(invoke("1", header))
	b.Invoke(invoke("2", "Root=1-6ae729c0-a006649127e371903a2de900;Parent=1111111111111112;Sampled=1"))
	b.post(function(invocationID("3")))
	for _, d := range b.documents() {
		if d.Type != "subsegment" || d.ParentID != parent || len(d.Links) != 0 {
			t.Errorf("%+v", d)
		}
	}
}

// A function span of another trace than the header's has a segment of its own, linked.
func TestOtherTrace(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", "Root=1-6ae729c0-a006649127e371903a2de900;Parent=1111111111111112;Sampled=1"))
	b.post(function(invocationID("1")))
	docs := b.documents()
	if len(docs) != 1 || docs[0].Type != "" || docs[0].Origin != "AWS::Lambda::Function" || len(docs[0].Links) != 1 || docs[0].Links[0].ID != "1111111111111112" {
		t.Fatalf("%+v", docs[0])
	}
	if subs := docs[0].Subsegments; len(subs) != 1 || subs[0].Name != "Initialization" {
		t.Errorf("a cold start of one's own has no Initialization: %+v", subs)
	}
}

// What ran before the first invocation is beneath init of the first function span.
func TestInitialization(t *testing.T) {
	b := newBench(t, nil)
	early := spanAt(time.Now().Add(-20*time.Millisecond), "6ae729c0a006649127e371903a2de9ff", "4444444444444444", "", 1, "load", "")
	b.post(early)
	b.post(span("5555555555555555", functionID, 1, "before its parent", "")) // of a fast function, before the event
	b.Invoke(invoke("1", header))
	if docs := b.documents(); len(docs) != 0 {
		t.Fatalf("%d documents before the function span", len(docs))
	}
	b.post(function(invocationID("1")))
	names := map[string]string{} // name -> parent's
	for _, d := range b.documents() {
		names[d.Name] = d.ParentID
		for _, s := range d.Subsegments {
			names[s.Name] = d.Name
		}
	}
	if names["load"] != "init" || names["init"] != parent || names["before its parent"] != "orders" || names["orders"] != parent {
		t.Errorf("%v", names)
	}
}

// On Managed Instances the spans of another invocation are no initialization.
func TestManagedInitialization(t *testing.T) {
	b := newBench(t, map[string]string{envInitializationType: "lambda-managed-instances"})
	now := time.Now()
	b.post(
		spanAt(now, "6ae729c0a006649127e371903a2de9ff", "4444444444444444", "", 1, "load", ""),
		spanAt(now, "6ae729c0a006649127e371903a2de9ee", "5555555555555555", "6666666666666666", 1, "of another invocation", ""),
		function(""))
	names := map[string]string{}
	for _, d := range b.documents() {
		names[d.Name] = d.TraceID
		for _, s := range d.Subsegments {
			names[s.Name] = d.Name
		}
	}
	if names["load"] != "init" || names["of another invocation"] != "1-6ae729c0-a006649127e371903a2de9ee" {
		t.Errorf("%v", names)
	}
}

// Initialization that no function span takes along goes out at the end.
func TestInitializationWithoutFunctionSpan(t *testing.T) {
	b := newBench(t, nil)
	b.post(span("4444444444444444", "", 1, "load", ""))
	b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: "spindown"})
	if docs := b.documents(); len(docs) != 1 || docs[0].Name != "shop" || docs[0].Origin != "" {
		t.Errorf("%+v", docs)
	}
}

func TestKilled(t *testing.T) {
	open := "7777777777777777"
	for _, c := range []struct {
		name, header, reason string
		spans                []string
		want                 bool
		id, exception        string
	}{
		{"timeout", header, "timeout", nil, true, "", "Sandbox.Timedout"},
		{"in capitals", header, "TIMEOUT", nil, true, "", "Sandbox.Timedout"},
		{"failure", header, "failure", nil, true, "", "Lambda.Failure"},
		{"spindown", header, "spindown", nil, false, "", ""},
		{"not sampled", strings.Replace(header, "Sampled=1", "Sampled=0", 1), "timeout", nil, false, "", ""},
		{"no header", "", "timeout", nil, false, "", ""},
		{"the function was done", header, "timeout", []string{function(invocationID("1"))}, false, "", ""},
		{"one span is open", header, "timeout", []string{span("8888888888888888", open, 1, "a", ""), span("9999999999999999", "8888888888888888", 1, "b", "")}, true, open, "Sandbox.Timedout"},
		{"two are open", header, "timeout", []string{span("8888888888888888", open, 1, "a", ""), span("9999999999999999", "7777777777777778", 1, "b", "")}, true, "", "Sandbox.Timedout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			e := invoke("1", c.header)
			b.Invoke(e)
			if len(c.spans) > 0 {
				b.post(c.spans...)
			}
			before := len(b.documents())
			b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: c.reason})
			docs := b.documents()[before:]
			if (len(docs) == 1) != c.want {
				t.Fatalf("%d documents", len(docs))
			}
			if !c.want {
				return
			}
			d := docs[0]
			if d.Type != "subsegment" || d.ParentID != parent || !d.Fault || d.Namespace != "" || d.Name != "orders" || d.AWS["request_id"] != "1" || d.Cause.Exceptions[0].Type != c.exception {
				t.Errorf("%+v", d)
			}
			if c.id != "" && d.ID != c.id {
				t.Errorf("id %s, want the open span's", d.ID)
			}
			if c.name == "two are open" && (len(d.Subsegments) != 2 || !d.Subsegments[0].InProgress || d.Subsegments[0].ID != open) {
				t.Errorf("%+v", d.Subsegments)
			}
			// The start after a reset is no cold start.
			again := New(b.getenv, NewLogger(io.Discard))
			again.Invoke(invoke("2", header))
			if again.calls.current.cold {
				t.Error("the invocation after a reset counts as a cold start")
			}
		})
	}
}

// Two processes write the same document of the same failure.
func TestKilledIsDeterministic(t *testing.T) {
	var texts []string
	read := time.Now()
	for range 2 {
		b := newBench(t, nil)
		b.Invoke(invoke("1", header))
		b.post(span("8888888888888888", "7777777777777777", 1, "a", ""), span("9999999999999999", "7777777777777778", 1, "b", ""))
		b.calls.current.read, b.calls.current.deadline = read, read.Add(time.Second)
		texts = append(texts, string(b.failure(b.calls.current, "timeout", time.Now())[0]))
	}
	if texts[0] != texts[1] {
		t.Errorf("%s\n%s", texts[0], texts[1])
	}
}

// Nothing that comes in makes a client try again, and what is wrong is said once.
func TestRequestsThatAreWrong(t *testing.T) {
	b := newBench(t, nil)
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = zw.Write([]byte(request()))
	_ = zw.Close()
	for _, c := range []struct {
		name, path, contentType, encoding string
		body                              []byte
		want                              int
	}{
		{"protobuf", "/v1/traces", "application/x-protobuf", "", []byte{0x0a, 0x7f}, 400},
		{"JSON", "/v1/traces", "application/json", "", []byte(`{"resourceSpans":[`), 400},
		{"JSON of no spans", "/v1/traces", "application/json", "", []byte(`[]`), 400},
		{"gzip", "/v1/traces", "application/json", "gzip", []byte("no gzip"), 400},
		{"gzip that ends early", "/v1/traces", "application/json", "gzip", zipped.Bytes()[:20], 400},
		{"good gzip after it", "/v1/traces", "application/json", "gzip", zipped.Bytes(), 200},
		{"zstd", "/v1/traces", "application/json", "zstd", []byte("x"), 415},
		{"text", "/v1/traces", "text/plain", "", []byte("x"), 415},
		{"elsewhere", "/v2/traces", "application/json", "", []byte("{}"), 404},
		{"nothing", "/v1/traces", "application/x-protobuf", "", nil, 200},
		{"metrics", "/v1/metrics", "application/x-protobuf", "", []byte("anything"), 200},
		{"logs", "/v1/logs", "application/json; charset=utf-8", "", []byte("anything"), 200},
	} {
		status, answer := b.send(c.path, c.contentType, c.encoding, c.body)
		if status != c.want || status >= 400 && answer == "" {
			t.Errorf("%s: %d %q, want %d", c.name, status, answer, c.want)
		}
		if c.name == "JSON" {
			var s struct {
				Code    int
				Message string
			}
			if err := json.Unmarshal([]byte(answer), &s); err != nil || s.Code != 3 || !strings.Contains(s.Message, "unexpected EOF") {
				t.Errorf("%s", answer)
			}
		}
	}
	if n := strings.Count(b.log.String(), "metrics are taken"); n != 1 {
		t.Errorf("metrics are mentioned %d times:\n%s", n, &b.log)
	}
}

// What is good of a request goes out, and the client hears of the rest.
func TestPartialSuccess(t *testing.T) {
	b := newBench(t, nil)
	status, answer := b.post(function(""), `{"name":"bad"}`, span("0000000000000000", functionID, 1, "zero", ""))
	if status != 200 || !strings.Contains(answer, `"rejectedSpans":"2"`) || !strings.Contains(answer, "traceId") {
		t.Errorf("%d %s", status, answer)
	}
	if docs := b.documents(); len(docs) != 1 {
		t.Errorf("%d documents", len(docs))
	}
}

func TestTooLarge(t *testing.T) {
	b := newBench(t, nil)
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 65 {
		_, _ = zw.Write(zeros)
	}
	_ = zw.Close()
	if status, answer := b.send("/v1/traces", "application/json", "gzip", bomb.Bytes()); status != 413 {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := b.post(function("")); status != 200 {
		t.Errorf("after it: %d", status)
	}
}

// gRPC over h2c: an answer with its status in the trailers, whatever was sent.
func TestGRPC(t *testing.T) {
	b := newBench(t, nil)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces([]byte(request(function(""))))
	if err != nil {
		t.Fatal(err)
	}
	good, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = zw.Write(good)
	_ = zw.Close()
	frame := func(flag byte, m []byte) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(m))), m...)
	}
	const traces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	for _, c := range []struct {
		name, path string
		body       []byte
		want       string
	}{
		{"plain", traces, frame(0, good), "0"},
		{"gzip", traces, frame(1, zipped.Bytes()), "0"},
		{"empty", traces, frame(0, nil), "0"},
		{"no frame", traces, []byte{0, 0}, "3"},
		{"a short frame", traces, frame(0, good)[:20], "3"},
		{"a flag of the future", traces, frame(2, good), "3"},
		{"bad gzip", traces, frame(1, good), "3"},
		{"bad message", traces, frame(0, []byte{0x0a, 0x7f}), "3"},
		{"metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", frame(0, nil), "0"},
		{"another service", "/grpc.health.v1.Health/Check", frame(0, nil), "12"},
	} {
		req, err := http.NewRequest("POST", b.server.URL+c.path, bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Grpc-Encoding", "gzip")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if got := resp.Trailer.Get("Grpc-Status"); resp.StatusCode != 200 || resp.ProtoMajor != 2 || got != c.want {
			t.Errorf("%s: %s, grpc-status %q %q, want %s", c.name, resp.Status, got, resp.Trailer.Get("Grpc-Message"), c.want)
		}
	}
	if docs := b.documents(); len(docs) != 2 {
		t.Errorf("%d documents, want 2", len(docs))
	}
}

func TestManyAtOnce(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", header))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			id := fmt.Sprintf("%016x", i+1)
			if status, answer := b.post(span(id, parent, 2, "orders", "")); status != 200 {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	wg.Wait()
	if docs := b.documents(); len(docs) != 100 {
		t.Errorf("%d documents, want 100", len(docs))
	}
}

// Without a daemon requests are answered, and one line says what is missing.
func TestNoDaemonKnown(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "", envRuntimeAPI: "127.0.0.1:9"})
	b.proc = t.TempDir()
	for range 10 {
		if status, _ := b.post(function("")); status != 200 {
			t.Errorf("%d", status)
		}
	}
	b.Close(context.Background())
	if log := b.log.String(); strings.Count(log, "no X-Ray daemon") != 1 || !strings.Contains(log, "10 documents were lost") {
		t.Errorf("%s", log)
	}
}

func TestDaemonIsDownAndBack(t *testing.T) {
	gone := xraytest.NewDaemon(t)
	address := gone.Addr()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, map[string]string{EnvDaemon: address})
	for range 3 {
		if status, _ := b.post(function("")); status != 200 {
			t.Errorf("%d", status)
		}
	}
	back, err := xraytest.StartDaemon(address)
	if err != nil {
		t.Skip(err) // someone else has the port
	}
	defer back.Close()
	b.daemon = back
	b.post(function(""))
	if docs := b.documents(); len(docs) == 0 {
		t.Error("no document once the daemon was back")
	}
	if log := b.log.String(); strings.Count(log, "\n") != 1 {
		t.Errorf("%s", log)
	}
}

// The runtime's environment says where the daemon is.
func TestDiscovery(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "", envRuntimeAPI: "127.0.0.1:9001"})
	b.proc = t.TempDir()
	for pid, env := range map[string]string{
		"1":   "PATH=/bin\x00",
		"20":  "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9\x00AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:1\x00",
		"30":  "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001\x00AWS_XRAY_DAEMON_ADDRESS=" + b.daemon.Addr() + "\x00AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/orders\x00",
		"400": "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001\x00",
	} {
		if err := os.MkdirAll(filepath.Join(b.proc, pid), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(b.proc, pid, "environ"), []byte(env), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.post(span(functionID, "", 2, "orders", ""))
	docs := b.documents()
	if len(docs) != 1 || !strings.Contains(fmt.Sprint(docs[0].AWS), "/aws/lambda/orders") {
		t.Errorf("%+v, log %s", docs, &b.log)
	}
}

// A setting that is not understood is said and has no effect.
func TestBadSettings(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "nonsense", EnvKeep: "all", envInitializationType: "on-demand"})
	b.proc = t.TempDir()
	if status, _ := b.post(function("")); status != 200 {
		t.Errorf("%d", status)
	}
	if log := b.log.String(); !strings.Contains(log, EnvDaemon) || !strings.Contains(log, EnvKeep) {
		t.Errorf("%s", log)
	}
}

func TestAnnotations(t *testing.T) {
	b := newBench(t, map[string]string{EnvAnnotations: "tenant, other"})
	b.post(function(`,"attributes":[{"key":"tenant","value":{"stringValue":"a"}}]`))
	if docs := b.documents(); docs[0].Annotations["tenant"] != "a" {
		t.Errorf("%v", docs[0].Annotations)
	}
}

func TestSilence(t *testing.T) {
	b := newBench(t, nil)
	for i := range 30 {
		b.Invoke(invoke(fmt.Sprint(i), header))
	}
	if n := strings.Count(b.log.String(), "sent no span"); n != 1 {
		t.Errorf("said %d times", n)
	}
	b.Shutdown(Event{EventType: "SHUTDOWN", ShutdownReason: "spindown"})
	if docs := b.documents(); len(docs) != 0 {
		t.Errorf("%d documents", len(docs))
	}
}

// The API's connection breaks, its answers are odd: the extension goes on.
func TestRunSurvives(t *testing.T) {
	answers := []string{
		"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno",
		"nonsense",
		"",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 7\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nno json!",
		"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + `{"eventType":"FUTURE","more":{"x":[1,2]}}`[:40],
		event(`{"eventType":"FUTURE","more":[1]}`),
		event(`{"eventType":"INVOKE","requestId":"1","tracing":null,"future":true}`),
		event(`{"eventType":"SHUTDOWN","shutdownReason":"spindown"}`),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for len(answers) > 0 {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			if _, err := conn.Read(buf); err == nil {
				_, _ = io.WriteString(conn, answers[0])
				answers = answers[1:]
			}
			conn.Close()
		}
	}()
	b := newBench(t, map[string]string{envRuntimeAPI: l.Addr().String()})
	done := make(chan struct{})
	go func() { b.Run("lambdaxray"); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("not at the end:\n%s", &b.log)
	}
	if b.calls.current == nil || b.calls.current.requestID != "1" {
		t.Error("the invocation was not taken")
	}
}

func event(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nFuture: 1\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}
