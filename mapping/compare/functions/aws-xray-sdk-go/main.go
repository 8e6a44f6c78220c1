// Command aws-xray-sdk-go is the hello-world function traced by
// aws-xray-sdk-go.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(handle) }
