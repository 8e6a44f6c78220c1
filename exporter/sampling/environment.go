package sampling

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	envSampler    = "OTEL_TRACES_SAMPLER"
	envSamplerArg = "OTEL_TRACES_SAMPLER_ARG"
)

// FromEnv returns a [Sampler] if OTEL_TRACES_SAMPLER is xray, configured by
// OTEL_TRACES_SAMPLER_ARG and then by opts; else nil, which leaves the variable to
// the SDK if it is given to its WithSampler. The argument is a list of
//
//	endpoint=URL              as in WithEndpoint; host:port will do
//	polling_interval=SECONDS  as in WithPollingInterval
//
// separated by commas. The SDK reads the variable as well: it reports xray as a
// sampler that it does not support, and then takes the one it is given.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func FromEnv(res *resource.Resource, opts ...Option) (sdktrace.Sampler, error) {
	if !strings.EqualFold(strings.TrimSpace(os.Getenv(envSampler)), "xray") {
		return nil, nil
	}
	fromArg, err := parseArgument(os.Getenv(envSamplerArg))
	if err != nil {
		return nil, fmt.Errorf("sampling: %w", err)
	}
	s, err := New(res, append(fromArg, opts...)...)
	if err != nil {
		return nil, err // and not a nil *Sampler, which would be a sampler
	}
	return s, nil
}

func parseArgument(text string) ([]Option, error) {
	var opts []Option
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch key {
		case "endpoint":
			endpoint, err := parseEndpoint(envSamplerArg+": endpoint", value)
			if err != nil {
				return nil, err
			}
			opts = append(opts, optionFunc(func(c *config) error { c.endpoint = endpoint; return nil }))
		case "polling_interval":
			seconds, err := strconv.ParseUint(value, 10, 16)
			if err != nil || seconds < 1 || seconds > 3600 {
				return nil, fmt.Errorf("%s: polling_interval is %q, want seconds from 1 to 3600", envSamplerArg, value)
			}
			opts = append(opts, WithPollingInterval(time.Duration(seconds)*time.Second))
		default:
			return nil, fmt.Errorf("%s has %q, want endpoint=URL or polling_interval=SECONDS, separated by commas", envSamplerArg, part)
		}
	}
	return opts, nil
}

// parseEndpoint reads a URL; source is the setting that it comes from.
func parseEndpoint(source, text string) (*url.URL, error) {
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	if err != nil {
		err = errors.Unwrap(err) // the rest repeats the text
	}
	switch {
	case err != nil:
	case u.Scheme != "http" && u.Scheme != "https":
		err = fmt.Errorf("the scheme is %q", u.Scheme)
	case u.Hostname() == "":
		err = errors.New("the host is missing")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		err = errors.New("it holds more than scheme, host and path")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is %q: %w; write http://host:port", source, text, err)
	}
	return u, nil
}
