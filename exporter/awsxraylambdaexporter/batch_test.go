package awsxraylambdaexporter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// From pdata to documents nothing is allocated once the scratch has grown and
// the resource and the lists are known.
func TestConvertAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool forget")
	}
	for _, name := range []string{"lambda_trace_current_conventions", "lambda_trace_older_conventions", "ordinary_services", "annotations_by_the_span"} {
		t.Run(name, func(t *testing.T) {
			td := readTraces(t, name)
			c := newConverter(maxSpans)
			m := mapping.New()
			var err error
			got := testing.AllocsPerRun(200, func() {
				b := c.convert(td)
				b.Docs, err = m.AppendDocuments(b.Docs[:0], b.Spans)
				c.pool.Put(b)
			})
			if err != nil {
				t.Fatal(err)
			}
			if got != 0 {
				t.Errorf("%v allocations, want 0", got)
			}
		})
	}
}

// What is pooled holds no reference into the request.
func TestFreeForgets(t *testing.T) {
	c := newConverter(maxSpans)
	b := c.convert(readTraces(t, "events_and_links"))
	if len(b.Spans) == 0 || len(b.Events) == 0 || len(b.Links) == 0 || len(b.Attributes) == 0 {
		t.Fatal("the case has not everything that a batch holds")
	}
	spans, events, links, attrs := b.Spans, b.Events, b.Links, b.Attributes
	c.pool.Put(b)
	for i := range spans {
		if spans[i].Name != "" || spans[i].Attributes != nil || spans[i].Resource != nil {
			t.Fatalf("span %d is still there", i)
		}
	}
	for i := range events {
		if events[i].Name != "" || events[i].Attributes != nil {
			t.Fatalf("event %d is still there", i)
		}
	}
	for i := range links {
		if links[i].Attributes != nil {
			t.Fatalf("link %d is still there", i)
		}
	}
	for i := range attrs {
		if attrs[i] != (attribute.KeyValue{}) {
			t.Fatalf("attribute %d is still there", i)
		}
	}
}

func TestValue(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(pcommon.Value)
		want attribute.Value
	}{
		{"empty", func(pcommon.Value) {}, attribute.Value{}},
		{"string", func(v pcommon.Value) { v.SetStr("s") }, attribute.StringValue("s")},
		{"bool", func(v pcommon.Value) { v.SetBool(true) }, attribute.BoolValue(true)},
		{"int", func(v pcommon.Value) { v.SetInt(-7) }, attribute.Int64Value(-7)},
		{"double", func(v pcommon.Value) { v.SetDouble(1.5) }, attribute.Float64Value(1.5)},
		{"bytes", func(v pcommon.Value) { v.SetEmptyBytes().FromRaw([]byte{1, 2}) }, attribute.ByteSliceValue([]byte{1, 2})},
		{"empty list", func(v pcommon.Value) { v.SetEmptySlice() }, attribute.SliceValue()},
		{"strings", list("a", "b"), attribute.StringSliceValue([]string{"a", "b"})},
		{"bools", list(true, false), attribute.BoolSliceValue([]bool{true, false})},
		{"ints", list(1, 2), attribute.Int64SliceValue([]int64{1, 2})},
		{"doubles", list(0.5, 2.5), attribute.Float64SliceValue([]float64{0.5, 2.5})},
		{"mixed", list("a", 1), attribute.SliceValue(attribute.StringValue("a"), attribute.Int64Value(1))},
		{"nested", list([]any{"a"}, []any{1}), attribute.SliceValue(attribute.StringSliceValue([]string{"a"}), attribute.Int64SliceValue([]int64{1}))},
		{"map", func(v pcommon.Value) { v.SetEmptyMap().PutStr("k", "v") }, attribute.MapValue(attribute.String("k", "v"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := pcommon.NewValueEmpty()
			tc.set(v)
			lists := &batch.Cache[attribute.Value]{MaxEntries: 8, MaxKey: 100}
			for range 2 { // made, then known
				var got attribute.Value
				setValue(&got, v, lists, nil)
				if diff := cmp.Diff(tc.want, got, cmp.Comparer(func(a, b attribute.Value) bool { return a == b })); diff != "" {
					t.Errorf("value (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func list(elements ...any) func(pcommon.Value) {
	return func(v pcommon.Value) {
		if err := v.SetEmptySlice().FromRaw(elements); err != nil {
			panic(err)
		}
	}
}

// Different contents have different keys.
func TestKeyDistinguishes(t *testing.T) {
	seen := map[string]int{}
	for i, set := range []func(pcommon.Value){
		func(pcommon.Value) {},
		list(), list(""), list("", ""), list("a"), list("a", "b"), list("ab"), list("b", "a"),
		list(1), list(1.0), list(true), list(false), list([]any{}), list([]any{"a"}, "b"), list([]any{"a", "b"}),
		func(v pcommon.Value) { v.SetEmptyBytes() },
		func(v pcommon.Value) { v.SetEmptyBytes().FromRaw([]byte("a")) },
		func(v pcommon.Value) { v.SetEmptyMap() },
		func(v pcommon.Value) { v.SetEmptyMap().PutStr("a", "b") },
		func(v pcommon.Value) { v.SetEmptyMap().PutStr("ab", "") },
	} {
		v := pcommon.NewValueEmpty()
		set(v)
		key := string(appendKey(nil, v))
		if j, ok := seen[key]; ok {
			t.Errorf("contents %d and %d have one key %q", j, i, key)
		}
		seen[key] = i
	}
}

// Whatever a client sends, every span is mapped or rejected and nothing panics.
func FuzzConvert(f *testing.F) {
	for _, name := range []string{"metadata_values", "events_and_links", "cycles", "exception_chains"} {
		data, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(readTraces(f, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// New ones each time: what they remember would make an input look
		// different the second time.
		c, m := newConverter(maxSpans), mapping.New()
		td, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if err != nil {
			return
		}
		b := c.convert(td)
		defer c.pool.Put(b)
		if len(b.Spans) != td.SpanCount() {
			t.Fatalf("%d spans, want %d", len(b.Spans), td.SpanCount())
		}
		b.Docs, err = m.AppendDocuments(b.Docs[:0], b.Spans)
		census, spans := newCensus(td), 0
		census.settle(b.Docs)
		for _, doc := range b.Docs {
			if _, err := segment.Parse(doc); err != nil {
				t.Fatalf("%s: %v", doc, err)
			}
			traceID, ids := nodes(doc)
			for _, id := range ids {
				spans += census.spans[spanKey{traceID, id}]
			}
		}
		o := newOutcome(td)
		o.unmapped(err)
		if rejected := o.spans(o.dropped); spans+rejected != len(b.Spans) {
			t.Fatalf("%d spans in documents and %d rejected of %d", spans, rejected, len(b.Spans))
		}
	})
}
