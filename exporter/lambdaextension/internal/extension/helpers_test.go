package extension

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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

func event(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nFuture: 1\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}
