package exporter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// setFunction is Lambda's environment.
func setFunction(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME":        "orders",
		"AWS_LAMBDA_FUNCTION_VERSION":     "7",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/orders",
		"AWS_LAMBDA_LOG_STREAM_NAME":      "2026/11/25/[7]abc",
		"AWS_REGION":                      "eu-west-1",
	} {
		t.Setenv(name, value)
	}
}

// A provider of the user's own has a resource that does not say where it runs.
func TestProviderWithoutDetector(t *testing.T) {
	setFunction(t)
	for name, res := range map[string]*resource.Resource{
		"empty":            resource.Empty(),
		"a service":        resource.NewSchemaless(attribute.String("service.name", "shop")),
		"another platform": resource.NewSchemaless(attribute.String("cloud.platform", "aws_ecs"), attribute.String("service.name", "shop")),
		"another region":   resource.NewSchemaless(attribute.String("cloud.region", "mars")),
	} {
		t.Run(name, func(t *testing.T) {
			p := &pipeline{emitter: &recorder{}}
			p.start(t, res, p.emitter)
			invocation := trace.WithAttributes(attribute.String("faas.invocation_id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"))

			_, f := p.function(ownContext(), invocation)
			f.End()
			docs := wantOutline(t, p, "segment orders(Initialization)")
			d := docs[0]
			if d.Origin != "AWS::Lambda::Function" || d.Annotations["ColdStart"] != true {
				t.Errorf("origin %q, annotations %v", d.Origin, d.Annotations)
			}
			if got := d.AWS["request_id"]; got != "8476a536-e9f4-11e8-9739-2dfe598c3fcd" {
				t.Errorf("request id %v", got)
			}
			if got := fmt.Sprint(d.AWS["cloudwatch_logs"]); !strings.Contains(got, "/aws/lambda/orders") {
				t.Errorf("log groups %v", got)
			}
			if name == "another region" {
				if got := fmt.Sprint(d); !strings.Contains(string(mustJSON(t, d)), "mars") {
					t.Errorf("the resource's own region is gone: %s", got)
				}
			}

			// With active tracing: one subsegment, no second node.
			ctx, f := p.function(activeContext(), invocation)
			p.span(ctx, "child")
			f.End()
			d = wantOutline(t, p, "subsegment orders(child)")[0]
			if d.ParentID != activeParent.String() || d.Annotations["ColdStart"] != false || d.AWS["request_id"] == nil {
				t.Errorf("beneath %s, annotations %v, aws %v", d.ParentID, d.Annotations, d.AWS)
			}
		})
	}

	// The same without the Processor: what the SDK's batch processor gives.
	em := &recorder{}
	e := newExporter(t, em)
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: activeTrace, SpanID: activeParent, Remote: true})
	stub := tracetest.SpanStub{
		Name: "orders", SpanKind: trace.SpanKindServer, Parent: parent, SpanContext: parent.WithSpanID(trace.SpanID{1}),
		StartTime: time.Now(), EndTime: time.Now(), Resource: resource.Empty(),
	}
	if err := e.ExportSpans(t.Context(), tracetest.SpanStubs{stub}.Snapshots()); err != nil {
		t.Fatal(err)
	}
	if got := outline(em.take(t)); len(got) != 1 || got[0] != "subsegment orders" {
		t.Errorf("without a Processor: %v", got)
	}
}

// A web server behind Lambda Web Adapter: the header is in its requests only, and
// the span says what becomes of it.
func TestBehindWebAdapter(t *testing.T) {
	header := propagator.Header{Root: activeTrace, Parent: activeParent, Sampled: propagator.SamplingYes}
	request := func(h propagator.Header) context.Context {
		return propagator.ContextWithHeader(context.Background(), h)
	}
	other := trace.TraceID{1}
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		segment bool
		link    bool
	}{
		{name: "another propagator took the header", ctx: withRemote(t.Context(), activeTrace, activeParent)},
		{name: "ours took it", ctx: withRemote(request(header), activeTrace, activeParent)},
		{name: "a traceparent came first", ctx: withRemote(request(header), other, activeParent), segment: true, link: true},
		{name: "the header says no", ctx: withRemote(request(propagator.Header{Root: activeTrace, Parent: activeParent, Sampled: propagator.SamplingNo}), activeTrace, activeParent), segment: true},
		{name: "nothing came", ctx: t.Context(), segment: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setFunction(t)
			p := &pipeline{emitter: &recorder{}}
			p.start(t, resource.Empty(), p.emitter)
			ctx, s := p.tracer.Start(tt.ctx, "GET /orders", trace.WithSpanKind(trace.SpanKindServer))
			p.span(ctx, "child")
			s.End()
			d := p.emitter.take(t)[0]
			if got := d.Type == ""; got != tt.segment {
				t.Errorf("segment: %v", got)
			}
			if got := len(d.Links) > 0; got != tt.link {
				t.Errorf("links %v", d.Links)
			}
		})
	}

	// Outside Lambda nobody else writes a segment.
	p := &pipeline{emitter: &recorder{}}
	p.start(t, lambdaResource(), p.emitter, exporter.WithLambda(false))
	_, f := p.function(withRemote(t.Context(), activeTrace, activeParent))
	f.End()
	wantOutline(t, p, "segment orders")
}

func TestUnreadableHeaderIsNoLink(t *testing.T) {
	p := newPipeline(t)
	_, f := p.function(withHeader(t.Context(), "Root=1-oops;Parent=53995c3f42cd8ad8;Sampled=1"))
	f.End()
	if d := find(t, p.emitter.take(t), "orders"); len(d.Links) > 0 {
		t.Errorf("%v", d.Links)
	}
}

// Hours lie between initialization and the first invocation: the trace is not made
// as long, and nothing is lost.
func TestInitializationLongBefore(t *testing.T) {
	for _, own := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := newPipeline(t)
			ctx, s := p.tracer.Start(t.Context(), "open database")
			time.Sleep(100 * time.Millisecond)
			_, c := p.tracer.Start(ctx, "connect")
			time.Sleep(time.Second)
			c.End()
			s.End()
			time.Sleep(3 * time.Hour)
			p.span(t.Context(), "refresh")
			time.Sleep(time.Minute)

			ctx, want := activeContext(), []string{"subsegment init(refresh)", "subsegment orders"}
			if own {
				ctx, want = ownContext(), []string{"segment orders(Initialization(refresh))"}
			}
			start := float64(time.Now().UnixMicro()) / 1e6
			_, f := p.function(ctx)
			f.End()
			docs := wantOutline(t, p, want...)
			for _, d := range docs {
				if from := seconds(t, d.StartTime); from < start-61 {
					t.Errorf("%s starts %v s before the invocation", d.Name, start-from)
				}
			}
			var got []string
			data, _ := json.Marshal(find(t, docs, "orders").Metadata["initialization"])
			var old struct {
				Spans []struct {
					Name             string
					Offset, Duration float64
				}
			}
			if err := json.Unmarshal(data, &old); err != nil {
				t.Fatal(err)
			}
			for _, s := range old.Spans {
				got = append(got, fmt.Sprintf("%s %.1f %.1f", s.Name, s.Offset, s.Duration))
			}
			if want := "[connect -10861.0 1.0 open database -10861.1 1.1]"; fmt.Sprint(got) != want {
				t.Errorf("got  %s\nwant %s", fmt.Sprint(got), want)
			}

			// Once.
			_, f = p.function(ctx)
			f.End()
			if d := find(t, p.emitter.take(t), "orders"); d.Metadata["initialization"] != nil {
				t.Errorf("again: %v", d.Metadata)
			}
		})
	}
}

// One that was open when its root ended, with a span beneath it, has no end.
func TestOpenInitializationLongBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, before := range []time.Duration{time.Second, time.Hour} {
			p := newPipeline(t)
			ctx, root := p.tracer.Start(t.Context(), "start")
			ctx, _ = p.tracer.Start(ctx, "open")
			p.span(ctx, "child")
			root.End()
			time.Sleep(before)
			_, f := p.function(activeContext())
			f.End()
			if before == time.Second {
				wantOutline(t, p, "subsegment init(start(open!(child)))", "subsegment orders")
				continue
			}
			d := wantOutline(t, p, "subsegment orders")[0]
			want := `{"spans":[{"duration":0,"name":"child","offset":-3600},{"duration":0,"name":"start","offset":-3600},{"duration":0,"name":"open","offset":-3600}]}`
			if got := string(mustJSON(t, d.Metadata["initialization"])); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}

// A container that waits an hour for its first request.
func TestProcessStartedLongBefore(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for before, want := range map[time.Duration]float64{
		59500 * time.Millisecond: 59.5,
		time.Minute + 1:          60, // the end is just before the function's start
		time.Minute + 2:          0,
		time.Hour:                0,
	} {
		p := newPipeline(t, exporter.WithProcessStart(now.Add(-before)))
		_, f := p.function(ownContext(), trace.WithTimestamp(now))
		f.End(trace.WithTimestamp(now.Add(time.Second)))
		d := find(t, wantOutline(t, p, "segment orders(Initialization)"), "Initialization")
		if got := float64(now.Unix()) - seconds(t, d.StartTime); math.Abs(got-want) > 0.001 {
			t.Errorf("started %v before: Initialization starts %v s before", before, got)
		}
	}
}

// The option says platform, but there is no parent: an own segment in every respect.
// At the deadline it goes out in progress, and then complete, each time with its
// Initialization.
func TestDeadlineOfPlatformWithoutParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipeline(t, exporter.WithFunctionSegment(mapping.FunctionSegmentPlatform))
		p.span(t.Context(), "connect")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, f := p.function(ctx)
		time.Sleep(time.Second)
		synctest.Wait()
		wantOutline(t, p, "segment orders!(Initialization(connect))")
		f.End()
		wantOutline(t, p, "segment orders(Initialization(connect))")
	})
}

// What is too old to be shown stays in the complete document as well.
func TestDeadlineWithOldInitialization(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipeline(t)
		p.span(t.Context(), "old")
		time.Sleep(time.Hour)
		p.span(t.Context(), "connect")
		ctx, cancel := context.WithTimeout(activeContext(), time.Second)
		defer cancel()
		_, f := p.function(ctx)
		time.Sleep(time.Second)
		synctest.Wait()
		docs := wantOutline(t, p, "subsegment init(connect)", "subsegment orders!")
		f.End()
		for _, docs := range [][]*document{docs, wantOutline(t, p, "subsegment orders")} {
			if d := find(t, docs, "orders"); d.Metadata["initialization"] == nil {
				t.Errorf("%v", d.Metadata)
			}
		}
	})
}

// On Managed Instances what runs beside invocations has no header, and is no
// initialization though no invocation was sampled yet.
func TestBesideInvocationsOnManagedInstances(t *testing.T) {
	setFunction(t)
	t.Setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "lambda-managed-instances")
	p := newSampledPipeline(t)
	p.span(t.Context(), "load config") // initialization
	_, f := p.function(extracted(strings.Replace(activeHeader, "Sampled=1", "Sampled=0", 1)))
	f.End()
	for range 1000 {
		p.span(t.Context(), "refresh")
	}
	_, f = p.function(extracted(activeHeader))
	f.End()
	wantOutline(t, p, "subsegment init(load config)", "subsegment orders")
	if s := p.exporter.Stats(); s.LostSpans > 0 {
		t.Errorf("%+v", s)
	}
}

// The cold start is the first invocation's, sampled or not.
func TestColdStartNotSampled(t *testing.T) {
	setFunction(t)
	p := newSampledPipeline(t)
	_, f := p.function(extracted(strings.Replace(activeHeader, "Sampled=1", "Sampled=0", 1)))
	f.End()
	_, f = p.function(extracted(activeHeader))
	f.End()
	if d := wantOutline(t, p, "subsegment orders")[0]; d.Annotations["ColdStart"] != false {
		t.Errorf("%v", d.Annotations)
	}
}
