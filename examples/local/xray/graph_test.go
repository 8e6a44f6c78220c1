package xray

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var zero time.Time

// drawn writes a graph as one line for each service and edge: name, type, and
// the counts ok/error/throttle/fault of total, with the response time in all.
func drawn(services []Service) string {
	var b strings.Builder
	stats := func(s *SummaryStatistics) string {
		if s == nil {
			return ""
		}
		return fmt.Sprintf(" %d/%d/%d/%d of %d in %g", s.OkCount, s.ErrorStatistics.OtherCount, s.ErrorStatistics.ThrottleCount, s.FaultStatistics.TotalCount, s.TotalCount, s.TotalResponseTime)
	}
	for _, s := range services {
		root := ""
		if s.Root {
			root = " root"
		}
		fmt.Fprintf(&b, "%s (%s)%s%s\n", s.Name, s.Type, root, stats(s.SummaryStatistics))
		for _, e := range s.Edges {
			fmt.Fprintf(&b, "  -> %s (%s)%s\n", services[e.ReferenceID].Name, services[e.ReferenceID].Type, stats(e.SummaryStatistics))
		}
	}
	return b.String()
}

const (
	originLambda   = `"origin":"AWS::Lambda"`
	originFunction = `"origin":"AWS::Lambda::Function"`
)

func TestServiceGraph(t *testing.T) {
	tests := []struct {
		name string
		docs []string
		want string
	}{
		{
			name: "a function with downstream calls",
			docs: []string{
				doc("orders", "1", "", 1, 9, originLambda),
				doc("orders", "2", "1", 2, 8, originFunction),
				doc("sub:handler", "3", "2", 3, 7, nested(
					doc("sub:DynamoDB", "4", "", 3, 4, awsCall, `"aws":{"table_name":"orders"}`),
					doc("sub:DynamoDB", "5", "", 4, 6, awsCall, `"aws":{"table_name":"orders"}`, `"error":true,"throttle":true`),
					doc("sub:prices", "6", "", 6, 7, remote, `"fault":true`),
				)),
			},
			want: `orders (AWS::Lambda) root 1/0/0/0 of 1 in 8
  -> orders (AWS::Lambda::Function) 1/0/0/0 of 1 in 6
orders (client)
  -> orders (AWS::Lambda) 1/0/0/0 of 1 in 8
orders (AWS::Lambda::Function) 1/0/0/0 of 1 in 6
  -> orders (AWS::DynamoDB::Table) 1/0/1/0 of 2 in 3
  -> prices (remote) 0/0/0/1 of 1 in 1
orders (AWS::DynamoDB::Table) 1/0/1/0 of 2 in 3
prices (remote) 0/0/0/1 of 1 in 1
`,
		},
		{
			name: "the client's view is on the edge, the server's on the node",
			docs: []string{
				doc("front", "1", "", 1, 9, nested(doc("sub:back.example.com", "2", "", 2, 6, remote, `"error":true`))),
				doc("back", "3", "2", 3, 5),
			},
			want: `front () root 1/0/0/0 of 1 in 8
  -> back () 0/1/0/0 of 1 in 4
front (client)
  -> front () 1/0/0/0 of 1 in 8
back () 1/0/0/0 of 1 in 2
`,
		},
		{
			name: "what is in progress does not count",
			docs: []string{doc("front", "1", "", 1, 0, nested(doc("sub:back", "2", "", 2, 0, remote)))},
			want: `front () root 0/0/0/0 of 0 in 0
  -> back (remote) 0/0/0/0 of 0 in 0
front (client)
  -> front () 0/0/0/0 of 0 in 0
back (remote) 0/0/0/0 of 0 in 0
`,
		},
		{
			name: "without its segment a subsegment's calls are nodes",
			docs: []string{doc("sub:handler", "3", "2", 3, 7, nested(doc("sub:S3", "4", "", 3, 4, awsCall)))},
			want: "S3 (AWS::S3) 1/0/0/0 of 1 in 1\n",
		},
		{
			name: "a segment beneath a custom subsegment",
			docs: []string{
				doc("orders", "1", "", 1, 2, originLambda, nested(doc("sub:Attempt #1", "2", "", 3, 6))),
				doc("orders", "3", "2", 4, 5, originFunction, `"fault":true`),
			},
			want: `orders (AWS::Lambda) root 1/0/0/0 of 1 in 1
  -> orders (AWS::Lambda::Function) 0/0/0/1 of 1 in 1
orders (client)
  -> orders (AWS::Lambda) 1/0/0/0 of 1 in 1
orders (AWS::Lambda::Function) 0/0/0/1 of 1 in 1
`,
		},
		{
			name: "a service that calls itself",
			docs: []string{
				doc("a", "1", "", 1, 9, nested(doc("sub:a", "2", "", 2, 6, remote))),
				doc("a", "3", "2", 3, 5),
			},
			want: `a () root 2/0/0/0 of 2 in 10
  -> a () 1/0/0/0 of 1 in 4
a (client)
  -> a () 1/0/0/0 of 1 in 8
`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, drawn(storeOf(t, tt.docs...).ServiceGraph(zero, zero))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestServiceTimes(t *testing.T) {
	s := storeOf(t,
		doc("orders", "1", "", 1, 1.2004, originLambda, `"aws":{"account_id":"123456789012"}`,
			nested(doc("sub:Dwell Time", "2", "", 1.1, 2), doc("sub:Attempt #1", "3", "", 2, 3.5))))
	services, unprocessed := s.TraceGraph(testTrace, "unknown")
	if diff := cmp.Diff([]string{"unknown"}, unprocessed); diff != "" {
		t.Errorf("unprocessed (-want +got):\n%s", diff)
	}
	want := Service{
		Name: "orders", Names: []string{"orders"}, Root: true, AccountID: "123456789012", Type: "AWS::Lambda", State: "active",
		StartTime: 1, EndTime: 3.5, Edges: []Edge{},
		SummaryStatistics:     &SummaryStatistics{OkCount: 1, TotalCount: 1, TotalResponseTime: 0.2004},
		ResponseTimeHistogram: []HistogramEntry{{0.2004, 1}},
		DurationHistogram:     []HistogramEntry{{2.5, 1}},
	}
	if diff := cmp.Diff(want, services[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServiceGraphWindow(t *testing.T) {
	s := storeOf(t, doc("orders", "1", "", 100, 110))
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	for _, tt := range []struct {
		start, end time.Time
		want       bool
	}{
		{zero, zero, true},
		{at(90), at(100), true},
		{at(110), at(120), true},
		{at(0), at(59), false},
		{at(120), zero, false},
	} {
		if got := len(s.ServiceGraph(tt.start, tt.end)) > 0; got != tt.want {
			t.Errorf("from %v to %v: %v, want %v", tt.start, tt.end, got, tt.want)
		}
	}
}
