package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

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
	testLanguage(t, newRubySandbox(t), n, "prices.example.com", "ArgumentError")
}

func TestRubyKilled(t *testing.T) { testKilled(t, newRubySandbox) }
