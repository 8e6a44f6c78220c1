package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
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
		{name: "a list", in: "[" + good + "]", status: 1, stderr: "jq -c '.[]'"},
		{name: "- is standard input", args: []string{"-"}, in: good, documents: 1},
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

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	// Parent and child of one trace, one file each.
	var request map[string][]struct {
		ScopeSpans []struct{ Spans []json.RawMessage }
	}
	if err := json.Unmarshal([]byte(good), &request); err != nil {
		t.Fatal(err)
	}
	one := func(span json.RawMessage) string {
		return `{"resourceSpans":[{"scopeSpans":[{"spans":[` + string(span) + `]}]}]}`
	}
	spans := request["resourceSpans"][0].ScopeSpans[0].Spans
	for name, text := range map[string]string{
		"parent.json": one(spans[0]),
		"child.json":  "\xef\xbb\xbf" + one(spans[1]),
		"bad.json":    bad,
		"empty.json":  "\n",
		"gzip.json":   "\x1f\x8b\x08",
		"otlp.pb":     "\x0a\x80\x01\x0a",
		"jaeger.json": `{"data":[{"traceID":"1","spans":[{"operationName":"x"}]}]}`,
		"tempo.json":  `{"trace":` + good + `}`,
		"docs.jsonl":  `{"name":"shop","id":"1","trace_id":"1-2-3","start_time":1}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args      string
		status    int
		documents int
		stderr    []string // lines begin with convert: and this
	}{
		{args: "child.json parent.json", documents: 1},
		{args: "parent.json -", documents: 2},
		{args: "parent.json -indent=false child.json", documents: 1},
		{args: "parent.json missing.json", status: 1, documents: 1, stderr: []string{"missing.json: no such file; convert - reads"}},
		{args: ".", status: 1, stderr: []string{".: is a directory; name the files"}},
		{args: "bad.json child.json", status: 1, documents: 1, stderr: []string{"bad.json: otlpjson: resourceSpans[0]", "bad.json: no spans: want OTLP JSON"}},
		{args: "empty.json otlp.pb", status: 1, stderr: []string{"empty.json: no spans: it is empty", "otlp.pb: otlpjson: ", "otlp.pb: no spans: it is no text"}},
		{args: "gzip.json", status: 1, stderr: []string{"gzip.json: otlpjson: ", "gzip.json: no spans: it is compressed by gzip: gunzip"}},
		{args: "jaeger.json tempo.json docs.jsonl", status: 1, stderr: []string{"jaeger.json: no spans: it is Jaeger's", "tempo.json: no spans: it is an answer of Tempo's", "docs.jsonl: no spans: it has segment documents"}},
		{args: "parent.json -x", status: 2, stderr: nil},
	} {
		t.Run(test.args, func(t *testing.T) {
			var out, stderr bytes.Buffer
			in := strings.NewReader(strings.ReplaceAll(good, "67890abc", "67890abd"))
			status := run(strings.Fields(test.args), in, &out, &stderr)
			if n := strings.Count(out.String(), "\n"); status != test.status || n != test.documents {
				t.Errorf("exit status %d, want %d; %d documents, want %d: %s", status, test.status, n, test.documents, stderr.String())
			}
			if status == 2 {
				return
			}
			lines := slices.Collect(strings.Lines(stderr.String()))
			if len(lines) != len(test.stderr) {
				t.Fatalf("%d lines on standard error, want %d:\n%s", len(lines), len(test.stderr), stderr.String())
			}
			for i, want := range test.stderr {
				if !strings.HasPrefix(lines[i], "convert: "+want) {
					t.Errorf("line %d: %q, want it to begin with %q", i, lines[i], "convert: "+want)
				}
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
