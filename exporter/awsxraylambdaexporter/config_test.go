package awsxraylambdaexporter

import (
	"fmt"
	"net/http/httptest"
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
	isolate(t)
	t.Setenv("AWS_REGION", "eu-west-1") // for those without a region
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
			c.AWS.SharedCredentialsFile = []string{"testdata/credentials"}
			c.AWS.IMDSRetries = 3
			c.Timeout.Timeout = 20 * time.Second
			q := defaultQueue()
			q.QueueSize = 5000
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
			c.ShutdownTimeout = 20 * time.Second
			c.AWS.DropDenied = true
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
	isolate(t)
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
		{"endpoint", map[string]any{"endpoint": "xray.local:443"}, `endpoint: "xray.local:443" is not a URL; write https://xray.local:443`},
		{"shutdown_timeout", map[string]any{"shutdown_timeout": "-1s"}, "shutdown_timeout: -1s must not be negative"},
		{"region", map[string]any{}, "region: not set"},
		{"region in local mode", map[string]any{"local_mode": true}, "region: not set"},
		{"profile", map[string]any{"profile": "nobody", "region": "eu-west-1"}, "profile: "},
		{"endpoint scheme", map[string]any{"endpoint": "httpx://xray.local"}, `endpoint: "httpx://xray.local" is not a URL`},
		{"telemetry", map[string]any{"telemetry": map[string]any{"enable": true}}, "enable"},
		{"proxy_address", map[string]any{"proxy_address": "://"}, "proxy_address:"},
		{"role_arn", map[string]any{"role_arn": "traces"}, `role_arn: "traces" is not an ARN`},
		{"num_workers", map[string]any{"num_workers": -1}, "num_workers: -1 must be at least 0; 0 is the default"},
		{"request_timeout_seconds", map[string]any{"request_timeout_seconds": -1}, "request_timeout_seconds: -1 must be at least 0; 0 is no limit but timeout"},
		{"max_retries", map[string]any{"max_retries": -2}, "max_retries: -2 must be at least -1; -1 is as many as timeout allows"},
		{"imds_retries", map[string]any{"imds_retries": -1}, "imds_retries: -1 must be at least 0"},
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
	c.FunctionSegment, c.DocumentBudget, c.AWS.NumWorkers = "", 0, -1
	err := c.Validate()
	for _, key := range []string{"function_segment:", "document_budget:", "num_workers:"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s is missing in %v", key, err)
		}
	}
}

// What configurations of awsxray have in them is taken with its meaning there.
func TestConfigOfOthers(t *testing.T) {
	for _, tc := range []struct {
		name  string
		yaml  map[string]any
		check func(*Config) bool
	}{
		{"an unset variable in a list", map[string]any{"indexed_attributes": []any{"a", ""}, "aws_log_groups": []any{""}},
			func(c *Config) bool { return len(given(c.IndexedAttributes)) == 1 && len(given(c.LogGroups)) == 0 }},
		{"an attribute of the resource", map[string]any{"indexed_attributes": []any{"otel.resource.x"}},
			func(c *Config) bool { return c.IndexedAttributes[0] == "otel.resource.x" }},
		{"num_workers: 0", map[string]any{"num_workers": 0}, func(c *Config) bool { return c.AWS.workers() == 8 }},
		{"max_retries: -1", map[string]any{"max_retries": -1}, func(c *Config) bool { return c.AWS.MaxRetries == -1 }},
		{"max_retries: 0", map[string]any{"max_retries": 0}, func(c *Config) bool { return c.AWS.MaxRetries == 0 }},
		{"request_timeout_seconds: 0", map[string]any{"request_timeout_seconds": 0}, func(c *Config) bool { return c.AWS.RequestTimeoutSeconds == 0 }},
		{"external_id alone", map[string]any{"external_id": "x"}, func(c *Config) bool {
			return len(c.AWS.warnings()) == 1 && strings.HasPrefix(c.AWS.warnings()[0], "external_id")
		}},
		{"profile default without files", map[string]any{"profile": "default"}, func(c *Config) bool { return c.AWS.Profile == "default" }},
		{"variables that are not set", map[string]any{"endpoint": "", "role_arn": "", "proxy_address": nil, "num_workers": nil, "no_verify_ssl": nil},
			func(c *Config) bool { return c.AWS.Endpoint == "" && c.AWS.workers() == 8 }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			isolate(t)
			s := &server{}
			http := httptest.NewServer(s)
			t.Cleanup(http.Close)
			tc.yaml["region"] = "eu-west-1"
			if tc.yaml["endpoint"] == nil {
				tc.yaml["endpoint"] = http.URL
			}
			c := NewFactory().CreateDefaultConfig().(*Config)
			if err := confmap.NewFromStringMap(tc.yaml).Unmarshal(c); err != nil {
				t.Fatal(err)
			}
			if err := confmap.Validate(c); err != nil {
				t.Fatal(err)
			}
			if !tc.check(c) {
				t.Errorf("configuration %+v", c)
			}
			c.AWS.Endpoint = http.URL
			c.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
			if err := consumeOne(t, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// The size of what is left out follows what is given.
func TestConfigQueue(t *testing.T) {
	type sizes struct{ queue, min, max int64 }
	for _, tc := range []struct {
		name string
		yaml map[string]any
		want sizes
	}{
		{"nothing", map[string]any{}, sizes{queueSpans, batchSpans, maxSpans}},
		{"a larger least batch", map[string]any{"batch": map[string]any{"min_size": 8192}}, sizes{queueSpans, 8192, 8192}},
		{"a smaller largest", map[string]any{"batch": map[string]any{"max_size": 100}}, sizes{queueSpans, 100, 100}},
		{"a small queue", map[string]any{"queue_size": 100}, sizes{100, 100, maxSpans}},
		{"requests", map[string]any{"sizer": "requests"}, sizes{queueRequests, batchSpans, maxSpans}},
		{"requests, in batches", map[string]any{"sizer": "requests", "batch": map[string]any{"flush_timeout": "1s"}}, sizes{queueRequests, batchSpans, maxSpans}},
		{"bytes", map[string]any{"sizer": "bytes", "batch": map[string]any{"flush_timeout": "1s"}}, sizes{queueBytes, batchBytes, 0}},
		{"batch in bytes", map[string]any{"batch": map[string]any{"sizer": "bytes", "max_size": 1000}}, sizes{queueSpans, 1000, 1000}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := NewFactory().CreateDefaultConfig().(*Config)
			conf := confmap.NewFromStringMap(map[string]any{"region": "eu-west-1", "sending_queue": tc.yaml})
			if err := conf.Unmarshal(c); err != nil {
				t.Fatal(err)
			}
			if err := confmap.Validate(c); err != nil {
				t.Fatal(err)
			}
			q := c.Queue.Get()
			if got := (sizes{q.QueueSize, q.Batch.Get().MinSize, q.Batch.Get().MaxSize}); got != tc.want {
				t.Errorf("sizes %+v, want %+v", got, tc.want)
			}
		})
	}
}

// A proxy's password is in nothing that is printed.
func TestProxyPassword(t *testing.T) {
	isolate(t)
	const secret = "hunter2"
	c := NewFactory().CreateDefaultConfig().(*Config)
	c.AWS.Region = "eu-west-1"
	for _, address := range []string{"http://me:" + secret + "@127.0.0.1:1", "http://me:" + secret + "%zz@127.0.0.1:1", "me:" + secret + "@proxy", "ftp://me:" + secret + "@proxy"} {
		c.AWS.ProxyAddress = ProxyURL(address)
		m := confmap.New()
		if err := m.Marshal(c); err != nil {
			t.Fatal(err)
		}
		printed := []string{fmt.Sprint(m.ToStringMap()), fmt.Sprintf("%v %+v %#v %s", c, *c, c.AWS, c.AWS.ProxyAddress), fmt.Sprint(c.Validate())}
		if c.Validate() == nil {
			printed = append(printed, fmt.Sprint(consumeOne(t, testConfig("http://xray.invalid", func(tc *Config) { tc.AWS.ProxyAddress = c.AWS.ProxyAddress }))))
		} else if _, _, err := c.AWS.client(t.Context(), ""); err != nil {
			printed = append(printed, err.Error())
		}
		for _, text := range printed {
			if strings.Contains(text, secret) {
				t.Errorf("the password is in %.300s", text)
			}
		}
	}
}

func TestProxyPasswordOfEnvironment(t *testing.T) {
	const secret = "hunter2"
	t.Setenv("HTTPS_PROXY", "://me:"+secret+"@proxy") // read once in a process, if at all
	r := httptest.NewRequest("POST", "https://xray.invalid", nil)
	if _, err := proxyFromEnvironment(r); err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the password is in %v", err)
	}
}
