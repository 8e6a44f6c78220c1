package awsxraylambdaexporter

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	lambdaxray "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// Config is the exporter's configuration. README.md has the settings with their
// defaults.
type Config struct {
	// Delivery.
	Timeout exporterhelper.TimeoutConfig                             `mapstructure:",squash"`
	Queue   configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	Retry   configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`

	AWS AWSConfig `mapstructure:",squash"`

	// Daemon is the address of an X-Ray daemon, host:port or another form that
	// AWS_XRAY_DAEMON_ADDRESS takes. The documents then go there over UDP and
	// not to the API.
	Daemon string `mapstructure:"daemon"`

	// Mapping.
	FunctionSegment    string   `mapstructure:"function_segment"` // auto, platform, own
	DocumentBudget     int      `mapstructure:"document_budget"`  // bytes
	IndexedAttributes  []string `mapstructure:"indexed_attributes"`
	IndexAllAttributes bool     `mapstructure:"index_all_attributes"`
	LogGroups          []string `mapstructure:"aws_log_groups"`
	URLQuery           bool     `mapstructure:"url_query"` // keep it in http.request.url
}

// AWSConfig says how X-Ray's API is reached. The keys are awsxray's.
type AWSConfig struct {
	Region                string   `mapstructure:"region"`
	Endpoint              string   `mapstructure:"endpoint"`
	RoleARN               string   `mapstructure:"role_arn"`
	ExternalID            string   `mapstructure:"external_id"`
	Profile               string   `mapstructure:"profile"`
	SharedCredentialsFile []string `mapstructure:"shared_credentials_file"`
	ProxyAddress          string   `mapstructure:"proxy_address"`
	NoVerifySSL           bool     `mapstructure:"no_verify_ssl"`
	CertificateFilePath   string   `mapstructure:"certificate_file_path"`
	LocalMode             bool     `mapstructure:"local_mode"`
	IMDSRetries           int      `mapstructure:"imds_retries"`
	NumWorkers            int      `mapstructure:"num_workers"`
	RequestTimeoutSeconds int      `mapstructure:"request_timeout_seconds"`
	MaxRetries            int      `mapstructure:"max_retries"`

	// ResourceARN and Telemetry are accepted and not used: awsxray puts the one
	// into X-Ray's telemetry records, which the other turns on and this exporter
	// does not send.
	ResourceARN string          `mapstructure:"resource_arn"`
	Telemetry   TelemetryConfig `mapstructure:"telemetry"`
}

// TelemetryConfig is awsxray's; see [AWSConfig].
type TelemetryConfig struct {
	Enabled         bool           `mapstructure:"enabled"`
	IncludeMetadata bool           `mapstructure:"include_metadata"`
	Contributors    []component.ID `mapstructure:"contributors"`
	Hostname        string         `mapstructure:"hostname"`
	InstanceID      string         `mapstructure:"instance_id"`
	ResourceARN     string         `mapstructure:"resource_arn"`
}

// unused returns the keys that are set and have no effect.
func (c *AWSConfig) unused() []string {
	var keys []string
	if c.ResourceARN != "" {
		keys = append(keys, "resource_arn")
	}
	if c.Telemetry.Enabled {
		keys = append(keys, "telemetry")
	}
	return keys
}

func createDefaultConfig() component.Config {
	return &Config{
		// Longer than a request with its retries: at exporterhelper's 5 s a slow
		// answer would end every request before request_timeout_seconds does.
		Timeout:         exporterhelper.TimeoutConfig{Timeout: 100 * time.Second},
		Queue:           configoptional.Some(exporterhelper.NewDefaultQueueConfig()),
		Retry:           configretry.NewDefaultBackOffConfig(),
		FunctionSegment: "auto",
		DocumentBudget:  mapping.DefaultBudget,
		AWS: AWSConfig{
			IMDSRetries:           1,
			NumWorkers:            8,
			RequestTimeoutSeconds: 30,
			MaxRetries:            2,
		},
	}
}

var owners = map[string]mapping.FunctionSegment{
	"auto":     mapping.FunctionSegmentAuto,
	"platform": mapping.FunctionSegmentPlatform,
	"own":      mapping.FunctionSegmentOwn,
}

// Validate returns one error for every key with a bad value.
func (c *Config) Validate() error {
	errs := []error{c.AWS.validate()}
	if _, ok := owners[c.FunctionSegment]; !ok {
		errs = append(errs, fmt.Errorf("function_segment: %q is none of auto, platform, own", c.FunctionSegment))
	}
	if c.DocumentBudget < mapping.MinBudget || c.DocumentBudget > mapping.MaxBudget {
		errs = append(errs, fmt.Errorf("document_budget: %d is not within %d and %d bytes", c.DocumentBudget, mapping.MinBudget, mapping.MaxBudget))
	}
	if slices.Contains(c.IndexedAttributes, "") {
		errs = append(errs, errors.New("indexed_attributes: an attribute name must not be empty"))
	}
	if slices.Contains(c.LogGroups, "") {
		errs = append(errs, errors.New("aws_log_groups: a log group's name must not be empty"))
	}
	if c.Daemon != "" {
		errs = append(errs, c.validateDaemon())
	}
	return errors.Join(errs...)
}

func (c *Config) validateDaemon() error {
	if _, err := lambdaxray.NewUDPEmitter(c.Daemon); err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	if c.AWS.Endpoint != "" {
		return errors.New("daemon: has no meaning beside endpoint; leave one of them out")
	}
	return nil
}

func (c *AWSConfig) validate() error {
	var errs []error
	errs = append(errs,
		checkURL("endpoint", c.Endpoint, "https", "http"),
		checkURL("proxy_address", c.ProxyAddress, "http", "https", "socks5", "socks5h"),
	)
	if c.RoleARN != "" && !strings.HasPrefix(c.RoleARN, "arn:") {
		errs = append(errs, fmt.Errorf("role_arn: %q is not an ARN", c.RoleARN))
	}
	if c.ExternalID != "" && c.RoleARN == "" {
		errs = append(errs, errors.New("external_id: needs role_arn, the role that asks for it"))
	}
	for _, n := range []struct {
		key        string
		value, min int
	}{
		{"num_workers", c.NumWorkers, 1},
		{"request_timeout_seconds", c.RequestTimeoutSeconds, 1},
		{"max_retries", c.MaxRetries, 0},
		{"imds_retries", c.IMDSRetries, 0},
	} {
		if n.value < n.min {
			errs = append(errs, fmt.Errorf("%s: %d must be at least %d", n.key, n.value, n.min))
		}
	}
	return errors.Join(errs...)
}

// checkURL reports a text that is neither empty nor a URL with one of schemes.
func checkURL(key, text string, schemes ...string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("%s: %q is not a URL like %s://host:port", key, text, schemes[0])
	}
	return nil
}

// mapper returns the mapper that the configuration asks for.
func (c *Config) mapper() *mapping.Mapper {
	opts := []mapping.Option{
		mapping.WithBudget(c.DocumentBudget),
		mapping.WithFunctionSegment(owners[c.FunctionSegment]),
		mapping.WithAnnotations(c.IndexedAttributes...),
		mapping.WithLogGroups(c.LogGroups...),
	}
	if c.IndexAllAttributes {
		opts = append(opts, mapping.WithAllAnnotations())
	}
	if c.URLQuery {
		opts = append(opts, mapping.WithURLQuery())
	}
	return mapping.New(opts...)
}
