package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// pythonModules are what the Python function needs.
const pythonModules = "awslambdaric, boto3, opentelemetry.distro, opentelemetry.instrumentation.aws_lambda, " +
	"opentelemetry.instrumentation.botocore, opentelemetry.instrumentation.urllib, opentelemetry.propagators.aws"

// newPythonSandbox starts the Python function of sam/python beside the extension, with
// the exporter of a module. LAMBDAXRAY_TEST_PYTHON names a Python that has what
// sam/python/requirements-local.txt lists.
func newPythonSandbox(t *testing.T, exporter, module string) *sandbox {
	t.Helper()
	python, err := exec.LookPath(cmp.Or(os.Getenv("LAMBDAXRAY_TEST_PYTHON"), "python3"))
	if err != nil {
		t.Skipf("no Python on this machine: %v", err)
	}
	if out, err := exec.Command(python, "-c", "import "+pythonModules+", "+module).CombinedOutput(); err != nil {
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		t.Skipf("%s lacks what sam/python/requirements-local.txt lists (LAMBDAXRAY_TEST_PYTHON may name another): %s", python, lines[len(lines)-1])
	}
	downstream := newDownstream(t)
	dir, err := filepath.Abs("sam/python")
	if err != nil {
		t.Fatal(err)
	}
	ends, err := filepath.Abs("testdata/python")
	if err != nil {
		t.Fatal(err)
	}
	s := newSandbox(t, xraytest.Function{Name: "orders", TaskRoot: dir, Handler: "ends.handler"})
	s.downstream = strings.TrimPrefix(downstream, "http://")
	// What /opt/otel-instrument of OpenTelemetry's layer does.
	cmd := exec.Command(python, "-c", "from opentelemetry.instrumentation.auto_instrumentation import run; run()",
		python, "-m", "awslambdaric", "ends.handler")
	cmd.Dir = dir
	s.start(cmd, "PYTHONPATH="+ends+string(filepath.ListSeparator)+dir, "PYTHONDONTWRITEBYTECODE=1",
		"OTEL_TRACES_EXPORTER="+exporter, "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none",
		"OTEL_PROPAGATORS=xray-lambda", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+s.http,
		"PRICE_URL="+downstream, "ORDERS_TABLE=orders", "AWS_ENDPOINT_URL_DYNAMODB="+downstream, "AWS_ENDPOINT_URL="+downstream,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	return s
}

// pythonExporters are OpenTelemetry's for Python over HTTP.
var pythonExporters = map[string]string{
	"otlp_proto_http": "opentelemetry.exporter.otlp.proto.http.trace_exporter",
	"otlp_json_http":  "opentelemetry.exporter.otlp.json.http.trace_exporter",
}

// A Python function: every document is there before the response, none is lost, and
// calls have the names of what they call.
func TestPython(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 5
	}
	for exporter, module := range pythonExporters {
		t.Run(exporter, func(t *testing.T) {
			s := newPythonSandbox(t, exporter, module)
			for i := range n {
				result, docs := s.invoke(i, "{}", 0)
				if result.FunctionError != "" || len(docs) != 1 {
					t.Fatalf("invocation %d: %s, %d documents (%s)", i, result.Payload, len(docs), names(docs))
				}
				d := functionDocument(t, docs)
				if d.AWS["request_id"] != fmt.Sprintf("request-%d", i) || d.Annotations["ColdStart"] != (i == 0) {
					t.Fatalf("invocation %d: %+v", i, d)
				}
				if got, want := names(d.Subsegments), s.downstream+" DynamoDB"; got != want {
					t.Fatalf("invocation %d calls %s, want %s", i, got, want)
				}
			}
			result, docs := s.invoke(n, `{"end":"error"}`, 0)
			d := functionDocument(t, docs)
			if d.Cause == nil || d.Cause.Exceptions[0].Type != "ValueError" || d.Cause.Exceptions[0].Message != "no such order" || len(d.Cause.Exceptions[0].Stack) == 0 {
				t.Errorf("%+v", d)
			}
			s.freeze(result, 0)
			if _, docs := s.invoke(n+1, "{}", 0); len(docs) != 1 {
				t.Errorf("after a freeze: %s", names(docs))
			}
			s.end("spindown")
			if log := s.log.String(); log != "" {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

func TestPythonKilled(t *testing.T) {
	for end, reason := range map[string]string{"hang": "timeout", "exit": "failure"} {
		t.Run(end, func(t *testing.T) {
			s := newPythonSandbox(t, "otlp_proto_http", pythonExporters["otlp_proto_http"])
			s.invoke(0, "{}", 0)
			if result, docs := s.invoke(1, `{"end":"`+end+`"}`, 3*time.Second); result.FunctionError == "" || len(docs) != 0 {
				t.Fatalf("%s, %d documents", result.Payload, len(docs))
			}
			before := len(s.daemon.Datagrams())
			s.end(reason)
			if d := functionDocument(t, s.since(before, time.Time{})); !d.Fault || d.AWS["request_id"] != "request-1" {
				t.Errorf("%+v", d)
			}
		})
	}
}
