package extension

import (
	"strings"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// Variables that the extension reads beside those that Lambda sets.
const (
	EnvDaemon      = "LAMBDAXRAY_DAEMON_ADDRESS"
	EnvAnnotations = "LAMBDAXRAY_ANNOTATIONS"
	EnvKeep        = "LAMBDAXRAY_KEEP"
	EnvHTTP        = "LAMBDAXRAY_OTLP_HTTP"
	EnvGRPC        = "LAMBDAXRAY_OTLP_GRPC"
	EnvTelemetry   = "LAMBDAXRAY_TELEMETRY"
)

// Variables that Lambda sets. An extension gets only some of them.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
const (
	envRuntimeAPI         = "AWS_LAMBDA_RUNTIME_API"
	envFunctionName       = "AWS_LAMBDA_FUNCTION_NAME"
	envFunctionVersion    = "AWS_LAMBDA_FUNCTION_VERSION"
	envMemorySize         = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
	envRegion             = "AWS_REGION"
	envInitializationType = "AWS_LAMBDA_INITIALIZATION_TYPE"
	envLogGroup           = "AWS_LAMBDA_LOG_GROUP_NAME"
	envLogStream          = "AWS_LAMBDA_LOG_STREAM_NAME"
	envDaemonOfLambda     = udp.EnvAddress
)

// mapperOptions reads what a user may set of the mapping. A setting that is not
// understood is logged and has no effect: a function must not fail for it.
func mapperOptions(getenv func(string) string, log *Logger) []mapping.Option {
	var opts []mapping.Option
	if keys := list(getenv(EnvAnnotations)); len(keys) == 1 && keys[0] == "*" {
		opts = append(opts, mapping.WithAllAnnotations())
	} else if len(keys) > 0 {
		opts = append(opts, mapping.WithAnnotations(keys...))
	}
	for _, what := range list(getenv(EnvKeep)) {
		switch what {
		case "url_query":
			opts = append(opts, mapping.WithURLQuery())
		case "sql_literals":
			opts = append(opts, mapping.WithSQLLiterals())
		default:
			log.Once(EnvKeep+what, "%s has %q, want url_query or sql_literals; it is not heeded", EnvKeep, what)
		}
	}
	return opts
}

// daemonAddress returns the address that variable names, "" if there is none.
func daemonAddress(variable, text string, log *Logger) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	address, err := udp.ParseAddress(variable, text)
	if err != nil {
		log.Once(variable, "%v; it is not heeded", err)
		return ""
	}
	return address
}

func list(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
