package otlpproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

const golden = "../../../../mapping/testdata/golden"

var compare = cmp.Options{
	cmpopts.IgnoreFields(mapping.Span{}, "Resource"), // opaque: documents are compared too
	cmp.Comparer(func(a, b attribute.Value) bool { return a.Type() == b.Type() && a.String() == b.String() }),
	cmpopts.EquateEmpty(),
}

// encoded returns a golden case as protobuf and as JSON, both by pdata.
func encoded(t testing.TB, file string) (proto, asJSON []byte) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(data)
	if err != nil {
		return nil, nil // of several documents, or with numbers that pdata does not read
	}
	if proto, err = (&ptrace.ProtoMarshaler{}).MarshalTraces(td); err != nil {
		t.Fatal(err)
	}
	if asJSON, err = (&ptrace.JSONMarshaler{}).MarshalTraces(td); err != nil {
		t.Fatal(err)
	}
	return proto, asJSON
}

func cases(t testing.TB) map[string][]byte {
	files, err := filepath.Glob(golden + "/*/spans.json")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		if proto, _ := encoded(t, file); proto != nil {
			all[file] = proto
		}
	}
	if len(all) < 40 {
		t.Fatalf("pdata reads %d cases", len(all))
	}
	return all
}

// Protobuf and JSON of the same spans are the same spans and the same documents.
func TestDecodeAsJSON(t *testing.T) {
	for file, proto := range cases(t) {
		_, asJSON := encoded(t, file)
		want, wantErr := otlpjson.Unmarshal(asJSON)
		if wantErr != nil {
			continue // an id that JSON must have
		}
		pool := batch.NewPool()
		for range 2 { // made, then remembered
			b := pool.Get()
			if err := Decode(pool, b, proto); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if diff := cmp.Diff(want, b.Spans, compare); diff != "" {
				t.Fatalf("%s: -JSON +protobuf\n%s", file, diff)
			}
			m := mapping.New()
			docs, _ := m.AppendDocuments(nil, b.Spans)
			wantDocs, _ := m.AppendDocuments(nil, want)
			if diff := cmp.Diff(wantDocs, docs); diff != "" {
				t.Fatalf("%s: documents: -JSON +protobuf\n%s", file, diff)
			}
			pool.Put(b)
		}
	}
}

// badTag is what easyproto refuses and pdata passes over: groups, which proto3 does
// not have, and field numbers beyond protobuf's.
var badTag = regexp.MustCompile(`wireType=|fieldNum=`)

func FuzzAgainstPdata(f *testing.F) {
	for _, proto := range cases(f) {
		f.Add(proto)
	}
	pool := batch.NewPool()
	f.Fuzz(func(t *testing.T, data []byte) {
		b := pool.Get()
		defer pool.Put(b)
		err := Decode(pool, b, bytes.Clone(data))
		td, pdataErr := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if pdataErr != nil {
			return // pdata is stricter with what nobody reads
		}
		if errors.Is(err, ErrMalformed) && td.SpanCount() > 0 && !badTag.MatchString(err.Error()) {
			t.Fatalf("pdata reads it: %v", err)
		}
		if err != nil {
			return
		}
		if len(b.Spans) != td.SpanCount() {
			t.Fatalf("%d spans, pdata has %d", len(b.Spans), td.SpanCount())
		}
		asJSON, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
		if err != nil || !utf8.Valid(data) && !validStrings(b) {
			return
		}
		want, err := otlpjson.Unmarshal(asJSON)
		if err != nil {
			return // an id that JSON must have, a time that is too late
		}
		if diff := cmp.Diff(want, b.Spans, compare); diff != "" {
			t.Fatalf("-pdata +here\n%s", diff)
		}
	})
}

// validStrings reports whether JSON can hold the batch's strings.
func validStrings(b *batch.Batch) bool {
	docs := func(s string) bool { return utf8.ValidString(s) }
	for _, kv := range b.Attributes {
		if !docs(string(kv.Key)) || !docs(fmt.Sprint(kv.Value.AsInterface())) { // String mends what a list holds
			return false
		}
	}
	for _, s := range b.Spans {
		if !docs(s.Name) || !docs(s.TraceState) || !docs(s.StatusMessage) || !docs(s.ScopeName) || !docs(s.ScopeVersion) {
			return false
		}
	}
	for _, e := range b.Events {
		if !docs(e.Name) {
			return false
		}
	}
	for _, l := range b.Links {
		if !docs(l.TraceState) {
			return false
		}
	}
	return true
}

// A span that cannot be read does not take the others along.
func TestBadSpanAlone(t *testing.T) {
	span := []byte{0x0a, 16, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0x12, 8, 2, 2, 2, 2, 2, 2, 2, 2}
	bad := []byte{0x0a, 1, 7}
	field := func(n byte, m []byte) []byte { return append([]byte{n<<3 | 2, byte(len(m))}, m...) }
	scope := append(append(field(2, span), field(2, bad)...), field(2, span)...)
	request := field(1, field(2, scope))
	pool := batch.NewPool()
	b := pool.Get()
	err := Decode(pool, b, request)
	if len(b.Spans) != 2 || err == nil || errors.Is(err, ErrMalformed) {
		t.Errorf("%d spans, %v", len(b.Spans), err)
	}
	b = pool.Get()
	if err := Decode(pool, b, request[:len(request)-3]); !errors.Is(err, ErrMalformed) || len(b.Spans) != 0 {
		t.Errorf("%d spans, %v", len(b.Spans), err)
	}
}

// A request like the one before allocates nothing.
func TestDecodeAllocations(t *testing.T) {
	proto, _ := encoded(t, golden+"/lambda_trace_current_conventions/spans.json")
	pool, b := batch.NewPool(), new(batch.Batch)
	got := testing.AllocsPerRun(100, func() {
		*b = batch.Batch{Spans: b.Spans[:0], Events: b.Events[:0], Links: b.Links[:0], Attributes: b.Attributes[:0], Key: b.Key}
		if err := Decode(pool, b, proto); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

// A trace of seven spans, as the bench in examples exports it, beside pdata.
func BenchmarkDecode(b *testing.B) {
	const spans = 7
	data, _ := encoded(b, golden+"/lambda_trace_current_conventions/spans.json")
	td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
	if err != nil {
		b.Fatal(err)
	}
	all := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	all.At(1).CopyTo(all.AppendEmpty())
	proto, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		b.Fatal(err)
	}
	asJSON, err := (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	if err != nil {
		b.Fatal(err)
	}
	pool := batch.NewPool()
	into := func(decode func(*batch.Pool, *batch.Batch, []byte) error, body []byte) func() (int, error) {
		return func() (int, error) {
			req := pool.Get()
			defer pool.Put(req)
			err := decode(pool, req, body)
			return len(req.Spans), err
		}
	}
	pdata := func(unmarshal func([]byte) (ptrace.Traces, error), body []byte) func() (int, error) {
		return func() (int, error) {
			td, err := unmarshal(body)
			return td.SpanCount(), err
		}
	}
	for _, c := range []struct {
		name   string
		decode func() (int, error)
	}{
		{"format=protobuf/impl=easyproto", into(Decode, proto)},
		{"format=protobuf/impl=pdata", pdata((&ptrace.ProtoUnmarshaler{}).UnmarshalTraces, proto)},
		{"format=JSON/impl=otlpjson", into(otlpjson.Decode, asJSON)},
		{"format=JSON/impl=pdata", pdata((&ptrace.JSONUnmarshaler{}).UnmarshalTraces, asJSON)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := c.decode(); err != nil || n != spans {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// A resource in very many parts is put together in few steps: by a copy for each part
// 200,000 of them, 0.8 MB, would take half a minute.
func TestResourceInManyParts(t *testing.T) {
	const parts = 10_000
	resource := bytes.Repeat([]byte{0x0a, 2, 0x10, 1}, parts) // dropped_attributes_count: 1
	body := append(binary.AppendUvarint([]byte{0x0a}, uint64(len(resource))), resource...)
	pool := new(batch.Pool)
	var b batch.Batch
	allocs := testing.AllocsPerRun(1, func() {
		if err := Decode(pool, &b, body); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 100 {
		t.Errorf("%v allocations for %d parts", allocs, parts)
	}
}
