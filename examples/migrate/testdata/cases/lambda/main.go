package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func main() {
	lambda.Start(handle)
}

func handle(ctx context.Context) error {
	v, _ := ctx.Value(xray.LambdaTraceHeaderKey).(string)
	_ = header.FromString(v)
	return xray.Capture(ctx, "work", func(context.Context) error { return nil })
}
