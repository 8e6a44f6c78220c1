package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// nodeFunction installs the Node.js function of sam/nodejs once, as its lock file says
// and without running anyone's scripts, with the handler of testdata/node.
var nodeFunction = sync.OnceValues(func() (dir string, err error) {
	base, err := built()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(base, "node")
	for _, from := range []string{"sam/nodejs", "testdata/node"} {
		entries, err := os.ReadDir(from)
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			if e.IsDir() { // node_modules of who tried it
				continue
			}
			text, err := os.ReadFile(filepath.Join(from, e.Name()))
			if err != nil {
				return "", err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return "", err
			}
			if err := os.WriteFile(filepath.Join(dir, e.Name()), text, 0o644); err != nil {
				return "", err
			}
		}
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if text, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, text)
	}
	return dir, nil
})

// newDownstream starts what the functions of other languages call, and returns its URL.
func newDownstream(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Requestid", "d1")
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// newNodeSandbox starts the Node.js function beside the extension, with an exporter for
// one of OTLP's protocols.
func newNodeSandbox(t *testing.T, protocol string, env ...string) *sandbox {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s on this machine: %v", tool, err)
		}
	}
	dir, err := nodeFunction()
	if err != nil {
		t.Fatal(err)
	}
	downstream := newDownstream(t)
	s := newSandbox(t, xraytest.Function{Name: "orders", TaskRoot: dir, Handler: "ends.handler"})
	s.downstream = strings.TrimPrefix(downstream, "http://")
	endpoint := s.http
	if protocol == "grpc" {
		endpoint = s.grpc
	}
	cmd := exec.Command("node", "--require", "./local.js", "--require", "./tracing.js", "node_modules/aws-lambda-ric/bin/index.mjs", "ends.handler")
	cmd.Dir = dir
	s.start(cmd, append(env, "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint, "PRICE_URL="+downstream, "ORDERS_TABLE=orders",
		"AWS_ENDPOINT_URL_DYNAMODB="+downstream, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "OTEL_LOG_LEVEL=error")...)
	return s
}

// functionDocument returns the one document of an invocation's function span.
func functionDocument(t *testing.T, docs []*segment.Document) *segment.Document {
	t.Helper()
	for _, d := range docs {
		if d.Name == "orders" && d.Type == "subsegment" && d.ParentID == "1111111111111111" {
			return d
		}
	}
	t.Fatalf("no document of the function span among %d", len(docs))
	return nil
}

func names(docs []*segment.Document) string {
	var all []string
	for _, d := range docs {
		all = append(all, d.Name)
	}
	slices.Sort(all) // two spans of JavaScript may start at the same time
	return strings.Join(all, " ")
}

// A Node.js function with each of OpenTelemetry's exporters: every document is there
// before the response, none is lost, and calls have the names of what they call.
func TestNode(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 10
	}
	for _, protocol := range []string{"http/json", "http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			s := newNodeSandbox(t, protocol)
			for i := range n {
				result, docs := s.invoke(i, "{}", 0)
				if result.FunctionError != "" {
					t.Fatalf("invocation %d: %s", i, result.Payload)
				}
				d := functionDocument(t, docs)
				if d.AWS["request_id"] != fmt.Sprintf("request-%d", i) || d.Annotations["ColdStart"] != (i == 0) || len(docs) != 1+extra(i) {
					t.Fatalf("invocation %d: %d documents (%s), %+v with %s", i, len(docs), names(docs), d, names(d.Subsegments))
				}
				if got, want := names(d.Subsegments), s.downstream+" DynamoDB"; got != want {
					t.Fatalf("invocation %d calls %s, want %s", i, got, want)
				}
				if i == 0 && !strings.Contains(names(docs), "init") {
					t.Errorf("no initialization: %s", names(docs))
				}
			}
			_, docs := s.invoke(n, `{"end":"error"}`, 0)
			d := functionDocument(t, docs)
			if d.Cause == nil || d.Cause.Exceptions[0].Message != "no such order" || len(d.Cause.Exceptions[0].Stack) == 0 {
				t.Errorf("%+v", d)
			}
			s.end("spindown")
		})
	}
}

// extra is how many documents an invocation has beside its own: the initialization.
func extra(i int) int {
	if i == 0 {
		return 1
	}
	return 0
}

func TestNodeKilled(t *testing.T) {
	testKilled(t, func(t *testing.T) *sandbox { return newNodeSandbox(t, "http/json") })
}

// With the simple processor the spans of a hang arrive, and hang beneath the document
// of the invocation that was killed.
func TestNodeKilledSimpleProcessor(t *testing.T) {
	s := newNodeSandbox(t, "http/protobuf", "SPAN_PROCESSOR=simple")
	s.invoke(0, "{}", 0)
	before := len(s.daemon.Datagrams())
	s.invoke(1, `{"end":"hang"}`, 3*time.Second)
	s.end("timeout")
	docs := s.since(before, time.Time{})
	d := functionDocument(t, docs)
	for _, other := range docs {
		if other != d && other.ParentID != d.ID {
			t.Errorf("%s hangs beneath %s, not beneath the killed invocation %s", other.Name, other.ParentID, d.ID)
		}
	}
	if len(docs) != 3 {
		t.Errorf("%d documents: %s", len(docs), names(docs))
	}
}

func TestNodeFreeze(t *testing.T) {
	s := newNodeSandbox(t, "http/json")
	for i := range 10 {
		result, docs := s.invoke(i, "{}", 0)
		functionDocument(t, docs)
		s.freeze(result, 0)
	}
	s.end("spindown")
}
