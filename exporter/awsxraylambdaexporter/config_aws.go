package awsxraylambdaexporter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// ProxyURL is a URL whose password stays out of what is printed.
type ProxyURL string

// String returns the URL without user and password.
func (p ProxyURL) String() string {
	text := string(p)
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return text
	}
	scheme := ""
	if i := strings.Index(text, "://"); i >= 0 && i < at {
		scheme = text[:i+len("://")]
	}
	return scheme + "[REDACTED]" + text[at:]
}

// GoString is String, for %#v.
func (p ProxyURL) GoString() string { return fmt.Sprintf("%q", p.String()) }

// MarshalText is what a configuration that is printed has.
func (p ProxyURL) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (c *AWSConfig) validate() error {
	errs := []error{
		checkURL("endpoint", c.Endpoint, c.Endpoint, "https", "http"),
		checkURL("proxy_address", string(c.ProxyAddress), c.ProxyAddress.String(), "http", "https", "socks5", "socks5h"),
	}
	if c.RoleARN != "" && !strings.HasPrefix(c.RoleARN, "arn:") {
		errs = append(errs, fmt.Errorf("role_arn: %q is not an ARN; write arn:aws:iam::123456789012:role/name", c.RoleARN))
	}
	for _, n := range []struct {
		key        string
		value, min int
		fix        string
	}{
		{"num_workers", c.NumWorkers, 0, "0 is the default"},
		{"request_timeout_seconds", c.RequestTimeoutSeconds, 0, "0 is no limit but timeout"},
		{"max_retries", c.MaxRetries, -1, "-1 is as many as timeout allows, 0 none"},
		{"imds_retries", c.IMDSRetries, 0, "0 asks once"},
	} {
		if n.value < n.min {
			errs = append(errs, fmt.Errorf("%s: %d must be at least %d; %s", n.key, n.value, n.min, n.fix))
		}
	}
	return errors.Join(errs...)
}

// checkURL reports a text that is neither empty nor a URL with one of schemes.
func checkURL(key, text, shown string, schemes ...string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme) {
		return nil
	}
	fix := schemes[0] + "://host:port"
	if _, err := url.Parse(schemes[0] + "://" + text); err == nil && !strings.Contains(text, "://") {
		fix = schemes[0] + "://" + shown
	}
	return fmt.Errorf("%s: %q is not a URL; write %s", key, shown, fix)
}

// loadTimeout bounds the question for the instance's region while a
// configuration is checked: the metadata service is one hop away.
const loadTimeout = 2 * time.Second

var errNoRegion = errors.New("region: not set, and found neither in AWS_REGION, nor in the shared configuration, nor in the instance's metadata; " +
	"set region")

// loadable loads what the start will, so that what is missing is missed when the
// configuration is checked. Only without a region does it ask the network, for
// the instance's.
func (c *AWSConfig) loadable() error {
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	_, err := c.load(ctx, 0)
	return err
}

// warnings are sentences about keys that are set and have no effect.
func (c *AWSConfig) warnings() []string {
	var out []string
	if c.ExternalID != "" && c.RoleARN == "" {
		out = append(out, "external_id has no effect: it belongs to role_arn, which is not set.")
	}
	if c.ResourceARN != "" {
		out = append(out, "resource_arn has no effect: X-Ray's telemetry records are not sent.")
	}
	if c.Telemetry.Enabled {
		out = append(out, "telemetry has no effect: X-Ray's telemetry records are not sent, the Collector's metrics have the numbers.")
	}
	return out
}

// profileMissing reports whether the files have no profile "default", which the
// AWS SDK takes for an error only where it is named.
func (c *AWSConfig) profileMissing(err error) bool {
	var missing config.SharedConfigProfileNotExistError
	return c.Profile == "default" && errors.As(err, &missing)
}

// workers is how many calls are made at a time.
func (c *AWSConfig) workers() int {
	if c.NumWorkers == 0 {
		return xrayapi.DefaultConcurrency
	}
	return c.NumWorkers
}

// emitterOptions returns what the configuration says of the emitter.
func (c *AWSConfig) emitterOptions(attempted func(xrayapi.Attempt)) []xrayapi.Option {
	opts := []xrayapi.Option{
		xrayapi.WithConcurrency(c.workers()),
		xrayapi.WithAttemptTimeout(time.Duration(c.RequestTimeoutSeconds) * time.Second),
		xrayapi.WithAttemptFunc(attempted),
	}
	if c.DropDenied {
		opts = append(opts, xrayapi.WithFinalDenials())
	}
	return opts
}
