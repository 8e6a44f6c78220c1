package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// scenario is something that happens to a Lambda function and how it shows in
// X-Ray.
type scenario struct {
	title string
	note  string // what to look at, or where the local clock differs
	fails bool   // the function is meant to fail
	run   func(context.Context, *lambda.Platform, *stubs) (lambda.Outcome, error)
}

// scenarios run in this order: the first finds no environment, and those that
// cost the environment its life come last.
var scenarios = []scenario{
	{
		title: "Cold synchronous call",
		note:  "Initialization lies before its function segment and holds what main did.",
		run:   callWith(order{ID: "1001", Customer: "ada", Items: []string{"tea"}}),
	},
	{
		title: "Warm synchronous call",
		run:   callWith(order{ID: "1002", Customer: "grace", Items: []string{"tea", "kettle"}}),
	},
	{
		title: "The price service answers 503",
		note:  "Lambda's own status stays 200: the function failed, not the request.",
		fails: true,
		run:   callWith(order{ID: "1003", Customer: "ada", Items: []string{itemUnavailable}}),
	},
	{
		title: "HTTP request, answered with 502",
		note:  "The function returned without an error; its response makes the fault.",
		run:   httpRequest,
	},
	{
		title: "Asynchronous, first attempt fails",
		note:  "The service segment ends with the 202. Lambda tries again after one minute.",
		run:   asynchronous,
	},
	{
		title: "Stream batch, retried once",
		note:  "No caller; the service segment ends after the final attempt.",
		run:   streamBatch,
	},
	{
		title: "SQS batch of two messages",
		note:  "Linked to the traces that sent the messages: the first two above.",
		run:   queueBatch,
	},
	{
		title: "A span that ends after the response",
		note:  "The audit ran on in the background: sent with the next invocation.",
		run:   lateSpan,
	},
	{
		title: "Not sampled",
		note:  "The caller's header says Sampled=0: nobody writes anything.",
		run:   notSampled,
	},
	{
		title: "Panic",
		note:  "The process is gone afterwards; its documents were written before.",
		fails: true,
		run:   callWith(order{ID: "1009", Customer: "ada", Items: []string{itemNull}}),
	},
	{
		title: "Timeout",
		note:  "SQS does not answer. What was open shortly before the deadline is pending.",
		fails: true,
		run:   timeout,
	},
	{
		title: "Shutdown",
		note:  "The audit ran on in the background: sent at SIGTERM.",
		run:   shutdown,
	},
}

// order is the event of examples/function.
type order struct {
	ID       string   `json:"id"`
	Customer string   `json:"customer"`
	Items    []string `json:"items,omitempty"`
	Audit    bool     `json:"audit,omitempty"`
}

func (o order) json() []byte {
	b, _ := json.Marshal(o) // strings only
	return b
}

func callWith(o order) func(context.Context, *lambda.Platform, *stubs) (lambda.Outcome, error) {
	return func(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
		return p.Call(ctx, lambda.Request{Payload: o.json()})
	}
}

// httpRequest calls as API Gateway does, payload format 2.0.
func httpRequest(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	o := order{ID: "1013", Customer: "grace", Items: []string{itemUnavailable}}
	payload, err := json.Marshal(map[string]any{
		"version":  "2.0",
		"routeKey": "POST /orders",
		"rawPath":  "/orders",
		"headers":  map[string]string{"host": "shop.example.com", "x-forwarded-proto": "https"},
		"requestContext": map[string]any{
			"domainName": "shop.example.com",
			"http":       map[string]string{"method": "POST", "path": "/orders", "sourceIp": "203.0.113.7", "userAgent": "curl/8.5.0"},
		},
		"body": string(o.json()),
	})
	if err != nil {
		return lambda.Outcome{}, err
	}
	return p.Call(ctx, lambda.Request{Payload: payload})
}

func asynchronous(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	o := order{ID: "1004", Customer: "grace", Items: []string{itemFlaky}}
	done := make(chan lambda.Outcome, 1)
	if _, err := p.Accept(ctx, lambda.Request{Payload: o.json()}, func(o lambda.Outcome) { done <- o }); err != nil {
		return lambda.Outcome{}, err
	}
	select {
	case out := <-done:
		return out, nil
	case <-ctx.Done():
		return lambda.Outcome{}, context.Cause(ctx)
	}
}

func streamBatch(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	type kinesis struct {
		PartitionKey   string `json:"partitionKey"`
		SequenceNumber string `json:"sequenceNumber"`
		Data           []byte `json:"data"`
	}
	type record struct {
		EventSource    string  `json:"eventSource"`
		EventSourceARN string  `json:"eventSourceARN"`
		EventID        string  `json:"eventID"`
		Kinesis        kinesis `json:"kinesis"`
	}
	o := order{ID: "1005", Customer: "ada", Items: []string{itemFlaky}}
	payload, err := json.Marshal(map[string][]record{"Records": {{
		EventSource:    "aws:kinesis",
		EventSourceARN: "arn:aws:kinesis:us-east-1:123456789012:stream/orders",
		EventID:        "shardId-000000000000:49590338271490256608559692538361571095921575989136588898",
		Kinesis:        kinesis{o.Customer, "49590338271490256608559692538361571095921575989136588898", o.json()},
	}}})
	if err != nil {
		return lambda.Outcome{}, err
	}
	return p.Poll(ctx, lambda.Request{Payload: payload})
}

// queueBatch delivers two messages that carry the tracing headers with which
// the first two calls sent theirs.
func queueBatch(ctx context.Context, p *lambda.Platform, s *stubs) (lambda.Outcome, error) {
	type record struct {
		MessageID      string            `json:"messageId"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSource    string            `json:"eventSource"`
		EventSourceARN string            `json:"eventSourceARN"`
	}
	var batch struct{ Records []record }
	var links []segment.Link
	for i, header := range s.sentHeaders(2) {
		o := order{ID: fmt.Sprint(1006 + i), Customer: "grace", Items: []string{"tea"}}
		batch.Records = append(batch.Records, record{
			MessageID:   fmt.Sprintf("059f36b4-87a3-44ab-83d2-66197569c60%d", i),
			Body:        string(o.json()),
			Attributes:  map[string]string{"AWSTraceHeader": header, "ApproximateReceiveCount": "1"},
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:us-east-1:123456789012:orders",
		})
		if h, err := propagator.ParseHeader(header); err == nil && h.Parent.IsValid() {
			links = append(links, segment.Link{ID: h.Parent.String(), TraceID: segment.TraceID(h.Root)})
		}
	}
	payload, err := json.Marshal(batch)
	if err != nil {
		return lambda.Outcome{}, err
	}
	return p.Poll(ctx, lambda.Request{Payload: payload, Links: links})
}

// lateSpan makes two calls: the second lets the function run on, which ends and
// sends the first one's audit.
func lateSpan(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	late := order{ID: "1007", Customer: "ada", Items: []string{"tea"}, Audit: true}
	out, err := p.Call(ctx, lambda.Request{Payload: late.json()})
	if err != nil {
		return out, err
	}
	next := order{ID: "1008", Customer: "grace", Items: []string{"kettle"}}
	_, err = p.Call(ctx, lambda.Request{Payload: next.json()})
	return out, err
}

// notSampledHeader is of a caller whose trace is not sampled.
const notSampledHeader = "Root=1-67890abc-0123456789abcdef01234567;Parent=00000000000000aa;Sampled=0"

func notSampled(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	o := order{ID: "1011", Customer: "ada", Items: []string{"tea"}}
	return p.Call(ctx, lambda.Request{Payload: o.json(), TraceHeader: notSampledHeader})
}

// shutdown makes a call whose audit ends after the freeze, and takes the
// environment away.
func shutdown(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	o := order{ID: "1012", Customer: "grace", Items: []string{"tea"}, Audit: true}
	out, err := p.Call(ctx, lambda.Request{Payload: o.json()})
	if err != nil {
		return out, err
	}
	p.Thaw()
	wait(ctx, 2*auditLatency)
	p.Retire(ctx)
	return out, nil
}

func timeout(ctx context.Context, p *lambda.Platform, _ *stubs) (lambda.Outcome, error) {
	o := order{ID: "1010", Customer: "ada", Items: []string{itemStuck}}
	return p.Call(ctx, lambda.Request{Payload: o.json(), Timeout: 2 * time.Second})
}
