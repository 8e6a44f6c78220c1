package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// rubyGems are what the Ruby function needs, by what is required.
var rubyGems = map[string]string{
	"aws_lambda_ric":                           "aws_lambda_ric",
	"opentelemetry/sdk":                        "opentelemetry-sdk",
	"opentelemetry/exporter/otlp":              "opentelemetry-exporter-otlp",
	"opentelemetry-instrumentation-aws_lambda": "opentelemetry-instrumentation-aws_lambda",
	"opentelemetry-propagator-xray":            "opentelemetry-propagator-xray",
}

// newRubySandbox starts the Ruby function of testdata/ruby beside the extension.
// LAMBDAXRAY_TEST_RUBY names a Ruby that has the gems.
func newRubySandbox(t *testing.T) *sandbox {
	t.Helper()
	ruby, err := exec.LookPath(cmp.Or(os.Getenv("LAMBDAXRAY_TEST_RUBY"), "ruby"))
	if err != nil {
		t.Skipf("no Ruby on this machine: %v", err)
	}
	for required, gem := range rubyGems {
		if out, err := exec.Command(ruby, "-r", required, "-e", "").CombinedOutput(); err != nil {
			first, _, _ := bytes.Cut(out, []byte("\n"))
			t.Skipf("%s has no gem %s (LAMBDAXRAY_TEST_RUBY may name another): %s", ruby, gem, first)
		}
	}
	dir, err := filepath.Abs("testdata/ruby")
	if err != nil {
		t.Fatal(err)
	}
	s := newSandbox(t, xraytest.Function{Name: "orders", TaskRoot: dir, Handler: "app.Orders.take"})
	cmd := exec.Command(ruby, "-r", "aws_lambda_ric", "-e", "AwsLambdaRIC::Bootstrap.new.start", "app.Orders.take")
	cmd.Dir = dir
	s.start(cmd, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+s.http)
	return s
}

// A Ruby function, whose exporter compresses: every document is there before the
// response, none is lost.
func TestRuby(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 5
	}
	s := newRubySandbox(t)
	for i := range n {
		result, docs := s.invoke(i, "{}", 0)
		if result.FunctionError != "" || len(docs) != 1 {
			t.Fatalf("invocation %d: %s, %d documents (%s)", i, result.Payload, len(docs), names(docs))
		}
		d := docs[0] // named after the handler there
		if d.Name != "Orders.take" || d.ParentID != "1111111111111111" || d.AWS["request_id"] != fmt.Sprintf("request-%d", i) || d.Annotations["ColdStart"] != (i == 0) || names(d.Subsegments) != "prices.example.com" {
			t.Fatalf("invocation %d: %+v calls %s", i, d, names(d.Subsegments))
		}
	}
	result, docs := s.invoke(n, `{"end":"error"}`, 0)
	if len(docs) != 1 {
		t.Fatalf("%s", names(docs))
	}
	d := docs[0]
	if d.Cause == nil || d.Cause.Exceptions[0].Type != "ArgumentError" || d.Cause.Exceptions[0].Message != "no such order" || len(d.Cause.Exceptions[0].Stack) == 0 {
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
}

func TestRubyKilled(t *testing.T) {
	for end, reason := range map[string]string{"hang": "timeout", "exit": "failure"} {
		t.Run(end, func(t *testing.T) {
			s := newRubySandbox(t)
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
