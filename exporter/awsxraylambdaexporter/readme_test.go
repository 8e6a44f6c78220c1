package awsxraylambdaexporter

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
)

func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// yamlBlocks are the blocks of a README that have key at their start.
func yamlBlocks(t testing.TB, text, key string) []string {
	t.Helper()
	var out []string
	for _, block := range strings.Split(text, "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if strings.HasPrefix(block, key) || strings.Contains(block, "\n"+key) {
			out = append(out, block)
		}
	}
	return out
}

// printedConfigs are the exporter's configurations in a text, with the names of
// what they are in.
func printedConfigs(t testing.TB) map[string]*Config {
	t.Helper()
	blocks := map[string]string{}
	for i, block := range yamlBlocks(t, readFile(t, "README.md"), "exporters:\n  awsxraylambda") {
		blocks[[]string{"minimal", "whole"}[i]] = block
	}
	for _, name := range []string{"collector", "gateway"} {
		blocks[name] = readFile(t, "../../examples/collector/"+name+".yaml")
	}
	out := map[string]*Config{}
	for name, block := range blocks {
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
		m := sub.ToStringMap()
		for key, value := range m { // the Collector replaces them
			if text, ok := value.(string); ok && strings.HasPrefix(text, "${env:") {
				delete(m, key)
			}
		}
		c := createDefaultConfig().(*Config)
		if err := confmap.NewFromStringMap(m).Unmarshal(c); err != nil {
			t.Fatalf("%v\n%s", err, block)
		}
		if c.AWS.Region == "" {
			c.AWS.Region = "eu-west-1"
		}
		if err := confmap.Validate(c); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
		out[name] = c
	}
	return out
}

// The README has a row for every key, and its configurations work.
func TestReadme(t *testing.T) {
	isolate(t)
	text := readFile(t, "README.md")
	keys := map[string]bool{"timeout": true, "sending_queue": true, "retry_on_failure": true, "daemon": true}
	m := confmap.New()
	if err := m.Marshal(createDefaultConfig()); err != nil {
		t.Fatal(err)
	}
	for key := range m.ToStringMap() {
		keys[key] = true
	}
	for key := range keys {
		if !strings.Contains(text, "| `"+key+"`") {
			t.Errorf("no row for %s", key)
		}
	}
	if got := printedConfigs(t); len(got) != 4 {
		t.Errorf("%d configurations, want a minimal and a whole one, and two examples", len(got))
	}
}

// The README's manifest is the one that the example is built with.
func TestReadmeManifest(t *testing.T) {
	blocks := yamlBlocks(t, readFile(t, "README.md"), "dist:")
	if len(blocks) != 1 || !strings.HasSuffix(readFile(t, "../../examples/collector/builder.yaml"), blocks[0]) {
		t.Error("the README's manifest is not examples/collector/builder.yaml")
	}
	run := readFile(t, "../../examples/collector/run.sh")
	build := regexp.MustCompile("(?m)^go run .*builder.*$").FindString(readFile(t, "README.md"))
	if build == "" || !strings.Contains(run, build) {
		t.Errorf("the README's command %q is not run.sh's", build)
	}
}

// The operator's page has every metric and every line of the log, and its alerts
// ask for what there is.
func TestReadmeOperating(t *testing.T) {
	text := readFile(t, "README.md")
	metrics := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### otelcol_(\S+)`).FindAllStringSubmatch(readFile(t, "documentation.md"), -1) {
		metrics[m[1]] = true
		if !strings.Contains(text, "| `"+m[1]+"`") {
			t.Errorf("no row for the metric %s", m[1])
		}
	}
	if len(metrics) < 9 {
		t.Errorf("%d metrics in documentation.md", len(metrics))
	}
	lines := map[string]bool{adviceOf("Credentials", errOf("")).what: true, adviceOf("HTTP302", errOf("")).what: true, adviceOf("HTTP500", errOf("")).what: true}
	for code, a := range advices {
		if a.fix == "" {
			t.Errorf("%s has no fix", code)
		}
		lines[a.what] = true
	}
	for line := range lines {
		if !strings.Contains(text, "`"+line+"`") {
			t.Errorf("no row for the line %q", line)
		}
	}
	alerts := yamlBlocks(t, text, "groups:")
	if len(alerts) != 1 {
		t.Fatalf("%d blocks of alerts", len(alerts))
	}
	for _, m := range regexp.MustCompile(`otelcol_(exporter_awsxraylambda_\w+?)(_total)?[{\[]`).FindAllStringSubmatch(alerts[0], -1) {
		if !metrics[m[1]] {
			t.Errorf("an alert asks for %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`reason=~"([^"]+)"`).FindAllStringSubmatch(alerts[0], -1) {
		for _, alternative := range strings.Split(m[1], "|") {
			found := false
			for _, reason := range callReasons {
				found = found || regexp.MustCompile("^("+alternative+")$").MatchString(reason)
			}
			if !found {
				t.Errorf("an alert asks for the reason %s, which no metric has", alternative)
			}
		}
	}
}
