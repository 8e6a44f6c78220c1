package lambdaxray_test

import (
	"context"
	"log"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func init() {
	// A provider as a program without lambdaxray has it: no word of Lambda in it.
	functions["own provider"] = func() {
		e, err := exporter.New()
		if err != nil {
			log.Fatal(err)
		}
		p := exporter.NewProcessor(e)
		otel.SetTracerProvider(sdktrace.NewTracerProvider(
			sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"))),
			sdktrace.WithSampler(p.Sampler(nil)), sdktrace.WithSpanProcessor(p)))
		lambda.Start(lambdaxray.WrapHandler(beside))
	}
	functions["beside"] = func() { lambdaxray.Start(beside) }
}

// beside starts spans with contexts that are not its own.
func beside(ctx context.Context, in request) error {
	switch in.Do {
	case "lose": // a helper that has no ctx
		ctx, span := otel.Tracer("helper").Start(context.Background(), "look up")
		_, child := otel.Tracer("helper").Start(ctx, "read")
		child.End()
		span.End()
	case "leave open":
		ctx, _ := otel.Tracer("helper").Start(ctx, "stream")
		_, child := otel.Tracer("helper").Start(ctx, "read")
		child.End()
	case "refresh": // in the background, after the invocation that began it
		go func() {
			for range in.N {
				_, span := otel.Tracer("background").Start(context.Background(), "refresh")
				span.End()
			}
			_ = os.WriteFile(in.Name, nil, 0o644)
		}()
	case "await":
		for {
			if _, err := os.Stat(in.Name); err == nil {
				return nil
			}
		}
	}
	return nil
}

func TestProviderOfOnesOwn(t *testing.T) {
	p := startFunction(t, "own provider", xraytest.Function{})
	for _, cold := range []bool{true, false} {
		p.event(active, `{}`)
		d := p.document()
		if d.Type != "subsegment" || d.ParentID != parentID || d.TraceID != rootID {
			t.Errorf("%q beneath %s in %s", d.Type, d.ParentID, d.TraceID)
		}
		if d.Annotations["ColdStart"] != cold || d.AWS["request_id"] == nil {
			t.Errorf("annotations %v, aws %v", d.Annotations, d.AWS)
		}
	}
	p.event("Root="+rootID+";Lineage=a87bd80c:1", `{}`) // undecided: no
	p.event(passed, `{}`)
	p.quiet()
	p.event("", `{}`) // nobody else writes a segment
	d := p.document()
	if d.Origin != "AWS::Lambda::Function" || d.Name != "orders" || d.AWS["request_id"] == nil {
		t.Errorf("%s of %s, aws %v", d.Name, d.Origin, d.AWS)
	}
}

func TestLostContext(t *testing.T) {
	for _, function := range []string{"beside", "own provider"} {
		p := startFunction(t, function, xraytest.Function{})
		p.event(active, `{"do":"lose"}`)
		d := p.document()
		if d.TraceID != rootID || d.ParentID != parentID {
			t.Errorf("%s: in %s beneath %s", function, d.TraceID, d.ParentID)
		}
		lost := find(t, []*segment.Document{d}, "look up")
		find(t, []*segment.Document{lost}, "read")
		if id, _ := lost.Metadata["default"]["otel.trace.id"].(string); len(id) != 32 {
			t.Errorf("%s: the trace it had is %q", function, id)
		}
		for ctx := p.context(); !strings.Contains(p.output.String(), `"look up" lost its context`); {
			if ctx.Err() != nil {
				t.Fatalf("%s does not say so", function)
			}
		}
		p.quiet()
	}
}

func TestOpenAtTheEnd(t *testing.T) {
	p := startFunction(t, "beside", xraytest.Function{})
	p.event(active, `{"do":"leave open"}`)
	d := p.document()
	open := find(t, []*segment.Document{d}, "stream")
	if d.InProgress || !open.InProgress || open.EndTime != "" {
		t.Errorf("in progress: function %t, stream %t", d.InProgress, open.InProgress)
	}
	if read := find(t, []*segment.Document{open}, "read"); read.InProgress {
		t.Error("what has finished is in progress")
	}
	p.quiet()
}

// On Managed Instances the header is in the invocations' contexts only, and most
// invocations are not sampled.
func TestBesideInvocations(t *testing.T) {
	p := startFunction(t, "beside", xraytest.Function{InitializationType: "lambda-managed-instances", MaxConcurrency: 2})
	file := t.TempDir() + "/done"
	p.event(passed, `{"do":"refresh","n":1000,"name":"`+file+`"}`)
	p.event(passed, `{"do":"await","name":"`+file+`"}`)
	p.event(active, `{}`)
	d := p.document()
	if len(d.Subsegments) > 0 || d.Name != "orders" {
		t.Errorf("%s with %d subsegments", d.Name, len(d.Subsegments))
	}
	p.quiet()
}
