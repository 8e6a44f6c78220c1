package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

// envClients has the tests run that need other languages' programs, which come from
// the network.
const envClients = "LOCAL_TEST_CLIENTS"

func needs(t *testing.T, program string) {
	t.Helper()
	if os.Getenv(envClients) == "" {
		t.Skip(envClients + " is not set")
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skip(err)
	}
}

// command runs a program to its end.
func command(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestNode: AWS's SDK and OpenTelemetry's, both on the map.
func TestNode(t *testing.T) {
	needs(t, "npm")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "node"))); err != nil {
		t.Fatal(err)
	}
	command(t, dir, nil, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	url, _ := served(t, "-listen")
	var health xray.PageHealth
	getJSON(t, url+"/api/health", &health)
	command(t, dir, []string{"AWS_XRAY_DAEMON_ADDRESS=" + health.Addresses.Daemon}, "node", "xray.js")
	command(t, dir, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"}, "node", "otlp.js")
	want := map[string]string{" node-xray": "remote 127.0.0.1", " node-otlp": "remote redis@cache"}
	var graph xray.PageGraph
	until(t, func() bool {
		getJSON(t, url+"/api/graph", &graph)
		return len(graph.Nodes) >= 6
	})
	for _, e := range graph.Edges {
		if want[e.From] == e.To && e.Stats.Fault == 1 {
			delete(want, e.From)
		}
	}
	if len(want) > 0 {
		t.Errorf("no edges %v in %+v", want, graph)
	}
	getJSON(t, url+"/api/health", &health)
	if len(health.Broken) > 0 {
		t.Errorf("broken: %+v", health.Broken)
	}
}

// TestCLI: the README's lines, with whatever version of the AWS CLI is there.
func TestCLI(t *testing.T) {
	needs(t, "aws")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("LOCAL_TEST_FUNCTION", "echo")
	url, stderr := served(t, "-listen", "-name", "orders", "--", self)
	until(t, func() bool { return strings.Contains(stderr(), "Invoke API on") })
	dir := t.TempDir()
	aws := func(args ...string) string {
		t.Helper()
		return command(t, dir, []string{"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER="},
			"aws", append(args, "--endpoint-url", url, "--output", "text")...)
	}
	if err := os.WriteFile(filepath.Join(dir, "event.json"), []byte(`{"do":"fail"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	aws("lambda", "invoke", "--function-name", "orders", "--payload", "fileb://event.json", "out.json")
	if out, err := os.ReadFile(filepath.Join(dir, "out.json")); err != nil || !strings.Contains(string(out), "failed as asked") {
		t.Errorf("the answer is %s, %v", out, err)
	}
	now := time.Now().Unix()
	span := []string{"--start-time", strconv.FormatInt(now-600, 10), "--end-time", strconv.FormatInt(now+600, 10)}
	id := strings.TrimSpace(aws(append([]string{"xray", "get-trace-summaries", "--filter-expression", `service(id(name: "orders", type: "AWS::Lambda::Function")) { fault }`, "--query", "TraceSummaries[].Id"}, span...)...))
	for want, args := range map[string][]string{
		"AWS::Lambda::Function":    append([]string{"xray", "get-service-graph"}, span...),
		"failed as asked":          {"xray", "batch-get-traces", "--trace-ids", id},
		"AWS::Lambda":              {"xray", "get-trace-graph", "--trace-ids", id},
		"Default":                  {"xray", "get-groups"},
		"SERVICESUMMARYSTATISTICS": append([]string{"xray", "get-time-series-service-statistics", "--entity-selector-expression", `service("orders")`}, span...),
	} {
		if got := aws(args...); !strings.Contains(got, want) {
			t.Errorf("%q prints no %s:\n%s", args, want, got)
		}
	}
}
