package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// TestSDK runs the function that was written against aws-xray-sdk-go through all
// scenarios: it draws the map that the other one draws.
func TestSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another function")
	}
	dir := t.TempDir()
	status, stdout, stderr := runLocal(t, t.Context(), "-sdk", "-once", "-out", dir)
	if status != 0 {
		t.Fatalf("exit status %d:\n%s", status, stderr)
	}
	store, function := readDocuments(t, dir)
	var nodes []string
	for _, s := range store.ServiceGraph(time.Time{}, time.Time{}) {
		nodes = append(nodes, s.Type+" "+s.Name)
	}
	slices.Sort(nodes)
	want := []string{
		"AWS::DynamoDB::Table orders", "AWS::Lambda orders", "AWS::Lambda::Function orders",
		"AWS::S3::Bucket audit", "AWS::S3::Bucket receipts", "AWS::SQS SQS", "client orders", "remote prices.example.com",
	}
	if !slices.Equal(nodes, want) {
		t.Errorf("nodes %q, want %q", nodes, want)
	}
	traces := traceIDs(stdout)
	for _, s := range scenarios {
		checkModel(t, store.Documents(traces[s.title]))
	}
	first := function[traces[scenarios[0].title]]
	if len(first) != 1 || first[0].Name != "place order" || first[0].Annotations["customer"] != "ada" {
		t.Fatalf("the first invocation sent %s", names(first))
	}
	if got := names(first[0].Subsegments); got != "prices.example.com DynamoDB S3 SQS" {
		t.Errorf("beneath place order is %s", got)
	}
	failed := function[traces["The price service answers 503"]]
	if len(failed) != 1 || !failed[0].Fault || !failed[0].Subsegments[0].Fault {
		t.Errorf("no fault in %s", names(failed))
	}
}

func names(list []*segment.Document) string {
	var n []string
	for _, d := range list {
		n = append(n, d.Name)
	}
	return strings.Join(n, " ")
}
