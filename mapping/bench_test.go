package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

func goldenSpans(tb testing.TB, name string) []mapping.Span {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(goldenDir, name, "spans.json"))
	if err != nil {
		tb.Fatal(err)
	}
	spans, err := otlpjson.Unmarshal(data)
	if err != nil {
		tb.Fatal(err)
	}
	return spans
}

// traceSpans is a Lambda invocation of six spans, one with a Go stack.
func traceSpans(tb testing.TB) []mapping.Span {
	return goldenSpans(tb, "lambda_trace_current_conventions")
}

// benchmark maps spans and reports the rate of document bytes. It checks once
// that the documents are the golden ones' bytes: the same as a fresh mapper's.
func benchmark(b *testing.B, spans []mapping.Span) {
	b.Helper()
	m := mapping.New()
	docs, err := m.AppendDocuments(nil, spans)
	if err != nil {
		b.Fatal(err)
	}
	want, _ := mapping.New().AppendDocuments(nil, spans)
	if !bytes.Equal(bytes.Join(docs, nil), bytes.Join(want, nil)) || len(docs) == 0 {
		b.Fatal("not the documents of these spans")
	}
	size := 0
	for _, d := range docs {
		size += len(d)
		if !json.Valid(d) {
			b.Fatalf("not JSON: %s", d)
		}
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		docs, _ = m.AppendDocuments(docs[:0], spans)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(spans)), "ns/span")
}

func BenchmarkTrace(b *testing.B) { benchmark(b, traceSpans(b)) }

// BenchmarkExceptionSpan maps one span with the stack of a Go error.
func BenchmarkExceptionSpan(b *testing.B) {
	for _, s := range traceSpans(b) {
		if len(s.Events) > 0 && s.Events[0].Name == "exception" {
			benchmark(b, []mapping.Span{s})
			return
		}
	}
	b.Fatal("no span with an exception")
}

// BenchmarkBatch maps ever larger batches; the time a span stays the same.
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("spans=%d", n), func(b *testing.B) {
			spans := make([]mapping.Span, n)
			for i := range spans {
				spans[i] = testSpan(i+1, i/4, attribute.String("order.id", "o-1"), attribute.Int("order.lines", 3))
				spans[i].Resource = lambdaResource
			}
			benchmark(b, spans)
		})
	}
}
