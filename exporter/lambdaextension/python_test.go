package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
	endpoint := s.http
	if exporter == "otlp_proto_grpc" {
		endpoint = s.grpc
	}
	// What /opt/otel-instrument of OpenTelemetry's layer does.
	cmd := exec.Command(python, "-c", "from opentelemetry.instrumentation.auto_instrumentation import run; run()",
		python, "-m", "awslambdaric", "ends.handler")
	cmd.Dir = dir
	s.start(cmd, "PYTHONPATH="+ends+string(filepath.ListSeparator)+dir, "PYTHONDONTWRITEBYTECODE=1",
		"OTEL_TRACES_EXPORTER="+exporter, "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none",
		"OTEL_PROPAGATORS=xray-lambda", "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+endpoint,
		"PRICE_URL="+downstream, "ORDERS_TABLE=orders", "AWS_ENDPOINT_URL_DYNAMODB="+downstream, "AWS_ENDPOINT_URL="+downstream,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	return s
}

// pythonExporters are OpenTelemetry's for Python.
var pythonExporters = map[string]string{
	"otlp_proto_grpc": "opentelemetry.exporter.otlp.proto.grpc.trace_exporter",
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
			testLanguage(t, s, n, s.downstream+" DynamoDB", "ValueError")
		})
	}
}

func TestPythonKilled(t *testing.T) {
	testKilled(t, func(t *testing.T) *sandbox {
		return newPythonSandbox(t, "otlp_proto_http", pythonExporters["otlp_proto_http"])
	})
}
