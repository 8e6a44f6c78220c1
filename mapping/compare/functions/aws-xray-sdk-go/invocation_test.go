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
	call := func(ctx context.Context, name, namespace string, status int) *xray.Segment {
		_, seg := xray.BeginSubsegment(ctx, name)
		seg.Lock()
		seg.Namespace = namespace
		seg.GetHTTP().GetResponse().Status = status
		seg.Unlock()
		return seg
	}
	validate, seg := xray.BeginSubsegment(ctx, "validate")
	seg.AddMetadata("order.lines", 3)
	s := call(validate, "DynamoDB", "aws", 200)
	setAWS(s, map[string]any{"operation": "GetItem", "region": "eu-west-1", "request_id": "V7Q2LKJ3", "table_name": "orders"})
	s.Close(nil)
	s = call(validate, "S3", "aws", 200)
	setAWS(s, map[string]any{"operation": "GetObject", "region": "eu-west-1", "request_id": "4Z8EXAMPLE7Q2N", "bucket_name": "prices", "key": "2026/11.json"})
	s.Close(nil)
	seg.Close(nil)
	price, seg := xray.BeginSubsegment(ctx, "price")
	seg.AddMetadata("currency", "EUR")
	s = call(price, "prices.example.com", "remote", 503)
	s.Lock()
	s.Fault = true
	s.GetHTTP().GetRequest().Method = "GET"
	s.GetHTTP().GetRequest().URL = "https://prices.example.com/v1/items/42"
	s.Unlock()
	s.Close(invocation.ErrAway)
	s = call(price, "SQS", "aws", 200)
	setAWS(s, map[string]any{"operation": "SendMessage", "region": "eu-west-1", "request_id": "0d8f7b2a-2f40", "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"})
	s.Close(nil)
	seg.Close(nil)
	function.AddMetadata("order.total", 4200)
	function.Close(nil)
}

func setAWS(seg *xray.Segment, members map[string]any) {
	seg.Lock()
	seg.AWS = members
	seg.Unlock()
}
