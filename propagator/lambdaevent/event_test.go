package lambdaevent_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

const (
	root        = "Root=1-5759e988-bd862e3fe1be46a994272793"
	parent      = "Parent=53995c3f42cd8ad8"
	otherRoot   = "Root=1-67891234-56789012345678901234abcd"
	otherParent = "Parent=1112131415161718"
	traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
)

// seen is all that an event says.
type seen struct {
	Source      string
	Trigger     string
	ARN         string
	Request     lambdaevent.Request
	Query       string
	Header      string // the carrier's
	Traceparent string // the carrier's
	Messages    []seenMessage
}

type seenMessage struct{ ID, Header, Traceparent string }

func see(event []byte) seen {
	e := lambdaevent.Parse(event)
	s := seen{
		Source:      e.Source.String(),
		Trigger:     e.Trigger(),
		ARN:         e.SourceARN(),
		Request:     e.Request(),
		Query:       e.Query(),
		Header:      e.Carrier().Get("X-Amzn-Trace-Id"),
		Traceparent: e.Carrier().Get("traceparent"),
	}
	for m := range e.Messages() {
		var header string
		if h, ok := m.Header(); ok {
			header = h.String()
		}
		s.Messages = append(s.Messages, seenMessage{m.ID, header, m.Carrier().Get("traceparent")})
	}
	return s
}

var eventCases = []struct {
	file string
	want seen
}{
	{"apigateway_v1", seen{
		Source: "API Gateway v1", Trigger: "http",
		Request: lambdaevent.Request{
			Method: "POST", Route: "/orders/{id}", Path: "/prod/orders/7", Scheme: "https",
			Host:     "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
			ClientIP: "203.0.113.7", UserAgent: "curl/8.5.0",
		},
		Query:  "item=cup&item=gr%C3%BCner+Tee&note=b%26c",
		Header: root, Traceparent: traceparent,
	}},
	{"apigateway_v2", seen{
		Source: "API Gateway v2", Trigger: "http",
		Request: lambdaevent.Request{
			Method: "GET", Route: "/orders/{id}", Path: "/orders/7", Scheme: "https", Host: "api.example.com",
			ClientIP: "203.0.113.7", UserAgent: "okhttp/4.12.0",
		},
		Query:  "expand=items&expand=price",
		Header: "Self=1-6523f1aa-0b1c2d3e4f5061728394a5b6;" + root,
	}},
	{"function_url", seen{
		Source: "function URL", Trigger: "http",
		Request: lambdaevent.Request{
			Method: "PUT", Path: "/upload", Scheme: "https",
			Host:     "q1w2e3r4t5y6u7i8o9p0.lambda-url.eu-central-1.on.aws",
			ClientIP: "2001:db8::7", UserAgent: "Go-http-client/2.0",
		},
		Header: root,
	}},
	{"alb", seen{
		Source: "ALB", Trigger: "http",
		ARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/6d0ecf831eec9f09",
		Request: lambdaevent.Request{
			Method: "GET", Path: "/orders", Scheme: "http", Host: "orders.example.com:8080",
			ClientIP: "203.0.113.7", UserAgent: "Mozilla/5.0",
		},
		Query:  "page=2&q=green%20tea",
		Header: root,
	}},
	{"alb_multivalue", seen{
		Source: "ALB", Trigger: "http",
		ARN: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/6d0ecf831eec9f09",
		Request: lambdaevent.Request{
			Method: "GET", Path: "/orders", Scheme: "https", Host: "orders.example.com",
			ClientIP: "203.0.113.7", UserAgent: "Mozilla/5.0",
		},
		Query:  "tag=a&tag=b",
		Header: root + ";k=v", Traceparent: traceparent,
	}},
	{"sqs", seen{
		Source: "SQS", Trigger: "pubsub", ARN: "arn:aws:sqs:eu-central-1:123456789012:orders",
		Messages: []seenMessage{
			{"059f36b4-87a3-44ab-83d2-661975830a7d", root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1", ""},
			{"2e1424d4-f796-459a-8184-9c92662be6da", otherRoot + ";" + otherParent + ";Sampled=0", traceparent},
			{"b5a7c1d0-5f4f-4a9e-8a8f-0a4b4a1f9c11", "", ""},
		},
	}},
	{"sqs_single", seen{
		Source: "SQS", Trigger: "pubsub", ARN: "arn:aws:sqs:eu-central-1:123456789012:orders.fifo",
		Header: root + ";" + parent + ";Sampled=1", Traceparent: traceparent,
		Messages: []seenMessage{{"059f36b4-87a3-44ab-83d2-661975830a7d", root + ";" + parent + ";Sampled=1", traceparent}},
	}},
	{"sns", seen{
		Source: "SNS", Trigger: "pubsub", ARN: "arn:aws:sns:eu-central-1:123456789012:shipped",
		Header: root + ";" + parent + ";Sampled=1", Traceparent: traceparent,
		Messages: []seenMessage{{"95df01b4-ee98-5cb9-9903-4c221d41eb5e", root + ";" + parent + ";Sampled=1", traceparent}},
	}},
	{"eventbridge", seen{
		Source: "EventBridge", Trigger: "pubsub", ARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
		Header: root + ";" + parent + ";Sampled=1", Traceparent: traceparent,
	}},
	{"schedule", seen{
		Source: "schedule", Trigger: "timer", ARN: "arn:aws:events:eu-central-1:123456789012:rule/nightly",
	}},
	{"stepfunctions", seen{
		Source: "Step Functions", Trigger: "other", ARN: "arn:aws:states:eu-central-1:123456789012:stateMachine:orders",
		Header: root + ";" + parent + ";Sampled=1", Traceparent: traceparent,
	}},
	{"kinesis", seen{
		Source: "Kinesis", Trigger: "pubsub", ARN: "arn:aws:kinesis:eu-central-1:123456789012:stream/clicks",
	}},
	{"dynamodb", seen{
		Source: "DynamoDB", Trigger: "datasource",
		ARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/stream/2026-12-01T00:00:00.000",
	}},
	{"s3", seen{Source: "S3", Trigger: "datasource", ARN: "arn:aws:s3:::receipts"}},
	{"custom", seen{Source: "unknown", Trigger: "other", Traceparent: traceparent}},
}

func readEvent(tb testing.TB, name string) []byte {
	tb.Helper()
	event, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	return event
}

func TestParse(t *testing.T) {
	for _, tt := range eventCases {
		t.Run(tt.file, func(t *testing.T) {
			event := readEvent(t, tt.file)
			if diff := cmp.Diff(tt.want, see(event)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			// The reference agrees, or the fuzz target compares with nonsense.
			if want, ok := reference(event); !ok {
				t.Error("the reference does not read it")
			} else if diff := cmp.Diff(want, tt.want); diff != "" {
				t.Errorf("reference (-reference +want):\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(eventCases) {
		t.Errorf("%d events in testdata, %d cases", len(files), len(eventCases))
	}
}

func TestParseOfNothing(t *testing.T) {
	for _, event := range []string{
		"", " ", "null", "7", `"Records"`, "[]", "{}", "{", `{"`, `{"Records`, `{"Records":`, `{"Records":[`, `{"Records":[{"eventSource`,
		`{"Records":[]}`, `{"Records":{}}`, `{"Records":[{"eventSource":"aws:other"}]}`, "\x00\xff", "{]}", `{"a" "b"}`,
		`{"requestContext":{}}`, `{"requestContext":{"elb":1,"http":[]},"httpMethod":null}`, `{"detail-type":"","source":"x"}`,
		strings.Repeat("[", 1<<16), `{"headers":` + strings.Repeat(`{"a":`, 1<<16),
	} {
		if diff := cmp.Diff(seen{Source: "unknown", Trigger: "other"}, see([]byte(event))); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", event, diff)
		}
	}
}

// TestParseCutOff cuts every event at every byte: what is left must not panic.
func TestParseCutOff(t *testing.T) {
	for _, tt := range eventCases {
		event := readEvent(t, tt.file)
		for i := range event {
			see(event[:i:i])
		}
	}
}

// TestParseBodyAnywhere: where the body is, and what is in it, makes no
// difference.
func TestParseBodyAnywhere(t *testing.T) {
	const body = `"body":"{\"Records\":[{\"eventSource\":\"aws:sqs\"}],\"note\":\"\\\"\\\\\"}"`
	for _, file := range []string{"apigateway_v2", "function_url", "alb", "apigateway_v1"} {
		event := bytes.TrimSpace(readEvent(t, file))
		want := see(event)
		inside := event[1 : len(event)-1]
		first := "{" + body + "," + string(inside) + "}"
		last := "{" + string(inside) + "," + body + "}"
		for _, event := range []string{first, last} {
			if diff := cmp.Diff(want, see([]byte(event))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
		cut := strings.TrimSuffix(last, `"}`) // a body that does not end
		if got := lambdaevent.Parse([]byte(cut)).Source.String(); got != want.Source {
			t.Errorf("%s with a cut body: %s", file, got)
		}
	}
}

// TestParseRecordsDecide: whatever else an event has, records that name their
// source are that source's.
func TestParseRecordsDecide(t *testing.T) {
	got := lambdaevent.Parse([]byte(`{"httpMethod":"GET","requestContext":{"elb":{}},"Records":[{"eventSource":"aws:sqs"}]}`))
	if got.Source != lambdaevent.SourceSQS {
		t.Errorf("got %v", got.Source)
	}
}

func TestEventCarrier(t *testing.T) {
	c := lambdaevent.Parse(readEvent(t, "sqs_single")).Carrier()
	c.Set("traceparent", "x")
	if got := c.Get("TraceParent"); got != traceparent {
		t.Errorf("Get after Set = %q, want %q", got, traceparent)
	}
	want := []string{"ApproximateReceiveCount", "X-Amzn-Trace-Id", "SenderId", "traceparent"}
	if diff := cmp.Diff(want, c.Keys()); diff != "" {
		t.Errorf("Keys() (-want +got):\n%s", diff)
	}
	for _, key := range append(want, "x-amzn-trace-id", "awstraceheader") {
		if c.Get(key) == "" {
			t.Errorf("Get(%q) is empty", key)
		}
	}
	if got := c.Get("nothing"); got != "" {
		t.Errorf("Get(nothing) = %q", got)
	}
}

// TestEventOfAnotherTrace: a traceparent in the event beside the invocation's header.
func TestEventOfAnotherTrace(t *testing.T) {
	carrier := lambdaevent.Parse(readEvent(t, "apigateway_v1")).Carrier()
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", otherRoot+";"+otherParent+";Sampled=1")

	platform := trace.SpanContextFromContext(propagator.Lambda{}.Extract(ctx, carrier))
	if got := platform.SpanID().String(); got != "1112131415161718" {
		t.Errorf("Lambda gives %+v, want the invocation's", platform)
	}
	event := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
	if got := event.TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("TraceContext gives trace %s, want the event's", got)
	}
}

func TestParseAllocations(t *testing.T) {
	for _, tt := range eventCases {
		event := readEvent(t, tt.file)
		if n := testing.AllocsPerRun(10, func() {
			if e := lambdaevent.Parse(event); e.Source.String() != tt.want.Source {
				t.Fatal(e.Source)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", tt.file, n)
		}
	}
}

func TestSourceString(t *testing.T) {
	seen := map[string]bool{}
	for s := lambdaevent.SourceUnknown; s <= lambdaevent.SourceS3; s++ {
		if s.String() == "" || seen[s.String()] {
			t.Errorf("Source %d is %q", s, s)
		}
		seen[s.String()] = true
	}
	if got := lambdaevent.Source(200).String(); got != "unknown" {
		t.Errorf("got %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range eventCases {
		event := readEvent(f, tt.file)
		f.Add(event)
		f.Add(bytes.ReplaceAll(event, []byte("\n"), nil))
	}
	f.Add([]byte(`{"\u0052ecords":[{"eventSource":"aws\u003asqs","messageId":"\ud83d\ude00\\\""}]}`))
	f.Fuzz(func(t *testing.T, event []byte) {
		got := see(event)
		if want, ok := reference(event); ok {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\n(-encoding/json +scanner):\n%s", event, diff)
			}
		}
	})
}
