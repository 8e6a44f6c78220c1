package compare

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/compare/internal/translator"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// traceInput is an invocation of six spans, one of which has a Go stack.
const traceInput = "lambda_trace_current_conventions"

// BenchmarkMapTrace maps the trace of one invocation. impl=memcopy copies the
// documents that lambdaxray makes and impl=encodingjson writes them from
// structs: the limit, and what one would do by hand.
func BenchmarkMapTrace(b *testing.B) {
	in := readInput(b, traceInput)
	want, err := mapping.New().AppendDocuments(nil, in.spans)
	if err != nil || len(want) != 1 {
		b.Fatalf("%d documents, want 1 (%v)", len(want), err)
	}

	b.Run("impl=lambdaxray", func(b *testing.B) { benchmarkMapper(b, in.spans) })
	b.Run("impl=lambdaxray-sdk", func(b *testing.B) { benchmarkExporter(b, in, want) })
	b.Run("impl=awsxrayexporter", func(b *testing.B) { benchmarkTranslator(b, pdata(b, in)) })
	b.Run("impl=memcopy", func(b *testing.B) {
		var dst []byte
		start(b, size(want))
		for b.Loop() {
			dst = append(dst[:0], want[0]...)
		}
		finish(b, len(in.spans))
	})
	b.Run("impl=encodingjson", func(b *testing.B) {
		doc, err := segment.Parse(want[0])
		if err != nil {
			b.Fatal(err)
		}
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		write := func() {
			buf.Reset()
			if err := enc.Encode(doc); err != nil {
				b.Fatal(err)
			}
		}
		if write(); buf.Len() < len(want[0])*9/10 {
			b.Fatalf("%d bytes, want about %d", buf.Len(), len(want[0]))
		}
		start(b, buf.Len())
		for b.Loop() {
			write()
		}
		finish(b, len(in.spans))
	})
}

// BenchmarkExceptionSpan maps one span with the stack of a Go error.
func BenchmarkExceptionSpan(b *testing.B) {
	in := readInput(b, traceInput)
	i := slices.IndexFunc(in.spans, func(s mapping.Span) bool {
		return slices.ContainsFunc(s.Events, func(e mapping.Event) bool { return e.Name == "exception" })
	})
	if i < 0 {
		b.Fatal("no span with an exception")
	}
	span := in.spans[i]
	b.Run("impl=lambdaxray", func(b *testing.B) { benchmarkMapper(b, []mapping.Span{span}) })
	td := pdata(b, in)
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			ss.Spans().RemoveIf(func(s ptrace.Span) bool { return trace.SpanID(s.SpanID()) != span.SpanID })
		}
	}
	b.Run("impl=awsxrayexporter", func(b *testing.B) { benchmarkTranslator(b, td) })
}

// BenchmarkBatch maps ever larger batches of invocations; ns/span is a curve
// over the batch's size.
func BenchmarkBatch(b *testing.B) {
	in := readInput(b, traceInput)
	for _, n := range []int{1, 10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("spans=%d/impl=lambdaxray", n), func(b *testing.B) { benchmarkMapper(b, repeat(in.spans, n)) })
		b.Run(fmt.Sprintf("spans=%d/impl=awsxrayexporter", n), func(b *testing.B) { benchmarkTranslator(b, repeatTraces(pdata(b, in), n)) })
	}
}

func benchmarkMapper(b *testing.B, spans []mapping.Span) {
	m := mapping.New()
	docs, err := m.AppendDocuments(nil, spans)
	if err != nil {
		b.Fatal(err)
	}
	checkDocuments(b, docs, len(spans))
	start(b, size(docs))
	for b.Loop() {
		docs, _ = m.AppendDocuments(docs[:0], spans)
	}
	finish(b, len(spans))
}

func benchmarkTranslator(b *testing.B, td ptrace.Traces) {
	texts, err := translator.Documents(td)
	if err != nil {
		b.Fatal(err)
	}
	docs := make([][]byte, len(texts))
	for i, t := range texts {
		docs[i] = []byte(t)
	}
	checkDocuments(b, docs, td.SpanCount())
	start(b, size(docs))
	for b.Loop() {
		if _, err := translator.Documents(td); err != nil {
			b.Fatal(err)
		}
	}
	finish(b, td.SpanCount())
}

// benchmarkExporter maps what the SDK hands to an exporter.
func benchmarkExporter(b *testing.B, in input, want [][]byte) {
	var out discard
	e, err := exporter.New(exporter.WithEmitter(&out))
	if err != nil {
		b.Fatal(err)
	}
	spans := sdkSpans(b, in)
	export := func() {
		if err := e.ExportSpans(context.Background(), spans); err != nil {
			b.Fatal(err)
		}
	}
	if export(); out.bytes != size(want) {
		b.Fatalf("%d bytes of documents, want %d", out.bytes, size(want))
	}
	start(b, size(want))
	for b.Loop() {
		export()
	}
	finish(b, len(spans))
}

// discard is an emitter that counts.
type discard struct{ bytes int }

func (d *discard) Emit(_ context.Context, docs [][]byte) error { d.bytes += size(docs); return nil }
func (d *discard) Shutdown(context.Context) error              { return nil }

func start(b *testing.B, bytes int) {
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	b.ResetTimer()
}

func finish(b *testing.B, spans int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*spans), "ns/span")
}

func size(docs [][]byte) int {
	n := 0
	for _, d := range docs {
		n += len(d)
	}
	return n
}

// checkDocuments makes sure that docs are JSON and hold as many spans.
func checkDocuments(b *testing.B, docs [][]byte, spans int) {
	b.Helper()
	n := 0
	for _, d := range docs {
		if !json.Valid(d) {
			b.Fatalf("no JSON: %s", d)
		}
		n += bytes.Count(d, []byte(`"start_time":`))
	}
	if n != spans {
		b.Fatalf("documents of %d spans, want %d", n, spans)
	}
}

// repeat returns n spans: the trace again and again, each time with ids of its
// own.
func repeat(spans []mapping.Span, n int) []mapping.Span {
	out := make([]mapping.Span, n)
	for i := range out {
		out[i] = spans[i%len(spans)]
		binary.BigEndian.PutUint32(out[i].TraceID[12:], uint32(i/len(spans)))
	}
	return out
}

func repeatTraces(td ptrace.Traces, n int) ptrace.Traces {
	out := ptrace.NewTraces()
	for i := 0; i < n; {
		c := ptrace.NewTraces()
		td.CopyTo(c)
		for _, rs := range c.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				ss.Spans().RemoveIf(func(s ptrace.Span) bool {
					id := s.TraceID()
					binary.BigEndian.PutUint32(id[12:], uint32(i/td.SpanCount()))
					s.SetTraceID(id)
					return false
				})
			}
		}
		i += c.SpanCount()
		if extra := i - n; extra > 0 {
			for _, rs := range c.ResourceSpans().All() {
				for _, ss := range rs.ScopeSpans().All() {
					keep := ss.Spans().Len() - extra
					ss.Spans().RemoveIf(func(ptrace.Span) bool { keep--; return keep < 0 })
				}
			}
		}
		c.ResourceSpans().MoveAndAppendTo(out.ResourceSpans())
	}
	return out
}

// sdkSpans returns the input as the SDK hands it to an exporter.
func sdkSpans(b *testing.B, in input) []sdktrace.ReadOnlySpan {
	b.Helper()
	rs := pdata(b, in).ResourceSpans()
	if rs.Len() != 1 {
		b.Fatalf("%d resources, want 1", rs.Len())
	}
	var attrs []attribute.KeyValue
	for k, v := range rs.At(0).Resource().Attributes().All() {
		attrs = append(attrs, keyValue(k, v))
	}
	res := resource.NewSchemaless(attrs...)
	stubs := make(tracetest.SpanStubs, len(in.spans))
	for i, s := range in.spans {
		local := slices.ContainsFunc(in.spans, func(p mapping.Span) bool { return p.SpanID == s.ParentSpanID })
		stubs[i] = stub(s, !local, res)
	}
	return stubs.Snapshots()
}

func keyValue(k string, v pcommon.Value) attribute.KeyValue {
	switch v.Type() {
	case pcommon.ValueTypeBool:
		return attribute.Bool(k, v.Bool())
	case pcommon.ValueTypeInt:
		return attribute.Int64(k, v.Int())
	case pcommon.ValueTypeSlice:
		var list []string
		for _, e := range v.Slice().All() {
			list = append(list, e.AsString())
		}
		return attribute.StringSlice(k, list)
	}
	return attribute.String(k, v.AsString())
}
