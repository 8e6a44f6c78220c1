package compare

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter"
	otel "go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter"
)

// A user moves by renaming the exporter: every key of awsxrayexporter is taken
// with its value.
func TestConfigKeys(t *testing.T) {
	full := awsxrayexporter.NewFactory().CreateDefaultConfig().(*awsxrayexporter.Config)
	s := &full.AWSSessionSettings
	s.NumberOfWorkers = 3
	s.Endpoint = "https://xray.eu-west-1.amazonaws.com"
	s.RequestTimeoutSeconds = 7
	s.MaxRetries = 4
	s.NoVerifySSL = true
	s.ProxyAddress = "http://proxy:3128"
	s.Region = "eu-west-1"
	s.LocalMode = true
	s.ResourceARN = "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"
	s.RoleARN = "arn:aws:iam::123456789012:role/traces"
	s.ExternalID = "orders"
	full.IndexedAttributes = []string{"tenant"}
	full.IndexAllAttributes = true
	full.LogGroupNames = []string{"/aws/ecs/orders"}
	full.TelemetryConfig.Enabled = true
	full.TelemetryConfig.IncludeMetadata = true
	full.TelemetryConfig.Contributors = []otel.ID{otel.MustNewID("awsxray")}
	full.TelemetryConfig.Hostname = "gateway"
	full.TelemetryConfig.InstanceID = "i-1"
	full.TelemetryConfig.ResourceARN = s.ResourceARN

	want := written(t, full)
	for key, value := range want {
		if value == nil || value == "" || value == false || value == 0 {
			t.Errorf("awsxrayexporter has a key that this test does not set: %s", key)
		}
	}
	ours := awsxraylambdaexporter.NewFactory().CreateDefaultConfig()
	if err := confmap.NewFromStringMap(want).Unmarshal(ours); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(ours); err != nil {
		t.Fatal(err)
	}
	got := written(t, ours)
	for key, value := range want {
		if !reflect.DeepEqual(value, got[key]) {
			t.Errorf("%s: %v here, %v in awsxrayexporter", key, got[key], value)
		}
	}
}

func TestConfigDefaults(t *testing.T) {
	want := written(t, awsxrayexporter.NewFactory().CreateDefaultConfig())
	got := written(t, awsxraylambdaexporter.NewFactory().CreateDefaultConfig())
	delete(want, "telemetry")            // empty; written without its keys
	want["request_timeout_seconds"] = 10 // a dead peer is noticed sooner; awsxrayexporter ends a request after 5 s
	for key, value := range want {
		if !reflect.DeepEqual(value, got[key]) {
			t.Errorf("%s: %v here, %v in awsxrayexporter", key, got[key], value)
		}
	}
}

// written returns a configuration as a user would write it.
func written(t *testing.T, cfg any) map[string]any {
	t.Helper()
	m := confmap.New()
	if err := m.Marshal(cfg); err != nil {
		t.Fatal(err)
	}
	return m.ToStringMap()
}

// The exporter's README has a row for every key of awsxrayexporter's Config, and
// says "same" only of what is: a default that differs is a change.
func TestConfigTable(t *testing.T) {
	text, err := os.ReadFile("../../exporter/awsxraylambdaexporter/README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // key -> verdict
	_, table, _ := strings.Cut(string(text), "| key of awsxray | here | what is different |\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			break
		}
		for _, key := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
			rows[key[1]] = strings.TrimSpace(cells[2])
		}
		if strings.Contains(line, "changed") && strings.TrimSpace(cells[3]) == "" {
			t.Errorf("a change without a why: %s", line)
		}
	}
	theirs := written(t, awsxrayexporter.NewFactory().CreateDefaultConfig())
	ours := written(t, awsxraylambdaexporter.NewFactory().CreateDefaultConfig())
	keys := configKeys(reflect.TypeFor[awsxrayexporter.Config]())
	if len(keys) < 15 {
		t.Fatalf("keys %v: they cannot be all", keys)
	}
	for _, key := range keys {
		verdict, ok := rows[key]
		switch {
		case !ok:
			t.Errorf("no row for %s", key)
		case verdict == "same" && !reflect.DeepEqual(theirs[key], ours[key]):
			t.Errorf("%s is said to be the same: %v here, %v there", key, ours[key], theirs[key])
		case verdict != "same" && verdict != "changed" && verdict != "no effect":
			t.Errorf("%s: %q is no verdict", key, verdict)
		}
		delete(rows, key)
	}
	for key := range rows {
		t.Errorf("awsxrayexporter has no key %s", key)
	}
}

// configKeys returns the keys that a configuration's type reads, at its top.
func configKeys(typ reflect.Type) (keys []string) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("mapstructure"), ",")
		switch {
		case strings.Contains(options, "squash"):
			keys = append(keys, configKeys(f.Type)...)
		case f.IsExported():
			keys = append(keys, name)
		}
	}
	return keys
}
