package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambdaxray/lambdaxray"
)

type service struct {
	dynamoDB *dynamodb.Client
	s3       *s3.Client
	sqs      *sqs.Client
	http     *http.Client

	prices, table, receipts, audit, queue string
}

type order struct {
	ID       string   `json:"id"`
	Customer string   `json:"customer"`
	Items    []string `json:"items"`
	Audit    bool     `json:"audit"`
}

type receipt struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

// handle takes one order, by itself or in an HTTP request, or a batch of them
// from SQS or Kinesis.
func (s service) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var event struct {
		order
		Records []struct {
			EventSource string
			Kinesis     struct{ Data []byte }
		}
		RequestContext struct{ HTTP struct{ Method string } }
		Body           string
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if event.RequestContext.HTTP.Method != "" {
		return s.serve(ctx, event.Body), nil
	}
	if len(event.Records) == 0 {
		return s.place(ctx, event.order)
	}
	if event.Records[0].EventSource == "aws:sqs" {
		var batch events.SQSEvent
		if err := json.Unmarshal(raw, &batch); err != nil {
			return nil, fmt.Errorf("SQS batch: %w", err)
		}
		return lambdaxray.ForEachMessage(ctx, batch, func(ctx context.Context, m events.SQSMessage) error {
			return s.placeJSON(ctx, []byte(m.Body))
		}), nil
	}
	for _, record := range event.Records {
		if err := s.placeJSON(ctx, record.Kinesis.Data); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// serve answers an HTTP request. A response of 500 or above is a fault of the
// invocation's subsegment, although the function itself did not fail.
func (s service) serve(ctx context.Context, body string) events.APIGatewayV2HTTPResponse {
	var o order
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest, Body: err.Error()}
	}
	r, err := s.place(ctx, o)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadGateway, Body: err.Error()}
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: fmt.Sprintf(`{"order":%q,"cents":%d}`, r.Order, r.Cents)}
}

func (s service) placeJSON(ctx context.Context, body []byte) error {
	var o order
	if err := json.Unmarshal(body, &o); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	_, err := s.place(ctx, o)
	return err
}

// place is a custom subsegment with an annotation to search for and metadata to
// read.
func (s service) place(ctx context.Context, o order) (r receipt, err error) {
	err = lambdaxray.Capture(ctx, "place order", func(ctx context.Context) error {
		lambdaxray.Annotate(ctx, "customer", o.Customer)
		lambdaxray.Metadata(ctx, "order", "items", o.Items)
		r.Order = o.ID
		if r.Cents, err = s.price(ctx, o); err != nil {
			return fmt.Errorf("price of order %s: %w", o.ID, err)
		}
		if err := s.store(ctx, o, r); err != nil {
			return fmt.Errorf("store order %s: %w", o.ID, err)
		}
		return nil
	})
	if o.Audit {
		// Runs on after the response: its span goes out with the next invocation.
		go s.put(context.WithoutCancel(ctx), s.audit, o.ID, o)
	}
	return r, err
}

// price asks what the first item costs: an order has one.
func (s service) price(ctx context.Context, o order) (int, error) {
	if len(o.Items) == 0 {
		return 0, errors.New("items: empty; an order needs one")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.prices+"/prices/"+o.Items[0]+"?order="+o.ID, nil)
	if err != nil {
		return 0, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the price service answered %s", resp.Status)
	}
	var price *struct{ Cents int }
	if err := json.NewDecoder(resp.Body).Decode(&price); err != nil {
		return 0, err
	}
	return price.Cents, nil // a bug, for examples/local to show: null has no cents
}

func (s service) store(ctx context.Context, o order, r receipt) error {
	_, err := s.dynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: map[string]types.AttributeValue{
		"id":       &types.AttributeValueMemberS{Value: o.ID},
		"customer": &types.AttributeValueMemberS{Value: o.Customer},
		"cents":    &types.AttributeValueMemberN{Value: strconv.Itoa(r.Cents)},
	}})
	if err != nil {
		return err
	}
	if err := s.put(ctx, s.receipts, o.ID, r); err != nil {
		return err
	}
	shipment, err := json.Marshal(o)
	if err != nil {
		return err
	}
	// What is stored must be shipped: the deadline does not cut this call short.
	_, err = s.sqs.SendMessage(context.WithoutCancel(ctx), &sqs.SendMessageInput{QueueUrl: &s.queue, MessageBody: aws.String(string(shipment))})
	return err
}

func (s service) put(ctx context.Context, bucket, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(key + ".json"), Body: strings.NewReader(string(b))})
	return err
}
