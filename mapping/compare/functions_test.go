package compare

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxOverBare is how many bytes lambdaxray may add to a hello-world function.
// OpenTelemetry's SDK alone adds 1,050,000. Of the rest about 300,000 are the mapper:
// clarity has cost 50,000 of them, the one name of 190 AWS services and nested calls
// 50,000 as well, what keeps secrets in 74,000, and documents that awsxrayreceiver read
// 8,000. A binary grows by 4,096 at a time.
const maxOverBare = 1_987_000

// buildFlags are those of a function that is to be deployed.
var buildFlags = []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags=lambda.norpc"}

// TestFunctionSize builds the hello-world function with and without lambdaxray.
func TestFunctionSize(t *testing.T) {
	bare, traced := build(t, "bare"), build(t, "lambdaxray")
	t.Logf("bare %d bytes, lambdaxray %d: +%d", bare, traced, traced-bare)
	if over := traced - bare; over > maxOverBare {
		t.Errorf("lambdaxray adds %d bytes to a function, want at most %d; see go list -deps ./functions/lambdaxray for what came in", over, maxOverBare)
	}
}

func build(t *testing.T, function string) int64 {
	t.Helper()
	out := filepath.Join(t.TempDir(), "bootstrap")
	goRun(t, append(buildFlags, "-o", out, "./functions/"+function)...)
	info, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// forbidden are packages that a function must not link, each with the reason.
var forbidden = map[string]string{
	"google.golang.org/protobuf":         "2 MB, and nothing here speaks it",
	"google.golang.org/grpc":             "4 MB, and nothing here speaks it",
	"github.com/golang/protobuf":         "see google.golang.org/protobuf",
	"net/http/httptest":                  "a test server: something imports a test helper",
	"testing":                            "registers flags: something imports a test helper",
	"github.com/aws/aws-sdk-go-v2":       "the function brings its own version",
	"go.opentelemetry.io/proto":          "OTLP's messages, which pull protobuf in",
	"go.opentelemetry.io/collector":      "the Collector component is a module of its own",
	"github.com/google/go-cmp":           "for tests only",
	"go.opentelemetry.io/otel/exporters": "lambdaxray is the exporter",
}

// TestFunctionDependencies names every package that crept into a function, with
// the import that brought it.
func TestFunctionDependencies(t *testing.T) {
	importers := make(map[string]string) // package -> first importer
	lines := strings.Fields(strings.ReplaceAll(goRun(t, "list", "-deps", "-tags=lambda.norpc", "-f", `{{$p := .ImportPath}}{{range .Imports}}{{.}}<{{$p}} {{end}}`, "./functions/lambdaxray"), "\n", " "))
	for _, l := range lines {
		pkg, importer, _ := strings.Cut(l, "<")
		if _, ok := importers[pkg]; !ok {
			importers[pkg] = importer
		}
	}
	if len(importers) == 0 {
		t.Fatal("go list named no package")
	}
	for pkg := range importers {
		for prefix, reason := range forbidden {
			if pkg == prefix || strings.HasPrefix(pkg, prefix+"/") {
				t.Errorf("a function links %s (%s); it came in by %s", pkg, reason, chain(importers, pkg))
			}
		}
	}
}

// chain is the way from the function to pkg.
func chain(importers map[string]string, pkg string) string {
	path := []string{pkg}
	for at := importers[pkg]; at != "" && len(path) < 20; at = importers[at] {
		path = append(path, at)
	}
	return strings.Join(path, " <- ")
}

func goRun(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, &stderr))
	}
	return string(out)
}
