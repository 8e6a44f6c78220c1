// Package ctxmissing says what happens where a subsegment begins and its context
// has no segment, no span and no tracing header of Lambda.
package ctxmissing

import "github.com/lambdaxray/lambdaxray/xray/internal/logger"

// Strategy is what happens then. It is called from many goroutines.
type Strategy interface {
	// ContextMissing is told what could not be done.
	ContextMissing(v any)
}

// The values of AWS_XRAY_CONTEXT_MISSING.
var (
	RuntimeErrorStrategy = "RUNTIME_ERROR"
	LogErrorStrategy     = "LOG_ERROR"
	IgnoreErrorStrategy  = "IGNORE_ERROR"
)

// DefaultRuntimeErrorStrategy panics.
type DefaultRuntimeErrorStrategy struct{}

// DefaultLogErrorStrategy logs an error.
type DefaultLogErrorStrategy struct{}

// DefaultIgnoreErrorStrategy does nothing.
type DefaultIgnoreErrorStrategy struct{}

// NewDefaultRuntimeErrorStrategy returns one that panics.
func NewDefaultRuntimeErrorStrategy() *DefaultRuntimeErrorStrategy {
	return new(DefaultRuntimeErrorStrategy)
}

// NewDefaultLogErrorStrategy returns one that logs.
func NewDefaultLogErrorStrategy() *DefaultLogErrorStrategy {
	return new(DefaultLogErrorStrategy)
}

// NewDefaultIgnoreErrorStrategy returns one that does nothing.
func NewDefaultIgnoreErrorStrategy() *DefaultIgnoreErrorStrategy {
	return new(DefaultIgnoreErrorStrategy)
}

// ContextMissing panics with v.
func (*DefaultRuntimeErrorStrategy) ContextMissing(v any) { panic(v) }

// ContextMissing logs v as an error.
func (*DefaultLogErrorStrategy) ContextMissing(v any) {
	logger.Errorf("Suppressing AWS X-Ray context missing panic: %v", v)
}

// ContextMissing does nothing.
func (*DefaultIgnoreErrorStrategy) ContextMissing(any) {}
