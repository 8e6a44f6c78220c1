package lambdaxray_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func TestHeaderCases(t *testing.T) {
	const (
		foreign      = "4bf92f3577b34da6a3ce929d0e0e4736"
		foreignXRay  = "1-4bf92f35-77b34da6a3ce929d0e0e4736"
		foreignSpan  = "00f067aa0ba902b7"
		traceparent  = `{"httpMethod":"GET","requestContext":{},"headers":{"traceparent":"00-` + foreign + `-` + foreignSpan + `-01"}}`
		sampleAll    = "OTEL_TRACES_SAMPLER=always_on"
		sampleParent = "OTEL_TRACES_SAMPLER=parentbased_always_on"
		sampleNone   = "OTEL_TRACES_SAMPLER=always_off"
	)
	type document struct {
		Type, Trace, Parent string
		Links               []segment.Link
	}
	subsegment := &document{Type: "subsegment", Trace: rootID, Parent: parentID}
	segmentIn := func(trace, parent string) *document { return &document{Trace: trace, Parent: parent} }
	for _, c := range []struct {
		name, header, event string
		env                 []string
		want                *document // nil: not sampled; trace "": a new one
	}{
		{"active", active, `{}`, nil, subsegment},
		{"active, fields in any order, spaces", "Sampled=1; Parent=" + parentID + " ;Lineage=x:0; Root=" + rootID, `{}`, nil, subsegment},
		{"active, sampler says no", active, `{}`, []string{sampleNone}, subsegment},
		{"sampled 0", passed, `{}`, nil, nil},
		{"sampled 0, sampler says yes", passed, `{}`, []string{sampleAll}, nil},
		{"?", "Root=" + rootID + ";Parent=" + parentID + ";Sampled=?", `{}`, nil, nil},
		{"?, sampler says yes", "Root=" + rootID + ";Parent=" + parentID + ";Sampled=?", `{}`, []string{sampleAll}, segmentIn(rootID, parentID)},
		{"?, parent-based sampler", "Root=" + rootID + ";Parent=" + parentID + ";Sampled=?", `{}`, []string{sampleParent}, segmentIn(rootID, parentID)},
		{"?, sampler says no", "Root=" + rootID + ";Parent=" + parentID + ";Sampled=?", `{}`, []string{sampleNone}, nil},
		{"Root-only", "Root=" + rootID + ";Lineage=a87bd80c:1", `{}`, nil, nil},
		{"Root-only, sampler says yes", "Root=" + rootID + ";Lineage=a87bd80c:1", `{}`, []string{sampleAll}, segmentIn(rootID, "")},
		{"empty", "", `{}`, nil, segmentIn("", "")},
		{"empty, sampler says no", "", `{}`, []string{sampleNone}, nil},
		{"garbage is there and undecided", "Root=1-oops;;=;Parent", `{}`, nil, nil},
		{"garbage, sampler says yes", "Root=1-oops;;=;Parent", `{}`, []string{sampleAll}, segmentIn("", "")},
		{"empty Parent, sampled 0", "Root=" + rootID + ";Parent=;Sampled=0", `{}`, []string{sampleAll}, nil},
		{"empty Parent, sampled 1", "Root=" + rootID + ";Parent=;Sampled=1", `{}`, nil, segmentIn(rootID, "")},
		{"traceparent of another trace", active, traceparent, nil, &document{
			Type: "subsegment", Trace: rootID, Parent: parentID, // links of subsegments are metadata
		}},
		{"traceparent, no header", "", traceparent, nil, segmentIn(foreignXRay, foreignSpan)},
		{"traceparent wins by option", active, traceparent, []string{"EVENT_CONTEXT=parent"}, &document{
			Trace: foreignXRay, Parent: foreignSpan, Links: []segment.Link{{TraceID: rootID, ID: parentID}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startFunction(t, "orders", xraytest.Function{}, c.env...)
			p.event(c.header, c.event)
			if c.want == nil {
				p.event("", `{}`) // sampled unless the sampler says no
				if !slices.Contains(c.env, sampleNone) {
					p.document()
				}
				p.quiet()
				return
			}
			d := p.document()
			got := &document{Type: d.Type, Trace: d.TraceID, Parent: d.ParentID, Links: d.Links}
			if c.want.Trace == "" {
				if got.Trace == rootID {
					t.Errorf("in the header's trace")
				}
				got.Trace = ""
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.event == traceparent && c.header == active && c.env == nil {
				if text := fmt.Sprint(d.Metadata); !strings.Contains(text, foreignSpan) {
					t.Errorf("no link in metadata %s", text)
				}
			}
		})
	}
}

// What the event says is in the documents, the platform's segment or an own one.
func TestEvents(t *testing.T) {
	do := func(event, what string) string {
		return `{` + what + `,` + strings.TrimPrefix(string(fixture(t, event)), "{")
	}
	p := startFunction(t, "orders", xraytest.Function{})
	for _, header := range []string{active, ""} {
		for _, c := range []struct {
			event, trigger string
			http           *segment.HTTP
		}{
			{"apigateway_v1", "http", &segment.HTTP{
				Request: segment.HTTPRequest{
					Method: "POST", URL: "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/orders/7",
					UserAgent: "curl/8.5.0", ClientIP: "203.0.113.7",
				},
				Response: segment.HTTPResponse{Status: 503},
			}},
			{"alb", "http", &segment.HTTP{
				Request: segment.HTTPRequest{
					Method: "GET", URL: "http://orders.example.com:8080/orders",
					UserAgent: "Mozilla/5.0", ClientIP: "203.0.113.7",
				},
				Response: segment.HTTPResponse{Status: 503},
			}},
			{"sqs", "pubsub", nil},
			{"s3", "datasource", nil},
			{"schedule", "timer", nil},
			{"custom", "other", nil},
		} {
			p.event(header, do(c.event, `"do":"respond","n":503`))
			d := p.document()
			if got := d.Metadata["default"]["faas.trigger"]; got != c.trigger {
				t.Errorf("%s: trigger %v", c.event, got)
			}
			if diff := cmp.Diff(c.http, d.HTTP); diff != "" {
				t.Errorf("%s: http (-want +got):\n%s", c.event, diff)
			}
			if d.Fault != (c.http != nil) {
				t.Errorf("%s: fault %t", c.event, d.Fault)
			}
			senders := len(d.Links) // on a segment; of a subsegment they are metadata
			if header == active {
				senders = strings.Count(fmt.Sprint(d.Metadata), "trace_id")
			}
			if want := map[string]int{"sqs": 2}[c.event]; c.event == "sqs" && senders != want {
				t.Errorf("%s: %d senders, want %d: %v", c.event, senders, want, d.Metadata)
			}
			if logs := fmt.Sprint(d.AWS["cloudwatch_logs"]); (header == "") != strings.Contains(logs, "/aws/lambda/orders") {
				t.Errorf("%s: log groups %s", c.event, logs)
			}
		}
	}
}
