// Command bare is the hello-world function that nothing traces: what the others
// are measured against.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handle) }

func handle(context.Context, struct{}) (string, error) { return "hello", nil }
