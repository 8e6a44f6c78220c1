package awsxraylambdaexporter

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

func loadConfig(t *testing.T, key string) *Config {
	t.Helper()
	cm, err := confmaptest.LoadConf("testdata/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sub, err := cm.Sub(key)
	if err != nil {
		t.Fatal(err)
	}
	c := NewFactory().CreateDefaultConfig().(*Config)
	if err := sub.Unmarshal(c); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfig(t *testing.T) {
	defaults := func(change func(*Config)) *Config {
		c := createDefaultConfig().(*Config)
		change(c)
		return c
	}
	for _, tc := range []struct {
		key  string
		want *Config
	}{
		{"awsxraylambda", defaults(func(*Config) {})},
		{"awsxraylambda/minimal", defaults(func(c *Config) { c.AWS.Region = "eu-west-1" })},
		{"awsxraylambda/from_awsxray", defaults(func(c *Config) {
			c.AWS = AWSConfig{
				Region:                "us-west-2",
				Endpoint:              "https://xray.us-west-2.amazonaws.com",
				RoleARN:               "arn:aws:iam::123456789012:role/traces",
				ExternalID:            "orders",
				ProxyAddress:          "socks5://proxy:1080",
				NoVerifySSL:           true,
				LocalMode:             true,
				ResourceARN:           "arn:aws:ec2:us-west-2:123456789012:instance/i-293hiuhe0u",
				Telemetry:             TelemetryConfig{Enabled: true, Hostname: "gateway"},
				IMDSRetries:           1,
				NumWorkers:            4,
				RequestTimeoutSeconds: 10,
				MaxRetries:            5,
			}
			c.IndexedAttributes = []string{"tenant", "order.id"}
			c.IndexAllAttributes = true
			c.LogGroups = []string{"/aws/lambda/orders"}
		})},
		{"awsxraylambda/full", defaults(func(c *Config) {
			c.AWS.Region = "us-west-2"
			c.AWS.Profile = "traces"
			c.AWS.SharedCredentialsFile = []string{"/etc/aws/credentials"}
			c.AWS.CertificateFilePath = "/etc/ssl/proxy.pem"
			c.AWS.IMDSRetries = 3
			c.Timeout.Timeout = 20 * time.Second
			q := exporterhelper.NewDefaultQueueConfig()
			q.QueueSize = 100
			q.NumConsumers = 2
			storage := component.MustNewID("file_storage")
			q.StorageID = &storage
			batch := *q.Batch.GetOrInsertDefault()
			batch.FlushTimeout = time.Second
			batch.MinSize = 1000
			batch.MaxSize = 2000
			q.Batch = configoptional.Some(batch)
			c.Queue = configoptional.Some(q)
			c.Retry.InitialInterval = time.Second
			c.Retry.MaxElapsedTime = time.Hour
			c.FunctionSegment = "platform"
			c.DocumentBudget = 60000
			c.URLQuery = true
		})},
		{"awsxraylambda/daemon", defaults(func(c *Config) {
			c.Daemon = "127.0.0.1:2000"
			c.FunctionSegment = "own"
			c.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
			c.Retry.Enabled = false
		})},
	} {
		t.Run(tc.key, func(t *testing.T) {
			got := loadConfig(t, tc.key)
			if diff := cmp.Diff(values(t, tc.want), values(t, got)); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

// values returns a configuration as it would be written, for comparison.
func values(t *testing.T, c *Config) map[string]any {
	t.Helper()
	m := confmap.New()
	if err := m.Marshal(c); err != nil {
		t.Fatal(err)
	}
	return m.ToStringMap()
}

// Every bad value is reported with its key.
func TestConfigErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		yaml map[string]any
		want string
	}{
		{"unknown key", map[string]any{"regoin": "x"}, "regoin"},
		{"type", map[string]any{"num_workers": "many"}, "num_workers"},
		{"function_segment", map[string]any{"function_segment": "mine"}, `function_segment: "mine" is none of auto, platform, own`},
		{"small budget", map[string]any{"document_budget": 10}, "document_budget: 10 is not within"},
		{"large budget", map[string]any{"document_budget": 70000}, "document_budget: 70000 is not within"},
		{"endpoint", map[string]any{"endpoint": "xray.local:443"}, `endpoint: "xray.local:443" is not a URL`},
		{"endpoint scheme", map[string]any{"endpoint": "httpx://xray.local"}, `endpoint: "httpx://xray.local" is not a URL`},
		{"telemetry", map[string]any{"telemetry": map[string]any{"enable": true}}, "enable"},
		{"proxy_address", map[string]any{"proxy_address": "://"}, "proxy_address:"},
		{"role_arn", map[string]any{"role_arn": "traces"}, `role_arn: "traces" is not an ARN`},
		{"external_id", map[string]any{"external_id": "x"}, "external_id: needs role_arn"},
		{"num_workers", map[string]any{"num_workers": 0}, "num_workers: 0 must be at least 1"},
		{"request_timeout_seconds", map[string]any{"request_timeout_seconds": 0}, "request_timeout_seconds: 0 must be at least 1"},
		{"max_retries", map[string]any{"max_retries": -1}, "max_retries: -1 must be at least 0"},
		{"imds_retries", map[string]any{"imds_retries": -1}, "imds_retries: -1 must be at least 0"},
		{"indexed_attributes", map[string]any{"indexed_attributes": []any{"a", ""}}, "indexed_attributes:"},
		{"aws_log_groups", map[string]any{"aws_log_groups": []any{""}}, "aws_log_groups:"},
		{"daemon", map[string]any{"daemon": "localhost"}, `daemon: exporter: address is "localhost": missing port in address; write host:port`},
		{"daemon port", map[string]any{"daemon": "localhost:http"}, `port "http" is not a number from 1 to 65535; write host:port`},
		{"daemon and endpoint", map[string]any{"daemon": "localhost:2000", "endpoint": "https://x"}, "daemon: has no meaning beside endpoint"},
		{"timeout", map[string]any{"timeout": -1}, "timeout"},
		{"queue", map[string]any{"sending_queue": map[string]any{"queue_size": 0}}, "queue_size"},
		{"retry", map[string]any{"retry_on_failure": map[string]any{"multiplier": -1}}, "multiplier"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := NewFactory().CreateDefaultConfig().(*Config)
			err := confmap.NewFromStringMap(tc.yaml).Unmarshal(c)
			if err == nil {
				err = confmap.Validate(c)
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want one with %q", err, tc.want)
			}
		})
	}
}

// All errors are reported at once.
func TestConfigErrorsTogether(t *testing.T) {
	c := NewFactory().CreateDefaultConfig().(*Config)
	c.FunctionSegment, c.DocumentBudget, c.AWS.NumWorkers = "", 0, 0
	err := c.Validate()
	for _, key := range []string{"function_segment:", "document_budget:", "num_workers:"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s is missing in %v", key, err)
		}
	}
}
