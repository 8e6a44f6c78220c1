package awsxraylambdaexporter

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	xrayexporter "github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// Config is the exporter's configuration. README.md has the settings with their
// defaults.
type Config struct {
	// Delivery.
	Timeout exporterhelper.TimeoutConfig                             `mapstructure:",squash"`
	Queue   configoptional.Optional[exporterhelper.QueueBatchConfig] `mapstructure:"sending_queue"`
	Retry   configretry.BackOffConfig                                `mapstructure:"retry_on_failure"`

	// ShutdownTimeout is how long requests may take to go out when the Collector
	// stops, all together. Then calls under way are canceled.
	ShutdownTimeout time.Duration `mapstructure:"shutdown_timeout"`

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
	URLQuery           bool     `mapstructure:"url_query"`    // keep it in URLs
	SQLLiterals        bool     `mapstructure:"sql_literals"` // keep them in queries
}

// AWSConfig says how X-Ray's API is reached. The keys are awsxray's.
type AWSConfig struct {
	Region                string   `mapstructure:"region"`
	Endpoint              string   `mapstructure:"endpoint"`
	RoleARN               string   `mapstructure:"role_arn"`
	ExternalID            string   `mapstructure:"external_id"`
	Profile               string   `mapstructure:"profile"`
	SharedCredentialsFile []string `mapstructure:"shared_credentials_file"`
	ProxyAddress          ProxyURL `mapstructure:"proxy_address"`
	NoVerifySSL           bool     `mapstructure:"no_verify_ssl"`
	CertificateFilePath   string   `mapstructure:"certificate_file_path"`
	LocalMode             bool     `mapstructure:"local_mode"`
	IMDSRetries           int      `mapstructure:"imds_retries"`
	NumWorkers            int      `mapstructure:"num_workers"`
	RequestTimeoutSeconds int      `mapstructure:"request_timeout_seconds"`
	MaxRetries            int      `mapstructure:"max_retries"` // -1: as many as timeout allows
	DropDenied            bool     `mapstructure:"drop_denied"` // what X-Ray denies is not sent again

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

func createDefaultConfig() component.Config {
	return &Config{
		// Longer than a call with its quick retries: at exporterhelper's 5 s a slow
		// answer would end every request before request_timeout_seconds does.
		Timeout:         exporterhelper.TimeoutConfig{Timeout: 60 * time.Second},
		Queue:           configoptional.Some(defaultQueue()),
		Retry:           configretry.NewDefaultBackOffConfig(),
		ShutdownTimeout: 8 * time.Second,
		FunctionSegment: "auto",
		DocumentBudget:  mapping.DefaultBudget,
		AWS: AWSConfig{
			IMDSRetries:           1,
			NumWorkers:            8,
			RequestTimeoutSeconds: 10,
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
	if c.ShutdownTimeout < 0 {
		errs = append(errs, fmt.Errorf("shutdown_timeout: %s must not be negative; 0 cancels calls under way at once", c.ShutdownTimeout))
	}
	if c.Daemon != "" {
		errs = append(errs, c.validateDaemon())
	} else if err := errors.Join(errs...); err == nil {
		return c.AWS.loadable()
	}
	return errors.Join(errs...)
}

func (c *Config) validateDaemon() error {
	if _, err := xrayexporter.NewUDPEmitter(c.Daemon); err != nil {
		return fmt.Errorf("daemon: %w", err)
	}
	if c.AWS.Endpoint != "" {
		return errors.New("daemon: has no meaning beside endpoint; leave one of them out")
	}
	return nil
}

// mapper returns the mapper that the configuration asks for.
func (c *Config) mapper() *mapping.Mapper {
	opts := []mapping.Option{
		mapping.WithBudget(c.DocumentBudget),
		mapping.WithFunctionSegment(owners[c.FunctionSegment]),
		mapping.WithAnnotations(given(c.IndexedAttributes)...),
		mapping.WithLogGroups(given(c.LogGroups)...),
	}
	if c.IndexAllAttributes {
		opts = append(opts, mapping.WithAllAnnotations())
	}
	if c.URLQuery {
		opts = append(opts, mapping.WithURLQuery())
	}
	if c.SQLLiterals {
		opts = append(opts, mapping.WithSQLLiterals())
	}
	return mapping.New(opts...)
}

// given returns the elements that are not empty: an environment variable that is
// not set leaves one.
func given(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}
