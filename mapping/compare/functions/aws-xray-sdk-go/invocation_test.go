package main

import (
	"context"
	"testing"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"

	"github.com/lambdaxray/lambdaxray/mapping/compare/functions/internal/invocation"
)

func BenchmarkInvocation(b *testing.B) {
	invocation.Benchmark(b, "aws-xray-sdk-go", invocation.NewUDP(b, invocation.DocumentSpans), invocation.Spans, start)
}

// start does the same work through aws-xray-sdk-go: what its own
// instrumentation of net/http and aws-sdk-go-v2 sets, without the calls.
func start(b *testing.B, addr string) func() {
	xray.SetLogger(xraylog.NullLogger)
	if err := xray.Configure(xray.Config{DaemonAddr: addr}); err != nil {
		b.Fatal(err)
	}
	//lint:ignore SA1029 the X-Ray SDK looks for this key
	ctx := context.WithValue(context.Background(), xray.LambdaTraceHeaderKey, invocation.TraceHeader)
	return func() { invoke(ctx) }
}

func invoke(ctx context.Context) {
	ctx, function := xray.BeginSubsegment(ctx, "orders")
	setAWS(function, map[string]any{
		"request_id":   "9a8b7c6d-0000-4000-8000-000000000001",
		"function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
		"account_id":   "123456789012",
	})
	makeSix(ctx)
	function.AddMetadata("order.total", 4200)
	function.Close(nil)
}
