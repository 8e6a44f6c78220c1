package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const (
	good = `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[` +
		`{"traceId":"67890abc0123456789abcdef01234567","spanId":"0000000000000001","name":"checkout","kind":2,"startTimeUnixNano":"1736968892000000000","endTimeUnixNano":"1736968892500000000"},` +
		`{"traceId":"67890abc0123456789abcdef01234567","spanId":"0000000000000002","parentSpanId":"0000000000000001","name":"DynamoDB.GetItem","kind":3,"startTimeUnixNano":"1736968892100000000","endTimeUnixNano":"1736968892200000000","attributes":[{"key":"rpc.system.name","value":{"stringValue":"aws-api"}},{"key":"rpc.method","value":{"stringValue":"DynamoDB/GetItem"}}]}` +
		`]}]}]}`
	bad = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz","spanId":"0000000000000001","name":"lost"}]}]}]}`
)

func TestConvert(t *testing.T) {
	var out, stderr bytes.Buffer
	if status := run(nil, strings.NewReader(good), &out, &stderr); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != 1 {
		t.Fatalf("%d lines, want one document:\n%s", lines, out.String())
	}
	if err := xraytest.CheckDocument(bytes.TrimSpace(out.Bytes())); err != nil {
		t.Error(err)
	}
	d, err := segment.Parse(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "shop" || len(d.Subsegments) != 1 || d.Subsegments[0].Name != "DynamoDB" {
		t.Errorf("want segment shop with subsegment DynamoDB, have %s", out.String())
	}

	var indented bytes.Buffer
	if status := run([]string{"-indent"}, strings.NewReader(good), &indented, &stderr); status != 0 {
		t.Fatalf("exit status %d: %s", status, stderr.String())
	}
	again, err := segment.Parse(indented.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, again); diff != "" || !strings.Contains(indented.String(), "\n  \"name\": \"shop\"") {
		t.Errorf("-indent is another document (-plain +indented):\n%s\n%s", diff, indented.String())
	}
}

func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		name      string
		args      []string
		in        string
		status    int
		documents int
		stderr    string
	}{
		{name: "nothing", status: 1, stderr: "no spans"},
		{name: "logs", in: `{"resourceLogs":[]}`, status: 1, stderr: "no spans"},
		{name: "two requests", in: good + "\n" + strings.ReplaceAll(good, "67890abc", "67890abd"), documents: 2},
		{name: "no JSON", in: "spans", status: 1, stderr: "convert: "},
		{name: "a bad span beside good ones", in: good + bad, status: 1, documents: 1, stderr: "traceId"},
		{name: "an argument", args: []string{"spans.json"}, status: 2, stderr: "standard input"},
		{name: "an unknown flag", args: []string{"-x"}, status: 2, stderr: "-x"},
		{name: "help", args: []string{"-help"}, stderr: "Usage: convert"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, stderr bytes.Buffer
			status := run(test.args, strings.NewReader(test.in), &out, &stderr)
			if n := strings.Count(out.String(), "\n"); status != test.status || n != test.documents || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("exit status %d, want %d; %d documents, want %d; %q, want %q in it",
					status, test.status, n, test.documents, stderr.String(), test.stderr)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestIOErrors(t *testing.T) {
	broken := failing{errors.New("broken pipe")}
	var stderr bytes.Buffer
	if status := run(nil, broken, &bytes.Buffer{}, &stderr); status != 1 || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("reading: exit status %d: %s", status, stderr.String())
	}
	stderr.Reset()
	if status := run(nil, strings.NewReader(good), broken, &stderr); status != 1 || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("writing: exit status %d: %s", status, stderr.String())
	}
}
