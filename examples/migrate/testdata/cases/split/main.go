package main

import (
	"context"

	"cases/split/tracing"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(ctx context.Context) error { return tracing.Do(ctx, "work") })
}
