package xray

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// in puts a document into another trace.
func in(trace, doc string) string { return strings.Replace(doc, testTrace, trace, 1) }

func traceNo(i int) string { return fmt.Sprintf("1-581cf771-%024x", i) }

// TestSpellings: all spellings of a service are one node.
func TestSpellings(t *testing.T) {
	for want, spellings := range map[string][]string{
		"orders (AWS::DynamoDB::Table)":         {"DynamoDB", "dynamodb", "DynamoDb", "AmazonDynamoDBv2", "AWS.DynamoDB", "AWS::DynamoDB", "AWS.SDK.DynamoDB"},
		"Secrets Manager (AWS::SecretsManager)": {"SecretsManager", "secretsmanager", "AWSSecretsManager", "Secrets Manager", "AWS.SDK.SecretsManager"},
		"SQS (AWS::SQS)":                        {"sqs", "SQS", "AmazonSQS", "Sqs", "SqsClient"},
		"SFN (AWS::SFN)":                        {"sfn", "StepFunctions", "AWSStepFunctions", "Sfn"},
		"Glue (AWS::Glue)":                      {"glue", "Glue", "AWSGlue"},
		"KMS (AWS::KMS)":                        {"Kms", "kms", "AWSKMS"},
	} {
		var nested []string
		for i, name := range spellings {
			more := ""
			if strings.Contains(want, "Table") {
				more = `,"aws":{"table_name":"orders"}`
			}
			nested = append(nested, fmt.Sprintf(`{"id":"%016x","name":%q,"namespace":"aws","start_time":2,"end_time":3%s}`, i+2, name, more))
		}
		s := storeOf(t, doc("front", "1", "", 1, 9, `"subsegments":[`+strings.Join(nested, ",")+`]`))
		var got []string
		for _, n := range s.ServiceGraph(zero, zero) {
			if strings.HasPrefix(n.Type, "AWS::") {
				got = append(got, fmt.Sprintf("%s (%s)", n.Name, n.Type))
				if n.SummaryStatistics.TotalCount != len(spellings) {
					t.Errorf("%s has %d calls, want %d", n.Name, n.SummaryStatistics.TotalCount, len(spellings))
				}
			}
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("nodes of %q (-want +got):\n%s", spellings, diff)
		}
	}
}

// TestInferredName: the node is the table, the document the service.
func TestInferredName(t *testing.T) {
	s := storeOf(t, doc("front", "1", "", 1, 9, nested(doc("sub:dynamodb", "00000000000000d1", "", 2, 3, awsCall, `"aws":{"table_name":"orders"}`))))
	traces, _ := s.BatchGetTraces(testTrace)
	inferred, err := segment.Parse([]byte(traces[0].Segments[1].Document))
	if err != nil {
		t.Fatal(err)
	}
	if inferred.Name != "DynamoDB" || inferred.Origin != "AWS::DynamoDB::Table" || !inferred.Inferred {
		t.Errorf("the inferred segment is %+v", inferred)
	}
	if ids := s.TraceSummaries(zero, zero, nil)[0].ServiceIDs; len(ids) != 2 || ids[1].Name != "orders" {
		t.Errorf("services of the summary: %+v", ids)
	}
}

const (
	producer = `{"name":"producer","id":"00000000000000a1","trace_id":"1-00000001-000000000000000000000001","start_time":1,"end_time":2,"subsegments":[{"name":"work","id":"00000000000000a3","start_time":1,"end_time":1.9,"subsegments":[{"id":"00000000000000a2","name":"SQS","namespace":"aws","start_time":1.2,"end_time":1.4}]}]}`
	consumer = `{"name":"consumer","id":"00000000000000b1","trace_id":"1-00000001-000000000000000000000002","start_time":3,"end_time":4,"origin":"AWS::Lambda","links":[{"trace_id":"1-00000001-000000000000000000000001","id":"%s"}]}`
)

// TestLinks: whichever trace comes first, a link is a dashed edge with the age of
// the message.
func TestLinks(t *testing.T) {
	for _, test := range []struct {
		id, from string
		age      float64
	}{
		{"00000000000000a2", "SQS", 1.6},
		{"00000000000000a1", "producer", 2},
		{"00000000000000a3", "producer", 1.1},
		{"00000000000000ff", "producer", 2},
	} {
		for _, docs := range [][]string{{producer, fmt.Sprintf(consumer, test.id)}, {fmt.Sprintf(consumer, test.id), producer}} {
			s := storeOf(t)
			for _, d := range docs {
				if err := s.Put([]byte(d)); err != nil {
					t.Fatal(err)
				}
				s.ServiceGraph(zero, zero)
			}
			services := s.ServiceGraph(zero, zero)
			var links []string
			for _, n := range services {
				for _, e := range n.Edges {
					if e.EdgeType == "link" {
						links = append(links, fmt.Sprint(n.Name, " ", services[e.ReferenceID].Name, " ", e.ReceivedEventAgeHistogram))
					}
				}
			}
			if want := []string{fmt.Sprintf("%s consumer [{%g 1}]", test.from, test.age)}; !slices.Equal(links, want) {
				t.Errorf("link to %s, %d documents: links %q, want %q", test.id, len(docs), links, want)
			}
		}
	}
}

// TestNoNulls: boto3, the CLI and Grafana break on null where a list belongs.
func TestNoNulls(t *testing.T) {
	for name, s := range map[string]*Store{
		"empty":       NewStore(),
		"in progress": storeOf(t, doc("new", "1", "", 1, 0)),
		"orphan":      storeOf(t, doc("sub:new", "1", "2", 1, 0, remote)),
		"too large":   tooLarge(t),
	} {
		traces, unprocessed := s.BatchGetTraces(testTrace)
		graph, missing := s.TraceGraph(testTrace)
		for _, v := range []any{s.ServiceGraph(zero, zero), graph, missing, s.TraceSummaries(zero, zero, nil), traces, unprocessed} {
			text, err := json.Marshal(v)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if strings.Contains(string(text), "null") {
				t.Errorf("%s: null in %s", name, text)
			}
		}
	}
}

func tooLarge(t *testing.T) *Store {
	s := NewStore(WithMaxTraceBytes(100))
	if err := s.Put([]byte(doc("large", "1", "", 1, 9, `"user":"`+strings.Repeat("u", 100)+`"`))); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFirstDocumentTooLarge: the trace says so, and nothing else is wrong with it.
func TestFirstDocumentTooLarge(t *testing.T) {
	s := tooLarge(t)
	if n := len(s.TraceSummaries(zero, zero, nil)); n != 0 {
		t.Errorf("%d summaries of nothing", n)
	}
	traces, unprocessed := s.BatchGetTraces(testTrace)
	want := []Trace{{ID: testTrace, LimitExceeded: true, Segments: []Segment{}}}
	if diff := cmp.Diff(want, traces); diff != "" || len(unprocessed) != 0 {
		t.Errorf("traces (-want +got):\n%s, unprocessed %q", diff, unprocessed)
	}
}

// TestInProgressGivesBack: a document of which everything has been replaced does
// not count any more.
func TestInProgressGivesBack(t *testing.T) {
	s := NewStore(WithMaxTraceBytes(2000))
	for range 30 {
		if err := s.Put([]byte(doc("function", "f", "", 1, 0, nested(doc("sub:work", "w", "", 2, 0))))); err != nil {
			t.Fatal(err)
		}
	}
	complete := doc("function", "f", "", 1, 9, nested(doc("sub:work", "w", "", 2, 3)))
	if err := s.Put([]byte(complete)); err != nil {
		t.Fatal(err)
	}
	traces, _ := s.BatchGetTraces(testTrace)
	if traces[0].LimitExceeded || outline(s.Documents(testTrace)) != "function\n  work\n" {
		t.Errorf("%+v", traces[0])
	}
	if h := s.Health(); h.Bytes != len(complete) {
		t.Errorf("%d bytes are kept, want the complete document's %d", h.Bytes, len(complete))
	}
	// Late, in progress: not kept.
	if err := s.Put([]byte(doc("function", "f", "", 1, 0))); err != nil {
		t.Fatal(err)
	}
	if h := s.Health(); h.Bytes != len(complete) || h.Documents != 32 {
		t.Errorf("%d bytes are kept of %d documents", h.Bytes, h.Documents)
	}
	// A part that the complete document does not have keeps its document.
	if err := s.Put([]byte(doc("sub:other", "o", "f", 2, 3))); err != nil {
		t.Fatal(err)
	}
	if got := outline(s.Documents(testTrace)); got != "function\n  work\n  other\n" {
		t.Errorf("got %q", got)
	}
}

// TestEvictedStaysAway: a late document of an evicted trace is no new trace.
func TestEvictedStaysAway(t *testing.T) {
	s := NewStore(WithMaxTraces(2))
	put := func(d string) {
		t.Helper()
		if err := s.Put([]byte(d)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		put(in(traceNo(i), doc("function", "f", "", 1, 2)))
	}
	put(in(traceNo(0), doc("sub:late", "l", "f", 1, 2)))
	if diff := cmp.Diff([]string{traceNo(1), traceNo(2)}, s.TraceIDs()); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
	put(in(traceNo(1), doc("sub:more", "m", "f", 1, 2))) // it is the newest now
	put(in(traceNo(3), doc("function", "f", "", 1, 2)))
	if diff := cmp.Diff([]string{traceNo(1), traceNo(3)}, s.TraceIDs()); diff != "" {
		t.Errorf("eviction is by the last arrival (-want +got):\n%s", diff)
	}
	if h := s.Health(); h.Evicted != 2 || h.Late != 1 {
		t.Errorf("evicted %d, late %d, want 2 and 1", h.Evicted, h.Late)
	}
}

// TestBytesBound: documents of all traces together.
func TestBytesBound(t *testing.T) {
	one := len(in(traceNo(0), doc("function", "f", "", 1, 2)))
	s := NewStore(WithMaxBytes(10 * one))
	for i := range 100 {
		if err := s.Put([]byte(in(traceNo(i), doc("function", "f", "", float64(i*60), float64(i*60+1))))); err != nil {
			t.Fatal(err)
		}
	}
	if h := s.Health(); h.Traces != 10 && h.Traces != 9 || h.Bytes > 10*one {
		t.Errorf("%d traces of %d bytes", h.Traces, h.Bytes)
	}
	if n := s.ServiceGraph(zero, zero)[0].SummaryStatistics.TotalCount; n > 10 {
		t.Errorf("%d requests in the graph, of evicted traces too", n)
	}
}

// TestSDKDocuments: what aws-xray-sdk-go and aws-xray-sdk-core send is kept, and what
// X-Ray would drop is named.
func TestSDKDocuments(t *testing.T) {
	docs := map[string]string{
		"Dummy: X-Ray knows no such field": doc("sub:work", "6905370532310f41", "6905370532310f42", 1, 2, `"Dummy":false`,
			`"subsegments":[{"trace_id":"`+testTrace+`","id":"a773f9004476b4a4","name":"inner","start_time":1,"end_time":2,"parent_id":"6905370532310f42","Dummy":false}]`),
		"cause.exceptions[].stack[].line: must be": doc("sub:node", "41282ca745692c6a", "43d07c0d25cc7285", 1, 2, `"fault":true`,
			`"cause":{"exceptions":[{"id":"7089d5aefa97a2b9","message":"refused","type":"Error","stack":[{"path":"node","line":null,"label":"connect"}]}]}`),
		"user: must be": doc("front", "41282ca745692c6b", "", 1, 2, `"user":7`),
	}
	for rule, d := range docs {
		s := storeOf(t, d)
		if got := s.Documents(testTrace); len(got) != 1 || strings.Contains(d, "inner") && (len(got[0].Subsegments) != 1 || got[0].Subsegments[0].Name != "inner") {
			t.Errorf("%s: documents %+v", rule, got)
		}
		h := s.Health()
		if !slices.ContainsFunc(h.Rules, func(r PageRule) bool { return strings.HasPrefix(r.Rule, rule) && r.Examples[0].Trace == testTrace }) {
			t.Errorf("rules %+v, want %s", h.Rules, rule)
		}
	}
	s := NewStore()
	if err := s.Put([]byte("\xff not JSON")); err == nil {
		t.Error("no error")
	}
	if h := s.Health(); len(h.Broken) != 1 || h.Broken[0].Text != "\ufffd not JSON" || h.Broken[0].Reason == "" {
		t.Errorf("broken %+v", h.Broken)
	}
}

// TestUnknownTimes: a part without a start does not make its trace begin in 1970.
func TestUnknownTimes(t *testing.T) {
	s := storeOf(t, doc("front", "1", "", 100, 109, `"subsegments":[{"id":"2","name":"S3","namespace":"aws","end_time":105},{"id":"3","name":"x","start_time":"now","end_time":106}]`))
	got := s.TraceSummaries(zero, zero, nil)[0]
	if got.StartTime != 100 || got.Duration != 9 {
		t.Errorf("start %g, duration %g", got.StartTime, got.Duration)
	}
	s = storeOf(t, `{"trace_id":"`+testTrace+`","id":"1","name":"front"}`)
	if got := s.TraceSummaries(zero, zero, nil)[0]; got.StartTime != 0 || got.Duration != 0 {
		t.Errorf("start %g, duration %g", got.StartTime, got.Duration)
	}
}

// TestHistogramBound: however different the times are.
func TestHistogramBound(t *testing.T) {
	var docs []string
	for i := range 500 {
		docs = append(docs, in(traceNo(i), doc("function", "f", "", 100, 100+rand.ExpFloat64()*rand.ExpFloat64()*5000)))
	}
	s := storeOf(t, docs...)
	h := s.ServiceGraph(zero, zero)[0].ResponseTimeHistogram
	total := 0
	for i, e := range h {
		total += e.Count
		if i > 0 && h[i-1].Value >= e.Value {
			t.Errorf("%g after %g", e.Value, h[i-1].Value)
		}
	}
	if len(h) > maxBuckets || total != 500 {
		t.Errorf("%d entries of %d requests", len(h), total)
	}
}

// TestAggregatesForget: whatever order documents come in, and however often traces
// are looked at in between, the aggregates are what the traces that are left give.
func TestAggregatesForget(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := NewStore(WithMaxTraces(8))
		for range 200 {
			id, start := traceNo(r.IntN(12)), float64(60*r.IntN(3))
			end := start + float64(r.IntN(5))
			d := []string{
				doc("front", "1", "", start, end, originLambda, fmt.Sprintf(`"fault":%v`, r.IntN(2) == 0)),
				doc("back", "2", "1", start+1, end, nested(doc("sub:S3", "3", "", start+1, start+1.5, awsCall), doc("sub:Initialization", "5", "", start, start+1))),
				doc("sub:prices", "4", "2", start+1, 0, remote),
				doc("sub:prices", "4", "2", start+1, start+2, remote, `"error":true`),
				doc("next", "6", "4", start+1, start+2, `"links":[{"trace_id":"`+traceNo(r.IntN(12))+`","id":"3"}]`),
			}[r.IntN(5)]
			if err := s.Put([]byte(in(id, d))); err != nil {
				t.Fatal(err)
			}
			if r.IntN(10) == 0 {
				s.ServiceGraph(zero, zero)
			}
		}
		list := s.snapshot(0, 0, false)
		if len(list) > 8 {
			t.Fatalf("%d traces", len(list))
		}
		want, got := sumOf(list).services(), s.ServiceGraph(zero, zero)
		for _, services := range [][]Service{want, got} {
			for i := range services { // wider after something was taken out
				services[i].StartTime, services[i].EndTime, services[i].ReferenceID = 0, 0, 0
				for j := range services[i].Edges {
					services[i].Edges[j].StartTime, services[i].Edges[j].EndTime, services[i].Edges[j].ReferenceID = 0, 0, 0
				}
				slices.SortFunc(services[i].Edges, func(a, b Edge) int {
					return strings.Compare(fmt.Sprint(a.SummaryStatistics, a), fmt.Sprint(b.SummaryStatistics, b))
				})
			}
			slices.SortFunc(services, func(a, b Service) int { return strings.Compare(a.Type+a.Name, b.Type+b.Name) })
		}
		edges := func(s []Service) (n int) {
			for i := range s {
				n += len(s[i].Edges)
				s[i].Edges = nil
			}
			return n
		}
		if w, g := edges(want), edges(got); w != g {
			t.Errorf("seed %d: %d edges, want %d", seed, g, w)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-of the traces +of the minutes):\n%s", seed, diff)
		}
	}
}
