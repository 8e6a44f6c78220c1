package compare

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

const goldenDir = "../testdata/golden"

// input is a golden case of the mapping package.
type input struct {
	name     string
	otlp     []byte
	spans    []mapping.Span
	byKey    map[string]Span
	segments [][]byte // the golden documents
	options  options
}

// options are those of a golden case. awsxrayexporter has the first two as well.
type options struct {
	Annotations    []string
	AllAnnotations bool

	Budget          int
	URLQuery        bool
	SQLLiterals     bool
	FunctionSegment string
}

func (o options) mapper() *mapping.Mapper {
	opts := []mapping.Option{mapping.WithAnnotations(o.Annotations...)}
	if o.AllAnnotations {
		opts = append(opts, mapping.WithAllAnnotations())
	}
	if o.Budget > 0 {
		opts = append(opts, mapping.WithBudget(o.Budget))
	}
	if o.URLQuery {
		opts = append(opts, mapping.WithURLQuery())
	}
	if o.SQLLiterals {
		opts = append(opts, mapping.WithSQLLiterals())
	}
	if o.FunctionSegment == "own" {
		opts = append(opts, mapping.WithFunctionSegment(mapping.FunctionSegmentOwn))
	}
	return mapping.New(opts...)
}

// inputs reads all golden cases.
func inputs(t testing.TB) []input {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(goldenDir, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases in %s (%v)", goldenDir, err)
	}
	all := make([]input, 0, len(dirs))
	for _, dir := range dirs {
		all = append(all, readInput(t, filepath.Base(dir)))
	}
	return all
}

func readInput(t testing.TB, name string) input {
	t.Helper()
	in := input{name: name}
	read := func(file string) []byte {
		b, err := os.ReadFile(filepath.Join(goldenDir, name, file))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	in.otlp = read("spans.json")
	spans, err := otlpjson.Unmarshal(in.otlp)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	in.spans = spans
	var c struct{ Options options }
	if err := json.Unmarshal(read("case.json"), &c); err != nil {
		t.Fatalf("%s: case.json: %v", name, err)
	}
	in.options = c.Options
	var segments []json.RawMessage
	if err := json.Unmarshal(read("segments.json"), &segments); err != nil {
		t.Fatalf("%s: segments.json: %v", name, err)
	}
	for _, s := range segments {
		in.segments = append(in.segments, s)
	}
	in.setKeys(t)
	return in
}

// setKeys fills byKey. mapping.Resource does not show its attributes, so they
// come from the Collector's reading of the same text.
func (in *input) setKeys(t testing.TB) {
	resources := make(map[string]map[string]string)
	for _, rs := range pdata(t, *in).ResourceSpans().All() {
		attrs := make(map[string]string)
		for k, v := range rs.Resource().Attributes().All() {
			attrs[k] = v.AsString()
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				resources[s.TraceID().String()+s.SpanID().String()] = attrs
			}
		}
	}
	in.byKey = make(map[string]Span, len(in.spans))
	for i := range in.spans {
		s := Span{Span: &in.spans[i]}
		s.Resource = resources[s.TraceID.String()+s.SpanID.String()]
		// Of spans with one id the first, as the mapper has it; of an open and a
		// complete one the complete.
		if other, ok := in.byKey[s.Key()]; !ok || other.EndTime == 0 {
			in.byKey[s.Key()] = s
		}
	}
}
