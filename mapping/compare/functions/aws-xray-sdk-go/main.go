// Command aws-xray-sdk-go is the hello-world function traced by
// aws-xray-sdk-go: one subsegment an invocation.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func main() { lambda.Start(handle) }

func handle(ctx context.Context, _ struct{}) (greeting string, err error) {
	err = xray.Capture(ctx, "hello", func(context.Context) error {
		greeting = "hello"
		return nil
	})
	return greeting, err
}
