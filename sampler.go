package lambdaxray

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// samplerFromEnv reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; nil if
// the first is not set. As the specification wants, a value that makes no sense is
// an error to be reported, and is ignored.
//
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func samplerFromEnv() (s sdktrace.Sampler, err error) {
	name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER")))
	if name == "" {
		return nil, nil
	}
	root, parentBased := strings.CutPrefix(name, "parentbased_")
	switch root {
	case "always_on":
		s = sdktrace.AlwaysSample()
	case "always_off":
		s = sdktrace.NeverSample()
	case "traceidratio":
		var ratio float64
		ratio, err = ratioFromEnv()
		s = sdktrace.TraceIDRatioBased(ratio)
	case "xray": // X-Ray's rules, for services that ask for them themselves
		return nil, errors.New("OTEL_TRACES_SAMPLER is xray, which Lambda does already: the platform samples by X-Ray's rules and the tracing header says what it decided; ignored")
	default:
		return nil, fmt.Errorf("OTEL_TRACES_SAMPLER is %q, want always_on, always_off or traceidratio, each with or without parentbased_ before it; ignored", name)
	}
	if parentBased {
		s = sdktrace.ParentBased(s)
	}
	return s, err
}

func ratioFromEnv() (float64, error) {
	arg := strings.TrimSpace(os.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if arg == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(arg, 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) {
		return 1, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q, want a number from 0 to 1; 1 is used", arg)
	}
	return ratio, nil
}
