package sampling

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
)

// Option configures a [Sampler]. Of options that exclude each other the last
// one counts.
type Option interface{ apply(*config) error }

type optionFunc func(*config) error

func (f optionFunc) apply(c *config) error { return f(c) }

type config struct {
	endpoint  *url.URL
	local     []rule
	interval  time.Duration // between calls for rules
	transport http.RoundTripper
}

func newConfig(opts []Option) (config, error) {
	c := config{interval: 5 * time.Minute, transport: newTransport()}
	for _, o := range opts {
		if err := o.apply(&c); err != nil {
			return c, fmt.Errorf("sampling: %w", err)
		}
	}
	var err error
	if c.local == nil {
		if c.local, err = parseLocalRules(nil); err != nil {
			return c, err
		}
	}
	if c.endpoint == nil {
		if c.endpoint, err = daemonEndpoint(udp.EnvAddress, os.Getenv(udp.EnvAddress)); err != nil {
			return c, fmt.Errorf("sampling: %w", err)
		}
	}
	return c, nil
}

// WithDaemonAddress asks the X-Ray daemon at addr, in any form that
// AWS_XRAY_DAEMON_ADDRESS takes, and takes precedence over it; of two addresses
// the tcp one is meant. An empty addr changes nothing. Without a setting it is
// 127.0.0.1:2000.
func WithDaemonAddress(addr string) Option {
	return optionFunc(func(c *config) (err error) {
		if addr != "" {
			c.endpoint, err = daemonEndpoint("WithDaemonAddress", addr)
		}
		return err
	})
}

func daemonEndpoint(source, addr string) (*url.URL, error) {
	host := udp.DefaultAddress
	if addr != "" {
		var err error
		if host, err = udp.ParseTCPAddress(source, addr); err != nil {
			return nil, err
		}
	}
	return &url.URL{Scheme: "http", Host: host}, nil
}

// WithEndpoint asks endpoint, the http or https URL of something that forwards the
// calls to X-Ray: a Collector's awsproxy extension, the CloudWatch agent. The
// calls are not signed here.
func WithEndpoint(endpoint string) Option {
	return optionFunc(func(c *config) (err error) {
		c.endpoint, err = parseEndpoint("WithEndpoint", endpoint)
		return err
	})
}

// WithLocalRules decides by the rules in text, the X-Ray SDKs' JSON of version 1
// or 2, where X-Ray's do not: until they come, when they are too old, or if none
// matches. An empty text changes nothing.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-go-configuration.html
func WithLocalRules(text []byte) Option {
	return optionFunc(func(c *config) (err error) {
		if len(text) > 0 {
			c.local, err = parseLocalRules(text)
		}
		return err
	})
}

// WithPollingInterval asks for the rules every d, one second to one hour. The
// default is five minutes. A modification that X-Ray announces is fetched earlier.
func WithPollingInterval(d time.Duration) Option {
	return optionFunc(func(c *config) error {
		if d < time.Second || d > time.Hour {
			return fmt.Errorf("WithPollingInterval is %v, want one second to one hour", d)
		}
		c.interval = d
		return nil
	})
}
