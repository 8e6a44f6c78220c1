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
	"github.com/aws/aws-xray-sdk-go/v2/xray"
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

// handle takes one order, by itself or in an HTTP request, or a batch of them from
// SQS or Kinesis.
func (s service) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var event struct {
		order
		Records []struct {
			EventSource, MessageID, Body string
			Kinesis                      struct{ Data []byte }
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
	var failed events.SQSEventResponse
	for _, record := range event.Records {
		if record.EventSource != "aws:sqs" {
			if err := s.placeJSON(ctx, record.Kinesis.Data); err != nil {
				return nil, err
			}
			continue
		}
		err := xray.Capture(ctx, "message", func(ctx context.Context) error {
			return s.placeJSON(ctx, []byte(record.Body))
		})
		if err != nil {
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageID})
		}
	}
	return failed, nil
}

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

func (s service) place(ctx context.Context, o order) (r receipt, err error) {
	err = xray.Capture(ctx, "place order", func(ctx context.Context) error {
		_ = xray.AddAnnotation(ctx, "customer", o.Customer)
		_ = xray.AddMetadataToNamespace(ctx, "order", "items", o.Items)
		r.Order = o.ID
		if r.Cents, err = s.price(ctx, o); err != nil {
			return fmt.Errorf("price of order %s: %w", o.ID, err)
		}
		if o.Audit {
			xray.CaptureAsync(xray.DetachContext(ctx), "audit", func(ctx context.Context) error {
				return s.put(ctx, s.audit, o.ID, o)
			})
		}
		return s.store(ctx, o, r)
	})
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
		"id":    &types.AttributeValueMemberS{Value: o.ID},
		"cents": &types.AttributeValueMemberN{Value: strconv.Itoa(r.Cents)},
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
	_, err = s.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &s.queue, MessageBody: aws.String(string(shipment))})
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
