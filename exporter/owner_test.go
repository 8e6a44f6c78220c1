package exporter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func TestHeaderCases(t *testing.T) {
	other := trace.TraceID{1, 2, 3}
	const parent = "53995c3f42cd8ad8"
	const root = "Root=1-6925b3c0-0123456789abcdef01234567"
	for _, tt := range []struct {
		name    string
		header  string
		env     string
		trace   trace.TraceID // of the remote parent; zero: none
		parent  trace.SpanID
		given   bool // aws-lambda-go has put the header into the context, though it is empty
		segment bool // own
		link    bool
	}{
		{name: "active", header: activeHeader, trace: activeTrace, parent: activeParent},
		{name: "active_in_environment", env: activeHeader, trace: activeTrace, parent: activeParent},
		{name: "sampled_0", header: root + ";Parent=" + parent + ";Sampled=0", trace: activeTrace, parent: activeParent, segment: true},
		{name: "sampled_undecided", header: root + ";Parent=" + parent + ";Sampled=?", trace: activeTrace, parent: activeParent, segment: true},
		{name: "root_only", header: root, trace: activeTrace, segment: true},
		{name: "empty", segment: true},
		{name: "garbage", header: "Root=1-x;;=", segment: true},
		{name: "no_header_remote_parent", trace: other, parent: activeParent, given: true, segment: true},
		{name: "nobody_knows_the_header", trace: other, parent: activeParent}, // Lambda Web Adapter
		{name: "nobody_knows_the_header_nor_a_parent", segment: true},
		{name: "same_trace_other_parent", header: activeHeader, trace: activeTrace, parent: trace.SpanID{9}, segment: true},
		{name: "traceparent_of_another_trace", header: activeHeader, trace: other, parent: trace.SpanID{9}, segment: true, link: true},
		{name: "nothing_extracted", header: activeHeader, segment: true, link: true},
		{name: "root_only_of_another_trace", header: root, trace: other, parent: trace.SpanID{9}, segment: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("_X_AMZN_TRACE_ID", tt.env)
			p := newPipeline(t)
			ctx := t.Context()
			if tt.header != "" || tt.given {
				ctx = withHeader(ctx, tt.header)
			}
			if tt.trace.IsValid() {
				ctx = withRemote(ctx, tt.trace, tt.parent)
			}
			_, f := p.function(ctx)
			f.End()
			doc := find(t, p.emitter.take(t), "orders")
			if got := doc.Type == ""; got != tt.segment {
				t.Errorf("segment: %v, want %v", got, tt.segment)
			}
			if tt.trace.IsValid() && doc.TraceID != segment.TraceID(tt.trace) {
				t.Errorf("trace %s", doc.TraceID)
			}
			var want []segment.Link
			if tt.link {
				want = []segment.Link{{ID: parent, TraceID: segment.TraceID(activeTrace)}}
			}
			if diff := cmp.Diff(want, doc.Links); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHeaderLinkIsNotRepeated(t *testing.T) {
	for _, tt := range []struct {
		to   trace.SpanContextConfig
		want int
	}{
		{trace.SpanContextConfig{TraceID: activeTrace, SpanID: activeParent}, 1},
		{trace.SpanContextConfig{TraceID: activeTrace, SpanID: trace.SpanID{7}}, 2},
		{trace.SpanContextConfig{TraceID: trace.TraceID{7}, SpanID: activeParent}, 2},
	} {
		p := newPipeline(t)
		_, f := p.function(withHeader(t.Context(), activeHeader), trace.WithLinks(trace.Link{SpanContext: trace.NewSpanContext(tt.to)}))
		f.End()
		if doc := find(t, p.emitter.take(t), "orders"); len(doc.Links) != tt.want {
			t.Errorf("%v", doc.Links)
		}
	}
}

func TestFunctionSegmentOption(t *testing.T) {
	p := newPipeline(t, exporter.WithFunctionSegment(mapping.FunctionSegmentOwn))
	_, f := p.function(activeContext())
	f.End()
	wantOutline(t, p, "segment orders(Initialization)")
	p = newPipeline(t, exporter.WithFunctionSegment(mapping.FunctionSegmentPlatform))
	_, f = p.function(withRemote(t.Context(), activeTrace, activeParent))
	f.End()
	wantOutline(t, p, "subsegment orders")
}
