package mapping_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// 300 annotations: the document has X-Ray's 50, metadata the others.
func TestManyAnnotations(t *testing.T) {
	s := testSpan(1, 99)
	for i := range 300 {
		s.Attributes = append(s.Attributes, attribute.Int(fmt.Sprintf("k%03d", i), i))
	}
	docs, err := mapping.New(mapping.WithAllAnnotations()).AppendDocuments(nil, []mapping.Span{s})
	if err != nil {
		t.Fatal(err)
	}
	checkDocuments(t, docs, []mapping.Span{s})
	d := parse(t, docs)[0]
	if len(d.Annotations) != 50 || len(d.Metadata["default"]) != 250 {
		t.Errorf("%d annotations and %d metadata, want 50 and 250", len(d.Annotations), len(d.Metadata["default"]))
	}
	for i := range 300 {
		key := fmt.Sprintf("k%03d", i)
		_, annotated := d.Annotations[key]
		if _, kept := d.Metadata["default"][key]; kept == annotated {
			t.Errorf("%s: annotation %t, metadata %t", key, annotated, kept)
		}
	}
}

// 10,000 spans in one batch, in every shape: each is in one document, children
// beneath their parents, in any order of the spans.
func TestLargeBatches(t *testing.T) {
	const n = 10000
	for name, parent := range map[string]func(i int) int{
		"flat":         func(int) int { return 1 },
		"chain":        func(i int) int { return i - 1 },
		"tree":         func(i int) int { return i / 3 },
		"orphans":      func(i int) int { return i + n },
		"one cycle":    func(i int) int { return i%n + 1 },
		"small cycles": func(i int) int { return i ^ 1 },
	} {
		t.Run(name, func(t *testing.T) {
			spans := make([]mapping.Span, 0, n)
			for i := 1; i <= n; i++ {
				p := parent(i)
				if name != "one cycle" && i == 1 {
					p = 99999
				}
				s := testSpan(i, p)
				s.StartTime += int64(i)
				s.EndTime += int64(i)
				spans = append(spans, s)
			}
			m := mapping.New()
			docs, err := m.AppendDocuments(nil, spans)
			if err != nil {
				t.Fatal(err)
			}
			checkDocuments(t, docs, spans)
			reversed := slices.Clone(spans)
			slices.Reverse(reversed)
			again, err := m.AppendDocuments(nil, reversed)
			if err != nil || !slices.EqualFunc(docs, again, bytes.Equal) {
				t.Errorf("reversed spans give other documents (%v)", err)
			}
		})
	}
}

// Duplicate ids: both spans stay, and a retry gives the same documents.
func TestManyDuplicates(t *testing.T) {
	spans := make([]mapping.Span, 200)
	for i := range spans {
		spans[i] = testSpan(1+i%4, 99)
		spans[i].Name = fmt.Sprint("span ", i)
	}
	m := mapping.New()
	docs, err := m.AppendDocuments(nil, spans)
	if err != nil {
		t.Fatal(err)
	}
	checkDocuments(t, docs, spans)
	checkOrder(t, m, docs, spans)
	names := map[string]bool{}
	walk(parse(t, docs), func(d *segment.Document) { names[d.Name] = true })
	if len(names) != len(spans) {
		t.Errorf("%d of %d spans are there", len(names), len(spans))
	}
}

// Spans of different traces that are equal in all else have an order too.
func TestEqualSpansOfSeveralTraces(t *testing.T) {
	spans := make([]mapping.Span, 8)
	for i := range spans {
		spans[i] = testSpan(1, 99)
		spans[i].TraceID = trace.TraceID{15: byte(i + 1)}
	}
	m := mapping.New()
	docs, err := m.AppendDocuments(nil, spans)
	if err != nil {
		t.Fatal(err)
	}
	checkDocuments(t, docs, spans)
	checkOrder(t, m, docs, spans)
}

// One mapper serves many goroutines: each gets the documents it gets alone.
func TestConcurrentBatches(t *testing.T) {
	m := mapping.New(mapping.WithBudget(mapping.MinBudget))
	batch := func(g int) []mapping.Span {
		random := rand.New(rand.NewPCG(uint64(g), 0))
		data := []byte{30} // spans
		for range 2000 {
			data = append(data, byte(random.UintN(0xf0))) // without the longest texts
		}
		r := fuzzReader{data}
		return r.spans(fuzzResources)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			spans := batch(g)
			want, _ := mapping.New(mapping.WithBudget(mapping.MinBudget)).AppendDocuments(nil, spans)
			if len(want) == 0 {
				t.Errorf("goroutine %d has nothing to map", g)
			}
			var got [][]byte
			for range 20 {
				got, _ = m.AppendDocuments(got[:0], spans)
				if !slices.EqualFunc(want, got, bytes.Equal) {
					t.Errorf("goroutine %d gets other documents than alone", g)
					return
				}
			}
		})
	}
	wg.Wait()
}
