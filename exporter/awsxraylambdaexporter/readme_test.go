package awsxraylambdaexporter

import (
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

// The README has a row for every key, and its configurations work.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{"timeout": true, "sending_queue": true, "retry_on_failure": true, "daemon": true}
	m := confmap.New()
	if err := m.Marshal(createDefaultConfig()); err != nil {
		t.Fatal(err)
	}
	for key := range m.ToStringMap() {
		keys[key] = true
	}
	for key := range keys {
		if !strings.Contains(string(text), "| `"+key+"`") {
			t.Errorf("no row for %s", key)
		}
	}

	blocks := strings.Split(string(text), "```yaml\n")[1:]
	if len(blocks) < 2 {
		t.Fatalf("%d configurations, want a minimal and a full one", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		file := t.TempDir() + "/config.yaml"
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		cm, err := confmaptest.LoadConf(file)
		if err != nil {
			t.Fatal(err)
		}
		sub, err := cm.Sub("exporters::awsxraylambda")
		if err != nil {
			t.Fatal(err)
		}
		c := createDefaultConfig()
		if err := sub.Unmarshal(c); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
		if err := confmap.Validate(c); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
	}
}
