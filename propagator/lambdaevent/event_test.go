package lambdaevent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
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
	ARN         string               `json:",omitempty"`
	Request     *lambdaevent.Request `json:",omitempty"`
	Query       string               `json:",omitempty"`
	Header      string               `json:",omitempty"` // the carrier's
	Traceparent string               `json:",omitempty"` // the carrier's
	Messages    []seenMessage        `json:",omitempty"`
}

type seenMessage struct {
	ID          string
	Header      string `json:",omitempty"`
	Traceparent string `json:",omitempty"`
}

func see(event []byte) seen {
	e := lambdaevent.Parse(event)
	s := seen{
		Source:      e.Source.String(),
		Trigger:     e.Trigger(),
		ARN:         e.SourceARN(),
		Query:       e.Query(),
		Header:      e.Carrier().Get("X-Amzn-Trace-Id"),
		Traceparent: e.Carrier().Get("traceparent"),
	}
	if r := e.Request(); r != (lambdaevent.Request{}) {
		s.Request = &r
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

var update = flag.Bool("update", false, "write testdata/seen.json anew; then read it")

// eventCases returns the events in testdata/events, one of each kind, with what
// testdata/seen.json says of them.
func eventCases(tb testing.TB) (events map[string][]byte, want map[string]seen) {
	tb.Helper()
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil {
		tb.Fatal(err)
	}
	events = map[string][]byte{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		events[name] = readEvent(tb, name)
	}
	text, err := os.ReadFile("testdata/seen.json")
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		tb.Fatal(err)
	}
	return events, want
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
	events, want := eventCases(t)
	if *update {
		want = map[string]seen{}
		for name, event := range events {
			want[name] = see(event)
		}
		text, err := json.MarshalIndent(want, "", "  ")
		if err == nil {
			err = os.WriteFile("testdata/seen.json", append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, event := range events {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: seen.json does not say what it is", name)
		}
		if diff := cmp.Diff(want[name], see(event)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("seen.json: there is no event %s", name)
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
	events, _ := eventCases(t)
	for _, event := range events {
		for i := range event {
			see(event[:i:i])
		}
	}
}

// TestParseBodyAnywhere: where the body is, and what is in it, makes no
// difference.
func TestParseBodyAnywhere(t *testing.T) {
	const body = `{"Records":[{"eventSource":"aws:sqs"}],"note":"\"\\","requestContext":{"elb":{}}}`
	events, want := eventCases(t)
	for name, event := range events {
		v, _ := decode(numbers(event))
		e, ok := v.(members)
		if !ok || want[name].Request == nil || want[name].Source == "authorizer" { // which is never sent a body
			continue
		}
		e = slices.DeleteFunc(e, func(m aMember) bool { return m.key == "body" })
		for i := range len(e) + 1 {
			for _, backwards := range []bool{false, true} {
				with := writer{backwards: backwards}.append(nil, slices.Insert(slices.Clone(e), i, aMember{"body", body}))
				if diff := cmp.Diff(want[name], see(with)); diff != "" {
					t.Errorf("%s with the body at %d, backwards %t (-want +got):\n%s", name, i, backwards, diff)
				}
			}
		}
	}
	for _, name := range []string{"apigateway_v1", "apigateway_v2", "function_url"} { // a body that does not end
		cut := append(bytes.TrimSuffix(bytes.TrimSpace(events[name]), []byte("}")), `,"body":"{\"a`...)
		if got := lambdaevent.Parse(cut).Source.String(); got != want[name].Source {
			t.Errorf("%s with a cut body: %s", name, got)
		}
	}
}

// TestParseStopsBeforeBody: where the body comes last, as its senders have it, neither
// it nor what follows is read.
func TestParseStopsBeforeBody(t *testing.T) {
	events, want := eventCases(t)
	for _, name := range []string{"apigateway_v1", "apigateway_v2", "function_url"} {
		v, _ := decode(numbers(events[name]))
		e := slices.DeleteFunc(v.(members), func(m aMember) bool { return m.key == "body" })
		event := writer{}.append(nil, append(e, aMember{"body", "x"}))
		event = append(bytes.TrimSuffix(event, []byte("}")), `,"requestContext":null,"httpMethod":null}`...)
		if got := lambdaevent.Parse(event).Source.String(); got != want[name].Source {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestParseStopsAtRecords: a batch whose source is known is not read to its end.
func TestParseStopsAtRecords(t *testing.T) {
	events, want := eventCases(t)
	for name, mark := range map[string]string{
		"sqs": `"awsRegion"`, "msk": `"topic"`, "rabbitmq": `"basicProperties"`, "activemq": `"messageType"`, "firehose": `"recordId"`,
		"pipe_kinesis": `"eventID"`,
	} {
		before, _, found := bytes.Cut(events[name], []byte(mark))
		if got := lambdaevent.Parse(before); !found || got.Source.String() != want[name].Source || got.SourceARN() != want[name].ARN && name != "sqs" && name != "pipe_kinesis" {
			t.Errorf("%s: %v %s", name, got.Source, got.SourceARN())
		}
	}
}

// TestParseNearMisses: what makes a source, and what does not.
func TestParseNearMisses(t *testing.T) {
	for event, want := range map[string]lambdaevent.Source{
		`{"detail-type":"Scheduled Event"}`:                                     lambdaevent.SourceSchedule,
		`{"detail-type":"Scheduled Event","source":"aws.events"}`:               lambdaevent.SourceSchedule,
		`{"detail-type":"Scheduled Event","source":"com.example.shop"}`:         lambdaevent.SourceEventBridge,
		`{"detail-type":"x","source":"aws.events"}`:                             lambdaevent.SourceEventBridge,
		`{"detail-type":"x"}`:                                                   lambdaevent.SourceUnknown,
		`{"detail-type":"x","source":""}`:                                       lambdaevent.SourceUnknown,
		`{"source":"aws.events"}`:                                               lambdaevent.SourceUnknown,
		`{"eventSource":"aws:SelfManagedKafka","records":{}}`:                   lambdaevent.SourceKafka,
		`{"records":{},"eventSource":"SelfManagedKafka"}`:                       lambdaevent.SourceKafka,
		`{"eventSource":"aws:sqs","records":[]}`:                                lambdaevent.SourceUnknown,
		`{"eventSource":"s3.amazonaws.com"}`:                                    lambdaevent.SourceUnknown,
		`{"deliveryStreamArn":"","records":[]}`:                                 lambdaevent.SourceUnknown,
		`{"info":{"fieldName":"a"}}`:                                            lambdaevent.SourceUnknown,
		`{"info":{"parentTypeName":"a"},"request":{}}`:                          lambdaevent.SourceUnknown,
		`{"info":{"channel":{}},"request":{}}`:                                  lambdaevent.SourceAppSync,
		`{"info":{"channel":{}}}`:                                               lambdaevent.SourceUnknown,
		`{"info":"x","request":{}}`:                                             lambdaevent.SourceUnknown,
		`[{"info":{"fieldName":"a","parentTypeName":"b"}}]`:                     lambdaevent.SourceAppSync,
		`[{"awslogs":{}}]`:                                                      lambdaevent.SourceUnknown,
		`[{"a":1},{"eventSource":"aws:sqs"}]`:                                   lambdaevent.SourceUnknown,
		`[[{"eventSource":"aws:sqs"}]]`:                                         lambdaevent.SourceUnknown,
		`{"awslogs":"x"}`:                                                       lambdaevent.SourceUnknown,
		`{"awslogs":{}}`:                                                        lambdaevent.SourceLogs,
		`{"awslogs":{},"awslogs":null}`:                                         lambdaevent.SourceUnknown,
		`{"methodArn":7}`:                                                       lambdaevent.SourceUnknown,
		`{"methodArn":"a"}`:                                                     lambdaevent.SourceAuthorizer,
		`{"authorizationToken":"x"}`:                                            lambdaevent.SourceUnknown,
		`{"requestContext":{"connectionId":""}}`:                                lambdaevent.SourceUnknown,
		`{"requestContext":{"connectionId":"x"}}`:                               lambdaevent.SourceWebSocket,
		`{"requestContext":{"serviceArn":"x"}}`:                                 lambdaevent.SourceUnknown,
		`{"requestContext":{"serviceArn":""},"method":"GET"}`:                   lambdaevent.SourceUnknown,
		`{"requestContext":{"serviceArn":"x"},"method":"GET"}`:                  lambdaevent.SourceVPCLattice,
		`{"method":"GET","path":"/"}`:                                           lambdaevent.SourceUnknown,
		`{"httpMethod":"GET","path":"/"}`:                                       lambdaevent.SourceUnknown,
		`{"requestContext":{"http":{},"domainName":"a.lambda-url.x"}}`:          lambdaevent.SourceFunctionURL,
		`{"requestContext":{"domainName":"a.lambda-url.x"},"httpMethod":"GET"}`: lambdaevent.SourceAPIGatewayV1,
		`{"Execution":{},"State":{}}`:                                           lambdaevent.SourceStepFunctions,
		`{"Execution":{},"StateMachine":{}}`:                                    lambdaevent.SourceStepFunctions,
		`{"State":{},"StateMachine":{}}`:                                        lambdaevent.SourceUnknown,
		`{"Execution":{}}`:                                                      lambdaevent.SourceUnknown,
		`{"Execution":"x","State":{}}`:                                          lambdaevent.SourceUnknown,
		`{"triggerSource":"x"}`:                                                 lambdaevent.SourceUnknown,
		`{"serialNumber":"x"}`:                                                  lambdaevent.SourceUnknown,
		`{"typeName":"Query","fieldName":"a"}`:                                  lambdaevent.SourceUnknown,
	} {
		if got := lambdaevent.Parse([]byte(event)).Source; got != want {
			t.Errorf("%s: %v, want %v", event, got, want)
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

// TestHost: an event without a domain name has the request's Host header.
func TestHost(t *testing.T) {
	for event, want := range map[string]string{
		`{"requestContext":{"domainName":"api.example.com"},"httpMethod":"GET","headers":{"Host":"other.example.com"}}`: "api.example.com",
		`{"requestContext":{},"httpMethod":"GET","headers":{"host":"api.example.com"}}`:                                 "api.example.com",
		`{"requestContext":{},"httpMethod":"GET"}`:                                                                      "",
	} {
		if got := lambdaevent.Parse([]byte(event)).Request().Host; got != want {
			t.Errorf("%s: host %q, want %q", event, got, want)
		}
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
	events, want := eventCases(t)
	for name, event := range events {
		if n := testing.AllocsPerRun(10, func() {
			if e := lambdaevent.Parse(event); e.Source.String() != want[name].Source {
				t.Fatal(e.Source)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}
