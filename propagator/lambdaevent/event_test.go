package lambdaevent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
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
