package main

import (
	"bytes"
	"testing"

	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

func TestServiceMap(t *testing.T) {
	stats := func(ok, failed, throttled, fault int, seconds float64) *xray.SummaryStatistics {
		return &xray.SummaryStatistics{
			OkCount:           ok,
			ErrorStatistics:   xray.ErrorStatistics{OtherCount: failed, ThrottleCount: throttled, TotalCount: failed + throttled},
			FaultStatistics:   xray.FaultStatistics{OtherCount: fault, TotalCount: fault},
			TotalCount:        ok + failed + throttled + fault,
			TotalResponseTime: seconds,
		}
	}
	edges := func(to ...int) (list []xray.Edge) {
		for _, id := range to {
			list = append(list, xray.Edge{ReferenceID: id})
		}
		return list
	}
	services := []xray.Service{
		{ReferenceID: 0, Name: "orders", Type: "AWS::Lambda", Edges: edges(2), SummaryStatistics: stats(9, 0, 0, 0, 2.7)},
		{ReferenceID: 1, Name: "orders", Type: "client", Edges: edges(0)},
		{ReferenceID: 2, Name: "orders", Type: "AWS::Lambda::Function", Edges: edges(3, 4, 5), SummaryStatistics: stats(7, 0, 0, 3, 2.6)},
		{ReferenceID: 3, Name: "orders", Type: "AWS::DynamoDB::Table", SummaryStatistics: stats(98, 1, 1, 0, 0.8)},
		{ReferenceID: 4, Name: "another function with a name that is rather long", Type: "AWS::Lambda::Function", Edges: edges(3, 2)},
		{ReferenceID: 5, Name: "prices.example.com\x1b[2J", Type: "remote", SummaryStatistics: stats(0, 0, 0, 1, 0.0004)},
		// Calls itself: nobody else does.
		{ReferenceID: 6, Name: "loop", Type: "AWS::SNS", Edges: edges(6), SummaryStatistics: stats(1, 0, 0, 0, 12)},
		// An edge to a node that is not there.
		{ReferenceID: 7, Name: "lonely", Type: "AWS::EC2::Instance", Edges: edges(99)},
	}
	for width, file := range map[int]string{110: "testdata/servicemap.golden", 80: "testdata/servicemap_80.golden"} {
		var b bytes.Buffer
		printServiceMap(&b, style{width: width}, services)
		golden(t, file, b.Bytes())
		checkPrinted(t, b.String(), width)
	}
}
