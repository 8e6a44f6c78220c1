package awsxraylambdaexporter

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The Collector path writes the same bytes as the SDK path: every golden case of
// the mapper goes through the exporter, as a component made by its factory, to
// X-Ray's API.
func TestGolden(t *testing.T) {
	isolate(t)
	cases, err := os.ReadDir(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range cases {
		t.Run(dir.Name(), func(t *testing.T) {
			x := newFakeXRay(t)
			td := readTraces(t, dir.Name())
			td.MarkReadOnly()
			// A span that the mapper rejects makes no document and no error as
			// long as others do.
			if err := start(t, goldenConfig(t, dir.Name(), x.url)).ConsumeTraces(t.Context(), td); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(goldenDocuments(t, dir.Name()), x.taken()); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

// goldenConfig is what a user writes for the options of a case.
func goldenConfig(t *testing.T, name, url string) *Config {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden, name, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var options struct {
		About   string
		Options struct {
			Budget          int
			FunctionSegment string
			Annotations     []string
			AllAnnotations  bool
			URLQuery        bool
			SQLLiterals     bool
			LogGroups       []string
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&options); err != nil {
		t.Fatalf("case.json: %v", err)
	}
	c := testConfig(url)
	o := options.Options
	if o.Budget != 0 {
		c.DocumentBudget = o.Budget
	}
	if o.FunctionSegment != "" {
		c.FunctionSegment = o.FunctionSegment
	}
	c.IndexedAttributes = o.Annotations
	c.IndexAllAttributes = o.AllAnnotations
	c.URLQuery = o.URLQuery
	c.SQLLiterals = o.SQLLiterals
	c.LogGroups = o.LogGroups
	return c
}

// goldenDocuments returns the documents of a case, sorted.
func goldenDocuments(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden, name, "segments.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	docs := make([]string, len(list))
	for i, doc := range list {
		var b bytes.Buffer
		if err := json.Compact(&b, doc); err != nil {
			t.Fatal(err)
		}
		docs[i] = b.String()
	}
	slices.Sort(docs)
	return docs
}

// Two exporters behind a fan-out read the same data at the same time, and leave
// it as it was.
func TestSharedData(t *testing.T) {
	isolate(t)
	td := readTraces(t, "exception_chains")
	for _, rs := range readTraces(t, "metadata_values").ResourceSpans().All() {
		rs.CopyTo(td.ResourceSpans().AppendEmpty())
	}
	before := marshal(t, td)
	td.MarkReadOnly()
	x := newFakeXRay(t)
	a, b := start(t, testConfig(x.url)), start(t, testConfig(x.url))
	if a.Capabilities().MutatesData {
		t.Error("MutatesData is true")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := a.ConsumeTraces(t.Context(), td); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := b.ConsumeTraces(t.Context(), td); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	docs := x.taken()
	if n := len(slices.Compact(slices.Clone(docs))); n == 0 || len(docs) != 8*n {
		t.Errorf("%d documents, %d of them different; want each 8 times", len(docs), n)
	}
	if !bytes.Equal(before, marshal(t, td)) {
		t.Error("the data has changed")
	}
}

func marshal(t *testing.T, td ptrace.Traces) []byte {
	t.Helper()
	data, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
