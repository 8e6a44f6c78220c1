package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Every cold start waits for the extension's, and pays for what it links. Its tests
// may use more.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		for name, why := range map[string]string{
			"google.golang.org":                                  "gRPC and protobuf double the binary; net/http has HTTP/2, easyproto the wire format",
			"go.opentelemetry.io/collector":                      "pdata doubles the binary",
			"go.opentelemetry.io/otel/sdk":                       "no span is made here",
			"github.com/aws":                                     "the daemon signs",
			"github.com/lambdaxray/lambdaxray/exporter/xraytest": "it is for tests",
			"testing": "it is for tests",
		} {
			if dep == name || strings.HasPrefix(dep, name+"/") {
				t.Errorf("the extension depends on %s: %s", dep, why)
			}
		}
	}
}
