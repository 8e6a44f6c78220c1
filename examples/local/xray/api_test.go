package xray

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// sdkClient is the AWS SDK's client of the API over a store.
func sdkClient(t *testing.T, s *Store) *xray.Client {
	t.Helper()
	rules := xraytest.NewSamplingRules(xraytest.SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 0.05, ReservoirSize: 1})
	server := httptest.NewServer(NewAPI(s, rules))
	t.Cleanup(server.Close)
	return xray.New(xray.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// hour is a time range around what the tests store.
func hour() (start, end *time.Time) {
	return aws.Time(time.Unix(1478293000, 0)), aws.Time(time.Unix(1478296600, 0))
}

func at(s float64) float64 { return 1478293361 + s }

// TestSDK calls everything with the AWS SDK, as Grafana's data source and tools do.
func TestSDK(t *testing.T) {
	s := NewStore()
	client := sdkClient(t, s)
	ctx := t.Context()
	nameless := `{"id":"70de5b6f19ff9a0b","trace_id":"` + testTrace + `","start_time":1,"end_time":2}`
	put, err := client.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{
		doc("orders", "00000000000000a1", "", at(0), at(2), originFunction, `"user":"ada","annotations":{"order.id":"o-1","n":7}`,
			`"http":{"request":{"method":"POST","url":"https://shop.example.com/orders"},"response":{"status":502}}`, `"fault":true`,
			nested(`{"id":"00000000000000a2","name":"DynamoDB","namespace":"aws","start_time":1478293361,"end_time":1478293362,"fault":true,"aws":{"table_name":"orders"},"cause":{"exceptions":[{"id":"00000000000000ee","type":"Timeout","message":"gone"}]}}`)),
		nameless, "{",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := put.UnprocessedTraceSegments; len(got) != 2 || *got[0].ErrorCode != "MissingName" || *got[0].Id != "70de5b6f19ff9a0b" || *got[1].ErrorCode != "ParseError" {
		t.Errorf("unprocessed %+v", got)
	}
	start, end := hour()
	graph, err := client.GetServiceGraph(ctx, &xray.GetServiceGraphInput{StartTime: start, EndTime: end, GroupName: aws.String("Default")})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []string
	for _, n := range graph.Services {
		nodes = append(nodes, *n.Name+" "+aws.ToString(n.Type))
		if n.ResponseTimeHistogram == nil || n.Edges == nil || n.StartTime == nil || n.StartTime.Before(*start) {
			t.Errorf("Grafana reads all of these: %+v", n)
		}
	}
	slices.Sort(nodes)
	if want := []string{"orders AWS::DynamoDB::Table", "orders AWS::Lambda::Function", "orders client"}; !slices.Equal(nodes, want) {
		t.Errorf("nodes %q, want %q", nodes, want)
	}
	traceGraph, err := client.GetTraceGraph(ctx, &xray.GetTraceGraphInput{TraceIds: []string{testTrace}})
	if err != nil || len(traceGraph.Services) != 3 {
		t.Errorf("trace graph %+v, %v", traceGraph, err)
	}
	summaries, err := client.GetTraceSummaries(ctx, &xray.GetTraceSummariesInput{
		StartTime: start, EndTime: end, TimeRangeType: types.TimeRangeTypeEvent,
		FilterExpression: aws.String(`service("orders") { fault } AND annotation[order.id] = "o-1"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *summaries.TracesProcessedCount != 1 || len(summaries.TraceSummaries) != 1 {
		t.Fatalf("summaries %+v", summaries)
	}
	checkSummary(t, summaries.TraceSummaries[0])
	traces, err := client.BatchGetTraces(ctx, &xray.BatchGetTracesInput{TraceIds: []string{testTrace, "1-00000000-000000000000000000000000"}})
	if err != nil || len(traces.Traces) != 1 || len(traces.Traces[0].Segments) != 2 || len(traces.UnprocessedTraceIds) != 1 {
		t.Errorf("traces %+v, %v", traces, err)
	}
	checkTimeSeries(t, client, ctx)
	insights, err := client.GetInsightSummaries(ctx, &xray.GetInsightSummariesInput{StartTime: start, EndTime: end, GroupName: aws.String("Default")})
	if err != nil || len(insights.InsightSummaries) != 0 {
		t.Errorf("insights %+v, %v", insights, err)
	}
	if rules, err := client.GetSamplingRules(ctx, nil); err != nil || len(rules.SamplingRuleRecords) != 1 {
		t.Errorf("sampling rules %+v, %v", rules, err)
	}
	if config, err := client.GetEncryptionConfig(ctx, nil); err != nil || config.EncryptionConfig.Type != types.EncryptionTypeNone {
		t.Errorf("encryption %+v, %v", config, err)
	}
}

func checkSummary(t *testing.T, s types.TraceSummary) {
	t.Helper()
	if *s.Id != testTrace || *s.ResponseTime != 2 || !*s.HasFault || *s.Http.HttpStatus != 502 || *s.Http.HttpURL != "https://shop.example.com/orders" {
		t.Errorf("summary %+v, http %+v", s, s.Http)
	}
	if v, ok := s.Annotations["order.id"][0].AnnotationValue.(*types.AnnotationValueMemberStringValue); !ok || v.Value != "o-1" {
		t.Errorf("annotations %+v", s.Annotations)
	}
	if len(s.ServiceIds) != 2 || *s.EntryPoint.Name != "orders" || *s.Users[0].UserName != "ada" || s.MatchedEventTime == nil {
		t.Errorf("services %+v, entry point %+v, users %+v", s.ServiceIds, s.EntryPoint, s.Users)
	}
	cause := s.FaultRootCauses[0].Services
	if len(cause) != 2 || len(cause[0].EntityPath) != 2 || *cause[0].EntityPath[1].Exceptions[0].Message != "gone" {
		t.Errorf("root cause %+v", cause)
	}
}

func checkTimeSeries(t *testing.T, client *xray.Client, ctx context.Context) {
	t.Helper()
	start, end := hour()
	for selector, edge := range map[string]bool{
		"": false, `service("orders")`: false, `service(id(name: "orders", type: "AWS::DynamoDB::Table"))`: false,
		`edge(id(name: "orders", type: "AWS::Lambda::Function"), id(name: "orders", type: "AWS::DynamoDB::Table"))`: true,
	} {
		out, err := client.GetTimeSeriesServiceStatistics(ctx, &xray.GetTimeSeriesServiceStatisticsInput{
			StartTime: start, EndTime: end, Period: aws.Int32(300), EntitySelectorExpression: &selector,
		})
		if err != nil || len(out.TimeSeriesServiceStatistics) != 1 {
			t.Errorf("%s: %+v, %v", selector, out, err)
			continue
		}
		got := out.TimeSeriesServiceStatistics[0]
		if (got.EdgeSummaryStatistics != nil) != edge || (got.ServiceSummaryStatistics != nil) == edge || got.Timestamp.Unix()%300 != 0 || len(got.ResponseTimeHistogram) == 0 {
			t.Errorf("%s: %+v", selector, got)
		}
	}
}

// TestSDKPages: 100 a page, each trace once.
func TestSDKPages(t *testing.T) {
	s := NewStore()
	for i := range 250 {
		if err := s.Put([]byte(in(traceNo(i), doc(fmt.Sprint("service-", i), "00000000000000a1", "", at(float64(i%7)), at(10))))); err != nil {
			t.Fatal(err)
		}
	}
	client := sdkClient(t, s)
	start, end := hour()
	seen := map[string]bool{}
	pages := xray.NewGetTraceSummariesPaginator(client, &xray.GetTraceSummariesInput{StartTime: start, EndTime: end})
	var sizes []int
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.TraceSummaries))
		for _, s := range page.TraceSummaries {
			seen[*s.Id] = true
		}
	}
	if !slices.Equal(sizes, []int{100, 100, 50}) || len(seen) != 250 {
		t.Errorf("pages of %v with %d traces", sizes, len(seen))
	}
	services := 0
	graph := xray.NewGetServiceGraphPaginator(client, &xray.GetServiceGraphInput{StartTime: start, EndTime: end})
	for graph.HasMorePages() {
		page, err := graph.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		services += len(page.Services)
	}
	if services != 500 { // a client each
		t.Errorf("%d services", services)
	}
}

// TestSDKGroups: a group is a filter with a name.
func TestSDKGroups(t *testing.T) {
	s := storeOf(t, doc("fast", "00000000000000a1", "", at(0), at(1)), in(traceNo(1), doc("slow", "00000000000000a2", "", at(0), at(9))))
	client := sdkClient(t, s)
	made, err := client.CreateGroup(t.Context(), &xray.CreateGroupInput{GroupName: aws.String("slow"), FilterExpression: aws.String("responsetime > 5")})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := client.GetGroups(t.Context(), nil)
	if err != nil || len(groups.Groups) != 2 || *groups.Groups[0].GroupName != "Default" || *groups.Groups[0].GroupARN == "" {
		t.Errorf("groups %+v, %v", groups, err)
	}
	start, end := hour()
	graph, err := client.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: start, EndTime: end, GroupARN: made.Group.GroupARN})
	if err != nil || len(graph.Services) != 2 || *graph.Services[0].Name != "slow" {
		t.Errorf("graph of the group %+v, %v", graph, err)
	}
	if _, err := client.UpdateGroup(t.Context(), &xray.UpdateGroupInput{GroupName: aws.String("slow"), FilterExpression: aws.String("responsetime > 50")}); err != nil {
		t.Error(err)
	}
	if got, err := client.GetGroup(t.Context(), &xray.GetGroupInput{GroupARN: made.Group.GroupARN}); err != nil || *got.Group.FilterExpression != "responsetime > 50" {
		t.Errorf("group %+v, %v", got, err)
	}
	if _, err := client.DeleteGroup(t.Context(), &xray.DeleteGroupInput{GroupName: aws.String("slow")}); err != nil {
		t.Error(err)
	}
	if _, err := client.DeleteGroup(t.Context(), &xray.DeleteGroupInput{GroupName: aws.String("Default")}); err == nil {
		t.Error("the Default group is gone")
	}
}

func TestSDKErrors(t *testing.T) {
	client := sdkClient(t, NewStore())
	start, end := hour()
	for name, call := range map[string]func() error{
		"no ids": func() error {
			_, err := client.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{}})
			return err
		},
		"6 ids": func() error {
			_, err := client.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: make([]string, 6)})
			return err
		},
		"51 documents": func() error {
			_, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: make([]string, 51)})
			return err
		},
		"end before start": func() error {
			_, err := client.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: end, EndTime: start})
			return err
		},
		"filter": func() error {
			_, err := client.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: start, EndTime: end, FilterExpression: aws.String("ok AND speed")})
			if !strings.Contains(err.Error(), "column 8") {
				t.Errorf("%v does not say where", err)
			}
			return err
		},
		"token": func() error {
			_, err := client.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: start, EndTime: end, NextToken: aws.String("?")})
			return err
		},
		"group": func() error {
			_, err := client.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: start, EndTime: end, GroupName: aws.String("nobody's")})
			return err
		},
		"selector": func() error {
			_, err := client.GetTimeSeriesServiceStatistics(t.Context(), &xray.GetTimeSeriesServiceStatisticsInput{StartTime: start, EndTime: end, EntitySelectorExpression: aws.String("ok")})
			return err
		},
	} {
		var api smithy.APIError
		if err := call(); !errors.As(err, &api) || api.ErrorCode() != "InvalidRequestException" {
			t.Errorf("%s: %v, want an InvalidRequestException", name, err)
		}
	}
	_, err := client.GetIndexingRules(t.Context(), nil)
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" {
		t.Errorf("another operation: %v", err)
	}
}
