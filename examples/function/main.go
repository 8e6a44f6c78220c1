// Command function is an order service on AWS Lambda: it asks a price service
// what an order costs, stores the order in DynamoDB, puts its receipt into S3 and
// sends it to the shipping queue. main.go is all that tracing takes, orders.go
// is the service.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	//lint:ignore SA1019 unsupported, but there is no successor
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
)

func main() {
	ctx := context.Background()
	provider, err := lambdaxray.NewTracerProvider(ctx)
	if err != nil {
		log.Fatal(err)
	}
	otel.SetTracerProvider(provider) // spans from here on belong to Initialization

	s := service{
		http:     &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)},
		prices:   os.Getenv("PRICE_URL"),
		table:    os.Getenv("ORDERS_TABLE"),
		receipts: os.Getenv("RECEIPTS_BUCKET"),
		audit:    os.Getenv("AUDIT_BUCKET"),
		queue:    os.Getenv("SHIPPING_QUEUE_URL"),
	}
	err = lambdaxray.Capture(ctx, "load configuration", func(ctx context.Context) error {
		cfg, err := config.LoadDefaultConfig(ctx)
		otelaws.AppendMiddlewares(&cfg.APIOptions)
		s.dynamoDB, s.s3, s.sqs = dynamodb.NewFromConfig(cfg), s3.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	lambdaxray.Start(s.handle)
}
