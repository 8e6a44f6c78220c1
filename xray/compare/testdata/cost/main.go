// A function that makes seven subsegments: what X-Ray's instrumentation of net/http
// and aws-sdk-go-v2 sets, without the calls.
package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

var errAway = errors.New("price service is away")

func main() { lambda.Start(handle) }

func handle(ctx context.Context, _ struct{}) (string, error) {
	return "hello", xray.Capture(ctx, "hello", func(ctx context.Context) error {
		_ = xray.Capture(ctx, "validate", func(ctx context.Context) error {
			call(ctx, "DynamoDB", "aws", 200, map[string]any{"operation": "GetItem", "region": "eu-west-1", "request_id": "V7Q2LKJ3", "table_name": "orders"}, nil)
			call(ctx, "S3", "aws", 200, map[string]any{"operation": "GetObject", "region": "eu-west-1", "request_id": "4Z8EXAMPLE7Q2N", "bucket_name": "prices", "key": "2026/11.json"}, nil)
			return xray.AddMetadata(ctx, "order.lines", 3)
		})
		_ = xray.Capture(ctx, "price", func(ctx context.Context) error {
			call(ctx, "prices.example.com", "remote", 503, nil, errAway)
			call(ctx, "SQS", "aws", 200, map[string]any{"operation": "SendMessage", "region": "eu-west-1", "request_id": "0d8f7b2a-2f40", "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"}, nil)
			return xray.AddMetadata(ctx, "currency", "EUR")
		})
		return nil
	})
}

func call(ctx context.Context, name, namespace string, status int, aws map[string]any, err error) {
	_, seg := xray.BeginSubsegment(ctx, name)
	seg.Lock()
	seg.Namespace = namespace
	seg.AWS = aws
	seg.GetHTTP().GetResponse().Status = status
	seg.Unlock()
	seg.Close(err)
}
