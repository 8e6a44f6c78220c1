// Package handle is the handler of the functions that make OpenTelemetry spans: one
// that does nothing, for size and start-up, and with the tag sixspans one with six
// spans, for latency.
package handle
