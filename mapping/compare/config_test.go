package compare

import (
	"reflect"
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
