package main

import (
	"context"
	"errors"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

var errAway = errors.New("price service is away")

// makeSix makes the six subsegments that package spans makes spans for: what the SDK's
// own instrumentation of net/http and aws-sdk-go-v2 sets, without the calls.
func makeSix(ctx context.Context) {
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
	s.Close(errAway)
	s = call(price, "SQS", "aws", 200)
	setAWS(s, map[string]any{"operation": "SendMessage", "region": "eu-west-1", "request_id": "0d8f7b2a-2f40", "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"})
	s.Close(nil)
	seg.Close(nil)
}

func setAWS(seg *xray.Segment, members map[string]any) {
	seg.Lock()
	seg.AWS = members
	seg.Unlock()
}
