package sampling

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/propagator"
)

func TestParentDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules := xraytest.NewSamplingRules(oneRule(0, 1))
		s := newTestSampler(t, inMemory{Handler: rules})
		pollDue(s)
		state, _ := trace.ParseTraceState("a=1")
		for _, remote := range []bool{false, true} {
			for _, flags := range []trace.TraceFlags{0, trace.FlagsSampled} {
				p := parameters(1)
				p.ParentContext = trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
					TraceID: p.TraceID, SpanID: trace.SpanID{1}, TraceFlags: flags, TraceState: state, Remote: remote}))
				got := s.ShouldSample(p)
				if (got.Decision == sdktrace.RecordAndSample) != flags.IsSampled() || got.Tracestate.String() != "a=1" {
					t.Errorf("remote %t, flags %v: %+v", remote, flags, got)
				}
			}
		}
		if all, _ := rules.Statistics(); len(all) != 0 {
			t.Errorf("decisions of parents were reported: %+v", all)
		}
	})
}

func TestUndecidedHeader(t *testing.T) {
	const root, w3c = "Root=1-581cf771-a006649127e371903a2de979", "00-581cf771a006649127e371903a2de979-00f067aa0ba902b7-00"
	for _, c := range []struct {
		name, header, traceparent string
		rate                      float64
		want                      bool
	}{
		{"asked, yes", root + ";Parent=53995c3f42cd8ad8;Sampled=?", "", 1, true},
		{"asked, no", root + ";Parent=53995c3f42cd8ad8;Sampled=?", "", 0, false},
		{"nothing said, yes", root + ";Parent=53995c3f42cd8ad8", "", 1, true},
		{"Root only, yes", root, "", 1, true},
		{"Root only, no", root, "", 0, false},
		{"decided no", root + ";Parent=53995c3f42cd8ad8;Sampled=0", "", 1, false},
		{"decided yes", root + ";Parent=53995c3f42cd8ad8;Sampled=1", "", 0, true},
		{"traceparent decided no", root + ";Parent=53995c3f42cd8ad8;Sampled=?", w3c, 1, false},
		{"traceparent of the same span decided yes", root + ";Parent=00f067aa0ba902b7;Sampled=?", w3c[:len(w3c)-1] + "1", 0, true},
		{"traceparent of another trace decided no", root + ";Parent=53995c3f42cd8ad8;Sampled=?", "00-0af7651916cd43dd8448eb211c80319c-53995c3f42cd8ad8-00", 1, false},
		{"no header", "", "", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, []xraytest.SamplingRule{oneRule(0, c.rate)}, func(s *Sampler, _ *xraytest.SamplingRules, _ *calls) {
				carrier := propagation.MapCarrier{"X-Amzn-Trace-Id": c.header, "traceparent": c.traceparent}
				ctx := propagator.XRay{}.Extract(context.Background(), carrier)
				ctx = propagation.TraceContext{}.Extract(ctx, carrier)
				provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(s))
				tracer := provider.Tracer("")
				ctx, span := tracer.Start(ctx, "server")
				if got := span.SpanContext().IsSampled(); got != c.want {
					t.Errorf("sampled %t, want %t", got, c.want)
				}
				want := strings.ReplaceAll(c.traceparent, "-", "") // a traceparent wins
				if c.traceparent == "" {
					want = strings.ReplaceAll(c.header, "-", "")
				}
				if trace := span.SpanContext().TraceID().String(); want != "" && !strings.Contains(want, trace) {
					t.Errorf("trace %s is not that of %s", trace, want)
				}
				_, child := tracer.Start(ctx, "child")
				if got := child.SpanContext().IsSampled(); got != c.want {
					t.Errorf("child sampled %t, want its parent's %t", got, c.want)
				}
			})
		})
	}
}
