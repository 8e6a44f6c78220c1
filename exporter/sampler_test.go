package exporter

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

const (
	bareRoot = "Root=1-581cf771-a006649127e371903a2de979"
	header   = bareRoot + ";Parent=53995c3f42cd8ad8"
)

func TestSampler(t *testing.T) {
	span := func(trace1 byte, flags trace.TraceFlags) trace.SpanContext {
		return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{trace1}, SpanID: trace.SpanID{1}, TraceFlags: flags})
	}
	for _, c := range []struct {
		name       string
		header     string
		parent     trace.SpanContext // zero: the header's
		configured sdktrace.Sampler
		want       bool
	}{
		{"a child follows its parent: yes", header + ";Sampled=0", span(1, trace.FlagsSampled), never, true},
		{"a child follows its parent: no", header + ";Sampled=1", span(1, 0), always, false},
		{"a child of an open decision follows its parent", header + ";Sampled=?", span(1, trace.FlagsSampled), nil, true},
		{"remote parent of another trace: yes", header + ";Sampled=0", span(1, trace.FlagsSampled).WithRemote(true), nil, true},
		{"remote parent of another trace: no", header + ";Sampled=1", span(1, 0).WithRemote(true), nil, false},
		{"remote parent of another trace, configured", header + ";Sampled=1", span(1, 0).WithRemote(true), always, true},
		{"the header: yes", header + ";Sampled=1", trace.SpanContext{}, nil, true},
		{"the header: no", header + ";Sampled=0", trace.SpanContext{}, always, false},
		{"open", header, trace.SpanContext{}, nil, false},
		{"open, configured", header, trace.SpanContext{}, sdktrace.ParentBased(always), true},
		{"no parent: no", bareRoot + ";Parent=;Sampled=0", trace.SpanContext{}, always, false},
		{"no parent: yes", bareRoot + ";Parent=;Sampled=1", trace.SpanContext{}, nil, true},
		{"unreadable is open", "garbage", trace.SpanContext{}, nil, false},
		{"unreadable is open, configured", "Root=1", trace.SpanContext{}, always, true},
		{"unreadable root: no", "Root=1;Sampled=0", trace.SpanContext{}, always, false},
		{"no header", "", trace.SpanContext{}, nil, true},
		{"no header, configured", "", trace.SpanContext{}, never, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			//lint:ignore SA1029 the plain string key is aws-lambda-go's
			ctx := context.WithValue(t.Context(), "x-amzn-trace-id", c.header)
			ctx = propagator.Lambda{}.Extract(ctx, nil)
			if c.parent.IsValid() {
				ctx = trace.ContextWithSpanContext(ctx, c.parent)
			}
			p := NewProcessor(&Exporter{}, WithLambda(true))
			r := p.Sampler(c.configured).ShouldSample(sdktrace.SamplingParameters{ParentContext: ctx, TraceID: trace.TraceID{9}})
			if got := r.Decision == sdktrace.RecordAndSample; got != c.want {
				t.Errorf("sampled %t", got)
			}
		})
	}
}

// What runs beside invocations, with a context that is none of theirs, is no reason
// to trace: on Managed Instances the header is in the contexts only.
func TestSamplerBesideInvocations(t *testing.T) {
	sample := func(s sdktrace.Sampler, header string, kind trace.SpanKind) bool {
		ctx := t.Context()
		if header != "" {
			//lint:ignore SA1029 the plain string key is aws-lambda-go's
			ctx = propagator.Lambda{}.Extract(context.WithValue(ctx, "x-amzn-trace-id", header), nil)
		}
		r := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: ctx, TraceID: trace.TraceID{9}, Kind: kind})
		return r.Decision == sdktrace.RecordAndSample
	}
	for _, c := range []struct {
		configured sdktrace.Sampler
		want       bool
	}{{nil, false}, {always, true}, {never, false}} {
		p := NewProcessor(&Exporter{}, WithLambda(true))
		s := p.Sampler(c.configured)
		if got := sample(s, "", trace.SpanKindInternal); got != (c.configured != never) {
			t.Errorf("%v: initialization sampled: %v", c.configured, got)
		}
		if p.invoked.Load() {
			t.Error("initialization is over before there was an invocation")
		}
		if sample(s, header+";Sampled=0", trace.SpanKindServer) {
			t.Error("sampled against the header")
		}
		if !p.invoked.Load() || !p.started.Load() {
			t.Error("an invocation that is not sampled was not noticed")
		}
		if got := sample(s, "", trace.SpanKindInternal); got != c.want {
			t.Errorf("%v: beside invocations sampled: %v", c.configured, got)
		}
		if !sample(s, header+";Sampled=1", trace.SpanKindServer) {
			t.Error("not sampled against the header")
		}
	}

	// What is sampled has the cold start when it starts, not before.
	p := NewProcessor(&Exporter{}, WithLambda(true))
	sample(p.Sampler(nil), header+";Sampled=1", trace.SpanKindServer)
	sample(p.Sampler(nil), header+";Sampled=0", trace.SpanKindInternal)
	if p.started.Load() {
		t.Error("the cold start is taken")
	}
}
