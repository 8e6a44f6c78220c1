package xraytest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Function describes the Lambda function that polls a [Runtime]. The zero value
// is a function named "function" in us-east-1 with Lambda's defaults.
type Function struct {
	Name      string // default "function"
	Version   string // default "$LATEST"
	Region    string // default "us-east-1"
	AccountID string // default "123456789012"
	Handler   string // default "bootstrap"
	TaskRoot  string // default "/var/task"
	LogStream string // default "2026/01/01/[<version>]0123456789abcdef0123456789abcdef"
	MemoryMB  int    // default 128

	// Timeout is the time an invocation has when [Invocation] does not say.
	// Default 30 s, not Lambda's 3: a test on a busy machine is not about it.
	Timeout time.Duration

	// InitializationType is on-demand (the default), provisioned-concurrency,
	// snap-start or lambda-managed-instances.
	InitializationType string

	// MaxConcurrency above 1 is a function on Lambda Managed Instances: it polls
	// that many times at once.
	MaxConcurrency int

	// DaemonAddress is where documents go, usually [Daemon.Addr]. Empty leaves
	// AWS_XRAY_DAEMON_ADDRESS unset.
	DaemonAddress string
}

func (f Function) withDefaults() Function {
	f.Name = cmp.Or(f.Name, "function")
	f.Version = cmp.Or(f.Version, "$LATEST")
	f.Region = cmp.Or(f.Region, "us-east-1")
	f.AccountID = cmp.Or(f.AccountID, "123456789012")
	f.Handler = cmp.Or(f.Handler, "bootstrap")
	f.TaskRoot = cmp.Or(f.TaskRoot, "/var/task")
	f.LogStream = cmp.Or(f.LogStream, "2026/01/01/["+f.Version+"]0123456789abcdef0123456789abcdef")
	f.MemoryMB = cmp.Or(f.MemoryMB, 128)
	f.Timeout = cmp.Or(f.Timeout, 30*time.Second)
	f.InitializationType = cmp.Or(f.InitializationType, "on-demand")
	f.MaxConcurrency = max(f.MaxConcurrency, 1)
	return f
}

// ARN returns the function's unqualified ARN.
func (f Function) ARN() string {
	f = f.withDefaults()
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", f.Region, f.AccountID, f.Name)
}

// LogGroup returns the name of the function's log group.
func (f Function) LogGroup() string { return "/aws/lambda/" + f.withDefaults().Name }

// Env returns the variables, as "key=value", that Lambda sets for the function's
// process; the caller adds PATH, credentials and what else the process needs.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func (r *Runtime) Env() []string {
	f := r.fn
	env := []string{
		"AWS_LAMBDA_RUNTIME_API=" + r.Addr(),
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=" + f.Version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME=" + f.LogGroup(),
		"AWS_LAMBDA_LOG_STREAM_NAME=" + f.LogStream,
		"AWS_LAMBDA_INITIALIZATION_TYPE=" + f.InitializationType,
		"AWS_REGION=" + f.Region,
		"AWS_DEFAULT_REGION=" + f.Region,
		"LAMBDA_TASK_ROOT=" + f.TaskRoot,
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"_HANDLER=" + f.Handler,
		"TZ=:UTC",
	}
	if f.MaxConcurrency > 1 {
		env = append(env, "AWS_LAMBDA_MAX_CONCURRENCY="+strconv.Itoa(f.MaxConcurrency))
	}
	if f.DaemonAddress != "" {
		env = append(env, "AWS_XRAY_DAEMON_ADDRESS="+f.DaemonAddress, "AWS_XRAY_CONTEXT_MISSING=LOG_ERROR")
	}
	return env
}

// Setenv sets [Runtime.Env] in this process until the test ends, for a function
// that runs in a goroutine of the test. A test that calls it cannot be parallel.
func (r *Runtime) Setenv(t T) {
	t.Helper()
	for _, kv := range r.Env() {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
}
