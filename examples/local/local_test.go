package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// TestOnce builds examples/function, runs all scenarios, and looks at what was
// printed and at the documents.
func TestOnce(t *testing.T) {
	dir := t.TempDir()
	status, stdout, stderr := runLocal(t, t.Context(), "-once", "-out", dir)
	if status != 0 {
		t.Fatalf("exit status %d:\n%s", status, stderr)
	}
	checkPrinted(t, stdout, defaultWidth)
	for _, want := range []string{
		"orders                 AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS", "prices.example.com",
		"Initialization", "Dwell Time", "Attempt #1", "Attempt #2", "place order", "GET /prices/tea", "customer=ada", "ColdStart=true",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("not printed: %s", want)
		}
	}
	store, function := readDocuments(t, dir)
	traces := traceIDs(stdout)
	node := traces["Node.js function, with the extension"]
	if node == "" && !strings.Contains(stderr, "the Node.js function does not run: ") {
		t.Errorf("nothing is said of the Node.js function:\n%s", stderr)
	}

	t.Run("service map", func(t *testing.T) {
		have := map[string]int{}
		for _, s := range store.ServiceGraph(time.Time{}, time.Time{}) {
			have[s.Type+" "+s.Name]++
		}
		want := map[string]int{
			"client orders": 1, "AWS::Lambda orders": 1, "AWS::Lambda::Function orders": 1, "AWS::DynamoDB::Table orders": 1,
			"AWS::S3::Bucket receipts": 1, "AWS::S3::Bucket audit": 1, "AWS::SQS SQS": 1, "remote prices.example.com": 1,
		}
		if node != "" {
			want["client orders-nodejs"], want["AWS::Lambda orders-nodejs"], want["AWS::Lambda::Function orders-nodejs"] = 1, 1, 1
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("nodes (-want +have):\n%s", diff)
		}
	})

	t.Run("80 columns", func(t *testing.T) {
		var shown []shownTrace
		for _, s := range scenarios {
			header := "Root=" + traces[s.title]
			if traces[s.title] == "" {
				header = notSampledHeader
			}
			trace, err := lambda.ParseTrace(header)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, shownTrace{s.title, s.note, lambda.Outcome{Trace: trace}})
		}
		var b strings.Builder
		p := &printer{style: style{width: 80}, out: &b, xray: &localXRay{store: store}}
		p.all(shown)
		checkPrinted(t, b.String(), 80)
		if !strings.Contains(b.String(), "├─▶ prices.example.com ") {
			t.Errorf("the map has no room for a name of the usual length:\n%s", b.String())
		}
	})

	t.Run("Node.js", func(t *testing.T) {
		if node == "" {
			t.Skip(stderr[strings.Index(stderr, "the Node.js function does not run: "):])
		}
		segments := store.Documents(node)
		checkModel(t, segments)
		for name, operation := range map[string]string{"prices.example.com": "GET /prices/tea", "DynamoDB": "PutItem"} {
			if d := find(t, segments, nodeName, name); operationOf(d) != operation || d.Fault {
				t.Errorf("%s: operation %q, fault %v", name, operationOf(d), d.Fault)
			}
		}
		find(t, segments, "init", "load configuration")
		for _, name := range []string{"responseLatency", "responseDuration", "runtimeOverhead"} {
			find(t, segments, "runtimeDone", name)
		}
		find(t, segments, "report", "extensionOverhead")
	})

	for _, s := range scenarios {
		t.Run(s.title, func(t *testing.T) {
			id := traces[s.title]
			if id == "" && s.title == "Not sampled" {
				id = "1-67890abc-0123456789abcdef01234567"
			}
			segments := store.Documents(id)
			checkModel(t, segments)
			check, ok := scenarioChecks[s.title]
			if !ok {
				t.Fatal("no check for this scenario")
			}
			check(t, segments, function[id])
		})
	}
}

// scenarioChecks says what X-Ray must show for each scenario. documents is
// what the function itself sent.
var scenarioChecks = map[string]func(t *testing.T, segments []*segment.Document, documents []*segment.Document){
	"Cold synchronous call": func(t *testing.T, segments, _ []*segment.Document) {
		function := segmentOf(t, segments, "AWS::Lambda::Function")
		initialization := find(t, segments, "Initialization")
		if endOf(initialization) > startOf(function) {
			t.Error("Initialization does not end before its function segment starts")
		}
		load := find(t, segments, "init", "load configuration")
		if startOf(load) < startOf(initialization) || endOf(load) > endOf(initialization) {
			t.Error("what main did does not lie within Initialization")
		}
		if cold := find(t, segments, "orders").Annotations["ColdStart"]; cold != true {
			t.Errorf("ColdStart is %v", cold)
		}
		for _, call := range []struct{ name, namespace, operation string }{
			{"prices.example.com", "remote", "GET /prices/tea"},
			{"DynamoDB", "aws", "PutItem"},
			{"S3", "aws", "PutObject"},
			{"SQS", "aws", "SendMessage"},
		} {
			d := find(t, segments, "orders", "place order", call.name)
			if d.Namespace != call.namespace || operationOf(d) != call.operation || d.Fault || d.HTTP.Response.Status != 200 {
				t.Errorf("%s: namespace %q, operation %q, fault %v, http %+v", call.name, d.Namespace, operationOf(d), d.Fault, d.HTTP)
			}
		}
		order := find(t, segments, "orders", "place order")
		if diff := cmp.Diff(map[string]any{"items": []any{"tea"}}, order.Metadata["order"]); diff != "" {
			t.Errorf("metadata (-want +have):\n%s", diff)
		}
		if order.Annotations["customer"] != "ada" {
			t.Errorf("annotations %v", order.Annotations)
		}
	},
	"Warm synchronous call": func(t *testing.T, segments, documents []*segment.Document) {
		if cold := find(t, segments, "orders").Annotations["ColdStart"]; cold != false {
			t.Errorf("ColdStart is %v", cold)
		}
		if len(documents) != 1 {
			t.Errorf("the invocation took %d datagrams, want 1", len(documents))
		}
	},
	"The price service answers 503": func(t *testing.T, segments, _ []*segment.Document) {
		if d := find(t, segments, "orders", "place order", "prices.example.com"); !d.Fault || d.HTTP.Response.Status != 503 {
			t.Errorf("fault %v, http %+v", d.Fault, d.HTTP)
		}
		order := find(t, segments, "orders", "place order")
		if !order.Fault || order.Cause == nil || len(order.Cause.Exceptions) != 2 || order.Cause.Exceptions[0].Cause != order.Cause.Exceptions[1].ID {
			t.Errorf("fault %v, cause %+v, want two exceptions, linked", order.Fault, order.Cause)
		}
		if service := segmentOf(t, segments, "AWS::Lambda"); service.HTTP.Response.Status != 200 {
			t.Errorf("the service answered %d", service.HTTP.Response.Status)
		}
	},
	"HTTP request, answered with 502": func(t *testing.T, segments, _ []*segment.Document) {
		d := find(t, segments, "orders")
		if !d.Fault || d.HTTP == nil || d.HTTP.Request.Method != "POST" || d.HTTP.Request.URL != "https://shop.example.com/orders" || d.HTTP.Response.Status != 502 {
			t.Errorf("fault %v, http %+v", d.Fault, d.HTTP)
		}
		if function := segmentOf(t, segments, "AWS::Lambda::Function"); function.Fault {
			t.Error("the function segment is a fault: Lambda does not read the response")
		}
	},
	"Asynchronous, first attempt fails": func(t *testing.T, segments, _ []*segment.Document) {
		service := segmentOf(t, segments, "AWS::Lambda")
		dwell, first, second := child(service, "Dwell Time"), child(service, "Attempt #1"), child(service, "Attempt #2")
		if dwell == nil || first == nil || second == nil {
			t.Fatalf("subsegments %v", service.Subsegments)
		}
		if !first.Fault || second.Fault {
			t.Errorf("attempt 1 fault %v, attempt 2 fault %v", first.Fault, second.Fault)
		}
		if service.HTTP.Response.Status != 202 || endOf(service) > startOf(first) {
			t.Errorf("status %d, end %v after the first attempt began at %v", service.HTTP.Response.Status, service.EndTime, first.StartTime)
		}
	},
	"Stream batch, retried once": func(t *testing.T, segments, _ []*segment.Document) {
		service := segments[slicesIndex(segments, "AWS::Lambda")]
		if service.ParentID != "" || child(service, "Attempt #2") == nil || child(service, "Attempt #3") != nil {
			t.Errorf("parent %q, subsegments %v", service.ParentID, service.Subsegments)
		}
		for _, d := range segments {
			if d.Origin == "AWS::Lambda::Function" && endOf(d) > endOf(service)+0.001 { // in milliseconds
				t.Errorf("the service segment ends at %v, the function segment at %v", service.EndTime, d.EndTime)
			}
		}
	},
	"SQS batch of two messages": func(t *testing.T, segments, _ []*segment.Document) {
		if service := segmentOf(t, segments, "AWS::Lambda"); len(service.Links) != 2 {
			t.Errorf("links of the service segment: %v", service.Links)
		}
		messages := 0
		for _, d := range find(t, segments, "orders").Subsegments {
			if d.Name == "process orders" {
				messages++
			}
		}
		if messages != 2 {
			t.Errorf("%d subsegments for messages, want 2", messages)
		}
	},
	"A span that ends after the response": func(t *testing.T, segments, _ []*segment.Document) {
		audit := find(t, segments, "orders", "S3")
		if response := segmentOf(t, segments, "AWS::Lambda"); endOf(audit) < endOf(response) {
			t.Errorf("the audit ended at %v, the response at %v: it was not late", audit.EndTime, response.EndTime)
		}
	},
	"Not sampled": func(t *testing.T, segments, documents []*segment.Document) {
		if len(segments) > 0 || len(documents) > 0 {
			t.Errorf("segments %v, documents %v", segments, documents)
		}
	},
	"Shutdown": func(t *testing.T, segments, documents []*segment.Document) {
		audit := find(t, segments, "orders", "S3")
		if function := segmentOf(t, segments, "AWS::Lambda::Function"); endOf(audit) < endOf(function) {
			t.Errorf("the audit ended at %v, the invocation at %v: it was not late", audit.EndTime, function.EndTime)
		}
		if last := documents[len(documents)-1]; last.ID != audit.ID {
			t.Errorf("the last document is %s, want the audit's", last.Name)
		}
	},
	"Panic": func(t *testing.T, segments, _ []*segment.Document) {
		order := find(t, segments, "orders", "place order")
		if order.Cause == nil || len(order.Cause.Exceptions) == 0 || len(order.Cause.Exceptions[0].Stack) == 0 {
			t.Fatalf("cause %+v, want an exception with its stack", order.Cause)
		}
		if frame := order.Cause.Exceptions[0].Stack[0]; !strings.HasSuffix(frame.Path, "function/orders.go") || frame.Line == 0 {
			t.Errorf("the panic began in %+v", frame)
		}
	},
	"Timeout": func(t *testing.T, segments, _ []*segment.Document) {
		if function := segmentOf(t, segments, "AWS::Lambda::Function"); !function.Fault {
			t.Error("the function segment is no fault")
		}
		if d := find(t, segments, "orders", "place order", "SQS"); !d.InProgress {
			t.Error("the open call is not in progress")
		}
		if d := find(t, segments, "orders", "place order", "S3"); d.InProgress {
			t.Error("the finished call is in progress")
		}
	},
}

// checkModel checks what holds for every trace: the function sends no segment,
// and all it sends has its place.
func checkModel(t *testing.T, segments []*segment.Document) {
	t.Helper()
	for _, d := range segments {
		switch {
		case d.Type == "subsegment":
			t.Errorf("subsegment %s has no parent in the trace", d.Name)
		case d.Origin == "AWS::Lambda" || d.Origin == "AWS::Lambda::Function" || d.Inferred:
		default:
			t.Errorf("segment %s of origin %q", d.Name, d.Origin)
		}
	}
}

// find returns the subsegment at path in the last function segment.
func find(t *testing.T, segments []*segment.Document, path ...string) *segment.Document {
	t.Helper()
	var at *segment.Document
	for _, d := range segments {
		if d.Origin == "AWS::Lambda::Function" {
			at = d
		}
	}
	for _, name := range path {
		if at == nil {
			break
		}
		at = child(at, name)
	}
	if at == nil {
		var b strings.Builder
		printTimeline(&b, style{width: defaultWidth}, segments)
		t.Fatalf("no subsegment %s in\n%s", strings.Join(path, " > "), b.String())
	}
	return at
}

func slicesIndex(segments []*segment.Document, origin string) int {
	for i, d := range segments {
		if d.Origin == origin {
			return i
		}
	}
	return 0
}

// readDocuments reads what -out has written: all of it into a store, and the
// function's own by trace.
func readDocuments(t *testing.T, dir string) (*xray.Store, map[string][]*segment.Document) {
	t.Helper()
	store := xray.NewStore()
	function := map[string][]*segment.Document{}
	for _, file := range []string{"function.jsonl", "platform.jsonl"} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			line = bytes.TrimSpace(line)
			for _, v := range segment.Check(line) {
				t.Errorf("%s: %v", file, v)
			}
			if err := store.Put(line); err != nil {
				t.Fatal(err)
			}
			d, err := segment.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			if file == "function.jsonl" {
				function[d.TraceID] = append(function[d.TraceID], d)
			}
		}
	}
	return store, function
}

// traceIDs returns the trace ids in the headings of a printed page.
func traceIDs(page string) map[string]string {
	ids := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^── (.+?) ─+ (1-[0-9a-f]{8}-[0-9a-f]{24})$`).FindAllStringSubmatch(page, -1) {
		ids[m[1]] = m[2]
	}
	return ids
}

// runLocal runs the command in this process.
func runLocal(t *testing.T, ctx context.Context, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	t.Setenv("COLUMNS", "")
	dir := t.TempDir()
	open := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	read := func(f *os.File) string {
		f.Close()
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	out, errs := open("stdout"), open("stderr")
	status = run(ctx, args, out, errs)
	return status, read(out), read(errs)
}

func segmentOf(t *testing.T, segments []*segment.Document, origin string) *segment.Document {
	t.Helper()
	var found []*segment.Document
	for _, d := range segments {
		if d.Origin == origin {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d segments of origin %s, want 1", len(found), origin)
	}
	return found[0]
}

func child(d *segment.Document, name string) *segment.Document {
	for _, c := range d.Subsegments {
		if c.Name == name {
			return c
		}
	}
	return nil
}
