package exporter

import (
	"os"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// envFunctionName is set where the process is a Lambda function.
const envFunctionName = "AWS_LAMBDA_FUNCTION_NAME"

// ProcessorOption configures a [Processor].
type ProcessorOption interface {
	apply(processorConfig) processorConfig
}

type processorOptionFunc func(processorConfig) processorConfig

func (f processorOptionFunc) apply(c processorConfig) processorConfig { return f(c) }

type processorConfig struct {
	lambda          bool
	initialization  string // AWS_LAMBDA_INITIALIZATION_TYPE
	functionSegment mapping.FunctionSegment
	exportTimeout   time.Duration
	deadlineMargin  time.Duration // 0: by rule; negative: off
	processStart    time.Time     // zero: ask the system
}

// DefaultExportTimeout bounds how long an export may block. Writing to the daemon
// takes microseconds; the bound is for the day it does not.
const DefaultExportTimeout = 500 * time.Millisecond

func newProcessorConfig(opts []ProcessorOption) processorConfig {
	c := processorConfig{
		lambda:        os.Getenv(envFunctionName) != "",
		exportTimeout: DefaultExportTimeout,

		initialization: os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE"),
	}
	for _, o := range opts {
		c = o.apply(c)
	}
	return c
}

// WithLambda says whether the process is a Lambda function. The default is yes
// where AWS_LAMBDA_FUNCTION_NAME is set. There the spans of a resource that does not
// say so, as a provider without Lambda's detector has it, are placed and described as
// the function's all the same.
func WithLambda(lambda bool) ProcessorOption {
	return processorOptionFunc(func(c processorConfig) processorConfig {
		c.lambda = lambda
		return c
	})
}

// WithFunctionSegment says who owns the function segment, whatever the tracing
// header says. [mapping.FunctionSegmentAuto], the default, goes by the header;
// [mapping.FunctionSegment] has all that decides, in order.
func WithFunctionSegment(owner mapping.FunctionSegment) ProcessorOption {
	return processorOptionFunc(func(c processorConfig) processorConfig {
		c.functionSegment = owner
		return c
	})
}

// WithExportTimeout bounds how long an export may block. Over UDP the time starts
// anew with each document, so that pacing, which takes 100 µs a document, costs
// none; with an [Emitter] of yours it is the deadline of Emit. The default is
// [DefaultExportTimeout]; zero and less change nothing.
func WithExportTimeout(d time.Duration) ProcessorOption {
	return processorOptionFunc(func(c processorConfig) processorConfig {
		if d > 0 {
			c.exportTimeout = d
		}
		return c
	})
}

// WithDeadlineMargin sets how long before its deadline an invocation's open
// spans are sent as in progress. Zero, the default, is 200 ms or 5 % of the time
// the invocation has, whichever is less. A negative margin turns it off.
func WithDeadlineMargin(d time.Duration) ProcessorOption {
	return processorOptionFunc(func(c processorConfig) processorConfig {
		c.deadlineMargin = d
		return c
	})
}

// WithProcessStart sets when the process started, which is where Initialization
// begins. The default asks the system. It is for tests and replays.
func WithProcessStart(t time.Time) ProcessorOption {
	return processorOptionFunc(func(c processorConfig) processorConfig {
		c.processStart = t
		return c
	})
}

// coldStart reports whether a request waited for the process to start.
func (c *processorConfig) coldStart() bool {
	return c.onDemand() || c.initialization == "snap-start"
}

// onDemand reports whether the initialization ran right before the first
// invocation. The others may lie hours or, in a snapshot, weeks behind.
func (c *processorConfig) onDemand() bool {
	return c.initialization == "" || c.initialization == "on-demand"
}

// margin returns how long before its deadline an invocation that has remaining
// time left sends what is open, and false if it does not.
func (c *processorConfig) margin(remaining time.Duration) (time.Duration, bool) {
	switch {
	case c.deadlineMargin < 0 || remaining <= 0:
		return 0, false
	case c.deadlineMargin > 0:
		return min(c.deadlineMargin, remaining), true
	}
	return min(200*time.Millisecond, remaining/20), true
}
