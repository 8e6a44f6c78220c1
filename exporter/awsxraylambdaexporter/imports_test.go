package awsxraylambdaexporter

import (
	"os/exec"
	"strings"
	"testing"
)

// What a Collector links with the component is what it needs, and nothing that
// tests or comparisons need.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, why := range map[string]string{
		"github.com/lambdaxray/lambdaxray/exporter/xraytest":        "it is for tests",
		"github.com/open-telemetry/opentelemetry-collector-contrib": "awsxrayexporter is compared with in mapping/compare",
		"github.com/aws/aws-xray-sdk-go":                            "another exporter's",
		"github.com/aws/aws-lambda-go":                              "a function's",
	} {
		for _, dep := range strings.Fields(string(out)) {
			if dep == name || strings.HasPrefix(dep, name+"/") {
				t.Errorf("depends on %s: %s", dep, why)
			}
		}
	}
}
