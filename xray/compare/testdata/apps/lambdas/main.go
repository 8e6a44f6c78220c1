// A Lambda function with clients of aws-sdk-go v1.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-xray-sdk-go/xray"
)

var table *dynamodb.DynamoDB

func main() {
	xray.Configure(xray.Config{LogLevel: "info"})
	s := session.Must(session.NewSession(&aws.Config{
		Region: aws.String("eu-west-1"), Endpoint: aws.String(os.Getenv("STUB")),
		Credentials: credentials.NewStaticCredentials("a", "s", ""), DisableComputeChecksums: aws.Bool(true),
	}))
	table = dynamodb.New(s)
	xray.AWS(table.Client)
	lambda.Start(handle)
}

func handle(ctx context.Context) (string, error) {
	ctx, seg := xray.BeginSubsegment(ctx, "load")
	defer seg.Close(nil)
	_, err := table.DescribeTableWithContext(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	return xray.TraceID(ctx), err
}
