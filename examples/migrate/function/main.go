// Command function is the order service of examples/function as it was written
// against aws-xray-sdk-go. A replacement in its go.mod is all that has changed.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-xray-sdk-go/v2/instrumentation/awsv2"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	awsv2.AWSV2Instrumentor(&cfg.APIOptions)
	lambda.Start(service{
		dynamoDB: dynamodb.NewFromConfig(cfg),
		s3:       s3.NewFromConfig(cfg),
		sqs:      sqs.NewFromConfig(cfg),
		http:     xray.Client(http.DefaultClient),
		prices:   os.Getenv("PRICE_URL"),
		table:    os.Getenv("ORDERS_TABLE"),
		receipts: os.Getenv("RECEIPTS_BUCKET"),
		audit:    os.Getenv("AUDIT_BUCKET"),
		queue:    os.Getenv("SHIPPING_QUEUE_URL"),
	}.handle)
}
