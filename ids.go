package lambdaxray

import (
	// Deprecated for its propagator; the generator has no successor.
	"go.opentelemetry.io/contrib/propagators/aws/xray"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// newIDGenerator returns trace ids that start with the time in seconds. X-Ray's
// front doors replace a trace id whose time is not recent.
//
// A tracing header without Parent still names a trace; the SDK keeps the trace
// id of the span context that the propagator makes of it and asks for a span id
// only.
func newIDGenerator() sdktrace.IDGenerator { return xray.NewIDGenerator() }
