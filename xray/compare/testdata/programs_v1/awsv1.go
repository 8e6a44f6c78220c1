package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/dynamodb"
	"github.com/aws/aws-xray-sdk-go/xray"
)

func stubbed(status int, body string) (*session.Session, func()) {
	server := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("header", len(r.Header.Get("X-Amzn-Trace-Id")) > 40)
		w.Header().Set("X-Amzn-Requestid", "request-1")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	s, err := session.NewSession(&aws.Config{
		Region: aws.String("eu-west-1"), Endpoint: aws.String(server.URL), MaxRetries: aws.Int(0),
		Credentials: credentials.NewStaticCredentials("a", "s", ""), DisableComputeChecksums: aws.Bool(true),
	})
	check(err)
	return s, server.Close
}

func init() {
	programs["awsv1"] = func(ctx context.Context) {
		s, done := stubbed(200, `{"Item":{"id":{"S":"7"}}}`)
		defer done()
		client := dynamodb.New(s)
		xray.AWS(client.Client)
		ctx, seg := xray.BeginSegment(watched(ctx), "shop")
		_, err := client.GetItemWithContext(ctx, &dynamodb.GetItemInput{
			TableName: aws.String("orders"), Key: map[string]*dynamodb.AttributeValue{"id": {S: aws.String("7")}}})
		fmt.Println(err)
		seg.Close(nil)
	}
	programs["awsv1error"] = func(ctx context.Context) {
		s, done := stubbed(400, `{"__type":"com.amazonaws.dynamodb#ProvisionedThroughputExceededException","message":"slow down"}`)
		defer done()
		client := dynamodb.New(s)
		xray.AWS(client.Client)
		ctx, seg := xray.BeginSegment(watched(ctx), "shop")
		_, err := client.GetItemWithContext(ctx, &dynamodb.GetItemInput{
			TableName: aws.String("orders"), Key: map[string]*dynamodb.AttributeValue{"id": {S: aws.String("7")}}})
		fmt.Println(err != nil)
		seg.Close(nil)
	}
	programs["awsv1session"] = func(ctx context.Context) {
		s, done := stubbed(200, `{}`)
		defer done()
		client := dynamodb.New(xray.AWSSession(s))
		ctx, seg := xray.BeginSegment(watched(ctx), "shop")
		_, err := client.DeleteTableWithContext(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("orders")})
		fmt.Println(err)
		seg.Close(nil)
	}
}
