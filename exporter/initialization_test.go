package exporter_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func seconds(t testing.TB, n json.Number) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBeforeFirstInvocation(t *testing.T) {
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:orders"
	now := time.Now().Truncate(time.Second)
	at := float64(now.Unix())
	start := func(p *pipeline, own bool) trace.Span {
		ctx := ownContext()
		if !own {
			ctx = activeContext()
		}
		_, f := p.function(ctx, trace.WithTimestamp(now),
			trace.WithAttributes(attribute.String("aws.lambda.invoked_arn", arn)))
		f.End(trace.WithTimestamp(now.Add(time.Second)))
		return f
	}
	initialize := func(p *pipeline) {
		ctx := t.Context()
		at := func(d time.Duration) trace.SpanEventOption { return trace.WithTimestamp(now.Add(d)) }
		ctx, s := p.tracer.Start(ctx, "open database", at(-2*time.Second))
		_, c := p.tracer.Start(ctx, "connect", at(-1900*time.Millisecond))
		c.End(at(-1800 * time.Millisecond))
		s.End(at(-1 * time.Second))
	}

	t.Run("own_segment", func(t *testing.T) {
		p := newPipeline(t, exporter.WithProcessStart(now.Add(-3*time.Second)))
		initialize(p)
		if p.emitter.emits > 0 {
			t.Error("sent before there is a trace")
		}
		f := start(p, true)
		docs := wantOutline(t, p, "segment orders(Initialization(open database(connect)))")
		part := find(t, docs, "Initialization")
		if want := mapping.DeriveID(f.SpanContext().SpanID(), "Initialization").String(); part.ID != want {
			t.Errorf("id %s, want %s", part.ID, want)
		}
		from, to := seconds(t, part.StartTime), seconds(t, part.EndTime)
		if from != at-3 || to > at || to < at-0.1 {
			t.Errorf("from %v to %v", from, to)
		}
		if part.AWS["function_arn"] != arn {
			t.Errorf("%v", part.AWS)
		}
		if d := find(t, docs, "connect"); seconds(t, d.StartTime) != at-1.9 {
			t.Errorf("connect starts at %v", d.StartTime)
		}

		// Once.
		start(p, true)
		wantOutline(t, p, "segment orders")
	})

	t.Run("platform_segment", func(t *testing.T) {
		p := newPipeline(t)
		initialize(p)
		start(p, false)
		docs := wantOutline(t, p, "subsegment init(open database(connect))", "subsegment orders")
		part := find(t, docs, "init")
		if part.ParentID != activeParent.String() || part.TraceID != segment.TraceID(activeTrace) {
			t.Errorf("in %s beneath %s", part.TraceID, part.ParentID)
		}
		if from, to := seconds(t, part.StartTime), seconds(t, part.EndTime); from != at-2 || to != at-1 {
			t.Errorf("from %v to %v", from, to)
		}
	})

	t.Run("nothing_made", func(t *testing.T) {
		p := newPipeline(t)
		start(p, true)
		wantOutline(t, p, "segment orders(Initialization)")
		p = newPipeline(t)
		start(p, false)
		wantOutline(t, p, "subsegment orders")
	})

	t.Run("long_before", func(t *testing.T) {
		// Provisioned: the first request comes hours later.
		t.Setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")
		p := newPipeline(t)
		start(p, true)
		wantOutline(t, p, "segment orders")
		p = newPipeline(t)
		initialize(p)
		start(p, true)
		docs := wantOutline(t, p, "segment orders(Initialization(open database(connect)))")
		if to := seconds(t, find(t, docs, "Initialization").EndTime); to != at-1 {
			t.Errorf("to %v", to)
		}
	})

	t.Run("still_open", func(t *testing.T) {
		p := newPipeline(t)
		ctx, s := p.tracer.Start(t.Context(), "background")
		p.span(ctx, "child")
		start(p, false)
		wantOutline(t, p, "subsegment orders")
		s.End()
		start(p, false)
		docs := wantOutline(t, p, "subsegment orders", "segment orders(child)")
		if docs[0].TraceID == docs[1].TraceID {
			t.Error("what ends later is not in its own trace")
		}
	})

	t.Run("child_outlives_root", func(t *testing.T) {
		p := newPipeline(t)
		ctx, s := p.tracer.Start(t.Context(), "root")
		_, c := p.tracer.Start(ctx, "child")
		s.End()
		c.End()
		start(p, false)
		wantOutline(t, p, "subsegment init(root(child))", "subsegment orders")
	})

	t.Run("force_flush", func(t *testing.T) {
		p := newPipeline(t)
		initialize(p)
		if err := p.processor.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		start(p, false)
		wantOutline(t, p, "subsegment init(open database(connect))", "subsegment orders")
	})

	t.Run("documented_maximum", func(t *testing.T) {
		errs := handled(t)
		p := newPipeline(t)
		ctx, s := p.tracer.Start(t.Context(), "root")
		for range 510 {
			p.span(ctx, "child")
		}
		s.End()
		for range 2 {
			p.span(t.Context(), "another")
		}
		if got := p.exporter.Stats().LostSpans; got != 1 {
			t.Errorf("%d lost", got)
		}
		start(p, false)
		n := 0
		for _, d := range p.emitter.take(t) {
			n += count(d, "child") + count(d, "root") + count(d, "another")
		}
		if n != 512 {
			t.Errorf("%d kept", n)
		}
		start(p, false)
		if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), "spans of initialization lost: 1 above") { // once
			t.Errorf("reports %v", got)
		}
	})
}

func TestColdStart(t *testing.T) {
	for kind, cold := range map[string]bool{
		"":                         true,
		"on-demand":                true,
		"snap-start":               true,
		"provisioned-concurrency":  false,
		"lambda-managed-instances": false,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
			p := newPipeline(t)
			for i := range 3 {
				_, f := p.function(activeContext())
				f.End()
				doc := find(t, p.emitter.take(t), "orders")
				if got, want := doc.Annotations["ColdStart"], cold && i == 0; got != want {
					t.Errorf("invocation %d: ColdStart %v, want %v", i, got, want)
				}
			}
		})
	}
	t.Run("already_there", func(t *testing.T) {
		p := newPipeline(t)
		_, f := p.function(ownContext(),
			trace.WithAttributes(attribute.Bool("faas.coldstart", false)))
		f.End()
		docs := wantOutline(t, p, "segment orders") // warm: no Initialization
		if got := docs[0].Annotations["ColdStart"]; got != false {
			t.Errorf("ColdStart %v", got)
		}
		if s := fmt.Sprint(docs[0].Metadata); strings.Contains(s, "coldstart") {
			t.Errorf("written twice: %s", s)
		}
	})
}
