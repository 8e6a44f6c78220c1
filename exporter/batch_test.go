package exporter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

func testSpan() sdktrace.ReadOnlySpan {
	return tracetest.SpanStub{
		Name:       "n",
		Attributes: []attribute.KeyValue{attribute.String("k", "value")},
		Events:     []sdktrace.Event{{Name: "e", Attributes: []attribute.KeyValue{attribute.Int("i", 1)}}},
		Links:      []sdktrace.Link{{Attributes: []attribute.KeyValue{attribute.StringSlice("s", []string{"a"})}}},
	}.Snapshot()
}

func addTo(b *batch, s sdktrace.ReadOnlySpan) *mapping.Span {
	return b.add(s, nil)
}

func TestBatchLetsGo(t *testing.T) {
	b := new(batch)
	for range 3 {
		addTo(b, testSpan())
	}
	b.attrs = append(b.attrs, attribute.Bool("x", true))
	b.reset()
	for _, s := range b.spans[:cap(b.spans)] {
		if s.Name != "" || s.Attributes != nil || s.Events != nil || s.Links != nil {
			t.Fatal("a span stays")
		}
	}
	for _, e := range b.events[:cap(b.events)] {
		if e.Name != "" || e.Attributes != nil {
			t.Fatal("an event stays")
		}
	}
	for _, l := range b.links[:cap(b.links)] {
		if l.Attributes != nil {
			t.Fatal("a link stays")
		}
	}
	for _, a := range b.attrs[:cap(b.attrs)] {
		if a.Valid() {
			t.Fatal("an attribute stays")
		}
	}
	// What is reused begins at zero.
	if got := addTo(b, tracetest.SpanStub{}.Snapshot()); got.Name != "" || got.Events != nil || got.Parent != mapping.ParentUnknown {
		t.Errorf("%+v", got)
	}
}

func TestBatchSize(t *testing.T) {
	b := new(batch)
	addTo(b, testSpan())
	want := spanSize + 3*attributeSize + len("value") + listSize
	if b.size != want {
		t.Errorf("%d bytes, want %d", b.size, want)
	}
}

// TestBatchGrows checks that what earlier spans hold survives the growth of the
// memory that all share.
func TestBatchGrows(t *testing.T) {
	b := new(batch)
	for range 100 {
		addTo(b, testSpan())
	}
	for i := range b.spans {
		if len(b.spans[i].Events) != 1 || b.spans[i].Events[0].Name != "e" || len(b.spans[i].Links) != 1 {
			t.Fatalf("span %d: %+v", i, b.spans[i])
		}
	}
}

func TestBatchFull(t *testing.T) {
	for _, tt := range []struct {
		spans, size int
		want        bool
	}{
		{0, 0, false},
		{maxBufferedSpans - 1, maxBufferedBytes - 1, false},
		{maxBufferedSpans, 0, true},
		{1, maxBufferedBytes, true},
	} {
		b := &batch{spans: make([]mapping.Span, tt.spans), size: tt.size}
		if b.full() != tt.want {
			t.Errorf("%d spans of %d bytes: %v", tt.spans, tt.size, b.full())
		}
	}
}

// What is large, or in use elsewhere, is not kept: it stays as it is.
func TestBatchFree(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(b *batch)
		kept   bool
	}{
		"usual":       {func(*batch) {}, true},
		"spans":       {func(b *batch) { b.spans = make([]mapping.Span, 1, keepSpans+1) }, false},
		"events":      {func(b *batch) { b.events = make([]mapping.Event, 1, keepSpans+1) }, false},
		"links":       {func(b *batch) { b.links = make([]mapping.Link, 1, keepSpans+1) }, false},
		"docs":        {func(b *batch) { b.docs = make([][]byte, 1, keepDocs+1) }, false},
		"just spans":  {func(b *batch) { b.spans = make([]mapping.Span, 1, keepSpans) }, true},
		"just events": {func(b *batch) { b.events = make([]mapping.Event, 1, keepSpans) }, true},
		"just links":  {func(b *batch) { b.links = make([]mapping.Link, 1, keepSpans) }, true},
		"just docs":   {func(b *batch) { b.docs = make([][]byte, 1, keepDocs) }, true},
		"shared":      {func(b *batch) { b.shared = true }, false},
	} {
		b := &batch{size: 7}
		tt.change(b)
		b.free()
		if kept := b.size == 0; kept != tt.kept {
			t.Errorf("%s: kept %v", name, kept)
		}
	}
}

func TestBatchParent(t *testing.T) {
	local := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
	b := new(batch)
	var got []mapping.ParentOrigin
	for _, parent := range []trace.SpanContext{{}, local, local.WithRemote(true)} {
		got = append(got, addTo(b, tracetest.SpanStub{Parent: parent}.Snapshot()).Parent)
	}
	want := []mapping.ParentOrigin{mapping.ParentUnknown, mapping.ParentLocal, mapping.ParentRemote}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLambdaResource(t *testing.T) {
	for _, tt := range []struct {
		attrs []attribute.KeyValue
		want  bool
	}{
		{nil, false},
		{[]attribute.KeyValue{attribute.String("cloud.platform", "aws_lambda")}, true},
		{[]attribute.KeyValue{attribute.String("faas.name", "f")}, true},
		{[]attribute.KeyValue{attribute.String("faas.name", "f"), attribute.String("cloud.provider", "aws")}, true},
		{[]attribute.KeyValue{attribute.String("faas.name", "f"), attribute.String("cloud.provider", "gcp")}, false},
		{[]attribute.KeyValue{attribute.String("faas.name", "f"), attribute.String("cloud.platform", "aws_ecs")}, false},
	} {
		if got := isLambda(tt.attrs); got != tt.want {
			t.Errorf("%v: %v", tt.attrs, got)
		}
	}
}

func TestResourceCache(t *testing.T) {
	_, tracer := newTestProcessor(t)
	_, s := tracer.Start(t.Context(), "s")
	r := s.(sdktrace.ReadOnlySpan).Resource()
	var c resourceCache
	first := c.get(r)
	for i := range 3 * maxResources {
		other := *r
		c.get(&other)
		if len(c.all) > maxResources {
			t.Fatalf("%d resources after %d", len(c.all), i)
		}
	}
	if again := c.get(r); !again.lambda || again.of != first.of {
		t.Errorf("%+v", again)
	}
	if first := c.get(r); c.get(r) != first {
		t.Error("prepared twice")
	}
	other := resource.NewSchemaless(attribute.String("service.name", "other"))
	a, b := c.get(other), c.get(r)
	if a.of != other || a.lambda || b.of != r || !b.lambda {
		t.Errorf("%+v, %+v", a, b)
	}
	if c.get(other) != a || c.get(r) != b {
		t.Error("prepared twice by turns")
	}
}
