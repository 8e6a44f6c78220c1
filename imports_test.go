package lambdaxray_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/lambdaxray/lambdaxray"

// The house has one direction: lambdaxray -> exporter -> mapping -> OpenTelemetry
// API, and propagator for itself. Each rule is one package with what it may not
// depend on, directly or not, and why.
func TestImports(t *testing.T) {
	const (
		size     = "a function pays for it with megabytes of binary and milliseconds of cold start"
		version  = "a function would get our version of what it uses itself"
		pure     = "the mapper also runs in the Collector and must not bring the SDK along"
		oneWay   = "imports go one way"
		samples  = "in Lambda the platform samples, and a function would pay for it"
		alone    = "the tracing header is of use without the rest"
		forTests = "it is for tests and would be in the binary of every function"
	)
	everywhere := map[string]string{
		"google.golang.org/protobuf":     size,
		"github.com/golang/protobuf":     size,
		"google.golang.org/grpc":         size,
		"go.opentelemetry.io/proto":      size,
		"go.opentelemetry.io/collector":  version,
		"github.com/aws/aws-sdk-go":      version,
		"github.com/aws/aws-sdk-go-v2":   version,
		"github.com/aws/aws-xray-sdk-go": version,
		"net/http/httptest":              forTests,
		"testing":                        forTests,
		"github.com/google/go-cmp":       forTests,
		module + "/exporter/xraytest":    forTests,
	}
	for pkg, forbidden := range map[string]map[string]string{
		"": {
			module + "/exporter/sampling": samples,
		},
		"/exporter": {
			module:                        oneWay,
			module + "/exporter/sampling": samples,
			"github.com/aws":              "the exporter works outside Lambda and under otellambda",
			"go.opentelemetry.io/contrib": "deprecated there; each is used from one file of the root package",
		},
		"/exporter/internal/udp": {
			module:                         oneWay,
			"go.opentelemetry.io/otel/sdk": "the Lambda extension links it, and every cold start waits for that",
			"net/http":                     "the Lambda extension links it, and every cold start waits for that",
		},
		"/exporter/sampling": {
			module:                        oneWay,
			"github.com/aws":              "the daemon signs the calls",
			"go.opentelemetry.io/contrib": "it must not inherit what instruments it",
		},
		"/exporter/xraytest": {
			module: oneWay,
		},
		"/mapping": {
			module:                         oneWay,
			module + "/exporter":           oneWay,
			module + "/propagator":         oneWay,
			"go.opentelemetry.io/otel/sdk": pure,
			"go.opentelemetry.io/contrib":  pure,
			"github.com/aws":               pure,
			"net":                          "the mapper does no I/O",
			"os/exec":                      "the mapper does no I/O",
			"log":                          "the mapper does not log",
		},
		"/mapping/segment": {
			module:                         oneWay,
			module + "/exporter":           oneWay,
			module + "/propagator":         oneWay,
			module + "/mapping":            "a document is read without what writes one",
			"go.opentelemetry.io/otel/sdk": pure,
			"net":                          "it does no I/O",
		},
		"/mapping/batch": {
			module:                         oneWay,
			module + "/exporter":           oneWay,
			"go.opentelemetry.io/otel/sdk": pure,
			"net":                          "it does no I/O",
		},
		"/mapping/otlpjson": {
			module:                         oneWay,
			module + "/exporter":           oneWay,
			"go.opentelemetry.io/otel/sdk": pure,
			"github.com/aws":               pure,
		},
		"/propagator": {
			module:                             oneWay,
			module + "/exporter":               alone,
			module + "/mapping":                alone,
			"go.opentelemetry.io/otel/sdk":     alone,
			"go.opentelemetry.io/contrib":      "contrib's X-Ray propagator loses Lineage",
			"github.com/aws":                   alone,
			module + "/propagator/lambdaevent": "what an event says stands on the header, not the other way round",
		},
		"/propagator/lambdaevent": {
			module:                         oneWay,
			module + "/exporter":           alone,
			module + "/mapping":            alone,
			"go.opentelemetry.io/otel/sdk": alone,
			"github.com/aws":               alone,
		},
	} {
		t.Run(module+pkg, func(t *testing.T) {
			deps := dependencies(t, module+pkg)
			for _, rules := range []map[string]string{everywhere, forbidden} {
				for name, reason := range rules {
					for _, dep := range deps {
						below := strings.HasPrefix(dep, name+"/") && !exact[name] && name != module+pkg
						if dep == name || below {
							t.Errorf("%s depends on %s: %s", module+pkg, dep, reason)
						}
					}
				}
			}
		})
	}
}

// exact are the names that stand for one package and not for those below it.
var exact = map[string]bool{module: true, "net": true, "net/http": true, "log": true, "testing": true}

// dependencies returns the packages that pkg links, but for pkg itself.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	list := exec.Command("go", "list", "-deps", pkg)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	deps := strings.Fields(string(out))
	return deps[:len(deps)-1] // dependencies first, the package last
}
