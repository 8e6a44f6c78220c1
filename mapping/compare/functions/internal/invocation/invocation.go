// Package invocation measures one invocation of seven spans. Each way to trace a
// function runs it in the test binary of its own function, where the garbage
// collector has what that function has and nothing of the others.
package invocation

import (
	"testing"
)

// Spans is how many spans an invocation has: 1 SERVER, 4 CLIENT of which one
// has an error, 2 INTERNAL.
const Spans = 7

// TraceHeader is the header of the invocation: active tracing, sampled.
const TraceHeader = "Root=1-6ae729c0-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"

// Sink is what the spans are sent to.
type Sink interface {
	Addr() string
	Reset()
	// Received returns what came since Reset. With a stream datagrams is 0.
	Received(b *testing.B) (spans, bytes, datagrams int)
}

// Benchmark runs BenchmarkInvocation/impl=<impl>. start returns the function that
// makes the spans of one invocation and has sent them to addr when it returns;
// spans is how many of them go out.
//
// wire-B/op is what arrives at the socket, headers of IP, UDP and TCP not
// counted.
func Benchmark(b *testing.B, impl string, s Sink, spans int, start func(b *testing.B, addr string) (invoke func())) {
	SetLambda(b)
	b.Run("impl="+impl, func(b *testing.B) {
		invoke := start(b, s.Addr())
		invoke() // connections are made
		s.Reset()
		invoke()
		arrived, bytes, datagrams := s.Received(b)
		if arrived != spans {
			b.Fatalf("%d spans arrived, want %d", arrived, spans)
		}
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			invoke()
		}
		b.ReportMetric(float64(bytes), "wire-B/op")
		if datagrams > 0 {
			b.ReportMetric(float64(datagrams), "datagrams/op")
		}
	})
}

// SetLambda sets the environment that Lambda gives a function.
func SetLambda(tb testing.TB) {
	tb.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	tb.Setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
	tb.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/01/[$LATEST]0123456789abcdef0123456789abcdef")
	tb.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
	tb.Setenv("AWS_REGION", "eu-west-1")
}
