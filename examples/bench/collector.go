package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// builder is the OpenTelemetry Collector Builder.
const builder = "go.opentelemetry.io/collector/cmd/builder@v0.165.0"

//go:embed collector/builder.yaml
var collectorManifest string

//go:embed collector/config.yaml
var collectorConfig []byte

// errNoBuilder is a machine that cannot have the builder: it is not in the module
// cache, and there is no way to a module proxy.
var errNoBuilder = errors.New("no Collector Builder on this machine")

// collector is a Collector of the OTLP receiver and awsxraylambdaexporter.
type collector struct{ path, config string }

// buildCollector builds one in dir, from the checkout at root. The first time takes
// about three minutes, later ones what Go's build cache leaves.
func buildCollector(ctx context.Context, root, dir string) (collector, error) {
	c := collector{path: filepath.Join(dir, "build", "otelcol-lambda"), config: filepath.Join(dir, "config.yaml")}
	env := append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOBIN="+dir)
	install := exec.CommandContext(ctx, "go", "install", builder)
	install.Dir, install.Env = dir, env
	if out, err := install.CombinedOutput(); err != nil {
		return c, fmt.Errorf("%w: %w\n%s", errNoBuilder, err, out)
	}
	manifest := filepath.Join(dir, "builder.yaml")
	text := strings.ReplaceAll(collectorManifest, "CHECKOUT", filepath.ToSlash(root))
	if err := errors.Join(os.WriteFile(manifest, []byte(text), 0o600), os.WriteFile(c.config, collectorConfig, 0o600)); err != nil {
		return c, err
	}
	build := exec.CommandContext(ctx, filepath.Join(dir, "builder"), "--config", manifest)
	build.Dir, build.Env = dir, env
	if out, err := build.CombinedOutput(); err != nil {
		return c, fmt.Errorf("build the Collector: %w\n%s", err, out)
	}
	return c, nil
}
