package lambdaevent_test

import (
	"fmt"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

func ExampleParse() {
	e := lambdaevent.Parse([]byte(`{
		"version": "2.0", "routeKey": "GET /orders/{id}", "rawPath": "/orders/7", "rawQueryString": "",
		"headers": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"requestContext": {"domainName": "api.example.com", "http": {"method": "GET"}}
	}`))
	r := e.Request()
	fmt.Println(e.Source, e.Trigger())
	fmt.Println(r.Method, r.Scheme, r.Host, r.Path, r.Route)
	fmt.Println(e.Carrier().Get("Traceparent"))
	// Output:
	// API Gateway v2 http
	// GET https api.example.com /orders/7 /orders/{id}
	// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
}

// A batch has as many senders as messages: each becomes a link.
func ExampleEvent_Messages() {
	e := lambdaevent.Parse([]byte(`{"Records": [
		{"messageId": "m1", "attributes": {"AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"},
			"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders"},
		{"messageId": "m2", "attributes": {}, "eventSource": "aws:sqs"}
	]}`))
	fmt.Println(e.SourceARN())
	var links []trace.Link
	for m := range e.Messages() {
		if h, ok := m.Header(); ok {
			links = append(links, trace.Link{SpanContext: h.SpanContext()})
			fmt.Println(m.ID, h.Root)
		}
	}
	fmt.Println(len(links))
	// Output:
	// arn:aws:sqs:eu-central-1:123456789012:orders
	// m1 5759e988bd862e3fe1be46a994272793
	// 1
}
