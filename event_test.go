package lambdaxray_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

func TestEventMessages(t *testing.T) {
	const (
		first  = "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8"
		second = "6789123456789012345678901234abcd 1112131415161718"
		w3c    = "0af7651916cd43dd8448eb211c80319c b7ad6b7169203331"
	)
	for _, c := range []struct {
		event  string
		parent bool // by option
		want   []string
		links  []string
	}{
		{"sqs", false, nil, []string{first, second}}, // the third message has no sender
		{"sqs", true, nil, []string{first, second}},
		{"sqs_single", false, nil, []string{first}},
		{"sqs_single", true, []string{first}, nil},
		{"sns_in_sqs", false, nil, []string{w3c}},
		{"sns_in_sqs", true, []string{w3c}, nil},
		{"eventbridge_in_sns_in_sqs", true, nil, []string{w3c, second}},
		{"pipe_sqs", true, nil, []string{first}}, // the second message has none
		{"msk", false, nil, []string{w3c, first}},
		{"kafka_selfmanaged", true, []string{w3c}, nil},
		{"rabbitmq", true, nil, []string{w3c}},
		{"activemq", false, nil, []string{w3c}},
		{"kinesis", true, nil, nil},
		{"sns", false, nil, []string{first}},
		{"sns", true, []string{first}, nil},
		{"sns_in_sns", true, []string{w3c}, nil},
		{"eventbridge", true, []string{first}, nil},
	} {
		t.Run(fmt.Sprint(c.event, c.parent), func(t *testing.T) {
			recorder, recording := record()
			opts := []lambdaxray.Option{recording}
			if c.parent {
				opts = append(opts, lambdaxray.WithEventContext(lambdaxray.EventContextParent))
			}
			if _, err := lambdaxray.WrapHandler(func() {}, opts...).Invoke(invocationContext(t, active), fixture(t, c.event)); err != nil {
				t.Fatal(err)
			}
			span := recorder.Ended()[0]
			if span.SpanKind() != trace.SpanKindConsumer || attributes(span.Attributes())["faas.trigger"] != "pubsub" {
				t.Errorf("kind %v, attributes %v", span.SpanKind(), span.Attributes())
			}
			parent := span.Parent().TraceID().String() + " " + span.Parent().SpanID().String()
			if c.want == nil && span.Parent().SpanID().String() != parentID || c.want != nil && parent != c.want[0] {
				t.Errorf("parent %v, want %v", parent, c.want)
			}
			if diff := cmp.Diff(c.links, links(span)); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEventMessagesWithoutSender: one that has no sender, or that of the one before,
// hides none behind it.
func TestEventMessagesWithoutSender(t *testing.T) {
	recorder, recording := record()
	const first = `{"eventSource":"aws:sqs","messageId":"2","attributes":{"AWSTraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"}}`
	second := strings.Replace(first, "Parent=5", "Parent=6", 1)
	event := []byte(`{"Records":[{"eventSource":"aws:sqs","messageId":"1","attributes":{}},` + first + "," + first + "," + second + `]}`)
	if _, err := lambdaxray.WrapHandler(func() {}, recording).Invoke(invocationContext(t, active), event); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8", "5759e988bd862e3fe1be46a994272793 63995c3f42cd8ad8"}, links(recorder.Ended()[0])); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

// TestEventMessagesOwnTrace: a sender in the invocation's own trace is no other
// parent than the platform's segment.
func TestEventMessagesOwnTrace(t *testing.T) {
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func() {}, recording, lambdaxray.WithEventContext(lambdaxray.EventContextParent))
	event := bytes.ReplaceAll(fixture(t, "sqs_single"), []byte("1-5759e988-bd862e3fe1be46a994272793"), []byte(rootID))
	if _, err := h.Invoke(invocationContext(t, active), event); err != nil {
		t.Fatal(err)
	}
	if span := recorder.Ended()[0]; span.Parent().SpanID().String() != parentID || len(span.Links()) != 1 {
		t.Errorf("parent %v, links %v", span.Parent().SpanID(), links(span))
	}
}

// TestEventClientContext: a caller of Invoke puts its context there; events of known
// senders and a context without one have it inside.
func TestEventClientContext(t *testing.T) {
	const caller = "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7"
	const inside = "0af7651916cd43dd8448eb211c80319c b7ad6b7169203331"
	traceparent := map[string]string{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
	for _, c := range []struct {
		event  string
		custom map[string]string
		want   []string
	}{
		{`{"order":7}`, traceparent, []string{caller}},
		{`{"headers":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}`, map[string]string{"a": "b"}, []string{inside}},
		{string(fixture(t, "alb_multivalue")), traceparent, []string{inside}},
		{`{"order":7}`, nil, nil},
	} {
		ctx := invocationContext(t, active)
		lc, _ := lambdacontext.FromContext(ctx)
		lc.ClientContext.Custom = c.custom
		recorder, recording := record()
		if _, err := lambdaxray.WrapHandler(func(any) error { return nil }, recording).Invoke(ctx, []byte(c.event)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, links(recorder.Ended()[0])); diff != "" {
			t.Errorf("%.40s, %v: links (-want +got):\n%s", c.event, c.custom, diff)
		}
	}
}

// TestEventHTTPStatus: whose answer is an HTTP response, and whose is not.
func TestEventHTTPStatus(t *testing.T) {
	for event, want := range map[string]int64{
		"websocket_connect": 503, "websocket_message": 503, "lattice_v1": 503, "lattice_v2": 503, "alb": 503,
		"authorizer_v1_token": 0, "authorizer_v1_request": 0, "authorizer_v2": 0, "authorizer_websocket": 0,
		"authorizer_appsync": 0, "appsync": 0, "appsync_events": 0, "sqs": 0, "custom": 0,
	} {
		recorder, recording := record()
		h := lambdaxray.WrapHandler(func() (json.RawMessage, error) { return json.RawMessage(`{"statusCode":503}`), nil }, recording)
		if _, err := h.Invoke(t.Context(), fixture(t, event)); err != nil {
			t.Fatal(err)
		}
		span := recorder.Ended()[0]
		got, _ := attributes(span.Attributes())["http.response.status_code"].(int64)
		if got != want || (span.Status().Code == codes.Error) != (want != 0) {
			t.Errorf("%s: status %d, %v, want %d", event, got, span.Status(), want)
		}
	}
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func(any) (any, error) { return map[string]bool{"isAuthorized": false}, nil }, recording)
	if _, err := h.Invoke(t.Context(), fixture(t, "authorizer_v2")); err != nil {
		t.Fatal(err)
	}
	attrs := attributes(recorder.Ended()[0].Attributes())
	if attrs["http.response.status_code"] != nil || attrs["http.route"] != "/orders/{id}" || attrs["faas.trigger"] != "http" {
		t.Errorf("an authorizer that says no: %v", attrs)
	}
}

// fixture returns one of the propagator's events.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join("propagator", "lambdaevent", "testdata", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestEventHTTP(t *testing.T) {
	for _, c := range []struct {
		event, response string
		want            map[string]any
		fault           bool
	}{
		{"apigateway_v1", `{"statusCode":503}`, map[string]any{
			"http.request.method": "POST", "http.route": "/orders/{id}", "url.path": "/prod/orders/7", "url.scheme": "https",
			"server.address": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "client.address": "203.0.113.7",
			"user_agent.original": "curl/8.5.0", "http.response.status_code": int64(503),
		}, true},
		{"apigateway_v2", `"just text"`, map[string]any{
			"http.request.method": "GET", "http.route": "/orders/{id}", "url.path": "/orders/7", "url.scheme": "https",
			"server.address": "api.example.com", "client.address": "203.0.113.7",
			"user_agent.original": "okhttp/4.12.0", "http.response.status_code": int64(200),
		}, false},
		{"alb", `{"body":"{\"statusCode\":500}","statusCode":404}`, map[string]any{
			"http.request.method": "GET", "url.path": "/orders", "url.scheme": "http",
			"server.address": "orders.example.com", "server.port": int64(8080), "client.address": "203.0.113.7",
			"user_agent.original": "Mozilla/5.0", "http.response.status_code": int64(404),
		}, false},
		{"function_url", `{"statusCode":500}`, map[string]any{
			"http.request.method": "PUT", "url.path": "/upload", "url.scheme": "https",
			"server.address": "q1w2e3r4t5y6u7i8o9p0.lambda-url.eu-central-1.on.aws", "client.address": "2001:db8::7",
			"user_agent.original": "Go-http-client/2.0", "http.response.status_code": int64(500),
		}, true},
	} {
		var response any
		if err := json.Unmarshal([]byte(c.response), &response); err != nil {
			t.Fatal(err)
		}
		for kind, handler := range map[string]any{
			"bytes": func() (json.RawMessage, error) { return json.RawMessage(c.response), nil },
			"value": func(json.RawMessage) (any, error) { return response, nil },
		} {
			t.Run(c.event+" "+kind, func(t *testing.T) {
				recorder, recording := record()
				if _, err := lambdaxray.WrapHandler(handler, recording).Invoke(t.Context(), fixture(t, c.event)); err != nil {
					t.Fatal(err)
				}
				span := recorder.Ended()[0]
				got := attributes(span.Attributes())
				if got["faas.trigger"] != "http" {
					t.Errorf("trigger %v", got["faas.trigger"])
				}
				delete(got, "faas.trigger")
				delete(got, "faas.coldstart")
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("attributes (-want +got):\n%s", diff)
				}
				if fault := span.Status().Code == codes.Error; fault != c.fault {
					t.Errorf("status %v", span.Status())
				}
			})
		}
	}
}

func links(span sdktrace.ReadOnlySpan) []string {
	var text []string
	for _, l := range span.Links() {
		text = append(text, l.SpanContext.TraceID().String()+" "+l.SpanContext.SpanID().String())
	}
	return text
}

func TestWithoutEvent(t *testing.T) {
	for _, c := range []struct {
		event string
		parts []lambdaxray.EventPart
		gone  string
		links int
	}{
		{"sqs", []lambdaxray.EventPart{lambdaxray.EventTrigger}, "faas.trigger", 2},
		{"sqs", []lambdaxray.EventPart{lambdaxray.EventMessages}, "", 0},
		{"sqs", nil, "faas.trigger", 0},
		{"apigateway_v1", []lambdaxray.EventPart{lambdaxray.EventHTTP}, "http.request.method", 1},
		{"apigateway_v1", []lambdaxray.EventPart{lambdaxray.EventHTTP, lambdaxray.EventTraceContext}, "http.response.status_code", 0},
		{"apigateway_v1", nil, "faas.trigger", 0},
	} {
		t.Run(fmt.Sprint(c.event, c.parts), func(t *testing.T) {
			recorder, recording := record()
			h := lambdaxray.WrapHandler(func(any) (any, error) { return map[string]int{"statusCode": 200}, nil }, recording, lambdaxray.WithoutEvent(c.parts...))
			if _, err := h.Invoke(invocationContext(t, active), fixture(t, c.event)); err != nil {
				t.Fatal(err)
			}
			span := recorder.Ended()[0]
			if v, ok := attributes(span.Attributes())[c.gone]; ok {
				t.Errorf("%s is %v", c.gone, v)
			}
			if len(span.Links()) != c.links {
				t.Errorf("links %v, want %d", links(span), c.links)
			}
			if c.gone == "faas.trigger" && span.SpanKind() != trace.SpanKindServer {
				t.Errorf("kind %v", span.SpanKind())
			}
		})
	}
}
