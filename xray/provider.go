package xray

import (
	"context"
	"fmt"
	"os"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/internal/plugins"
)

// scope is the instrumentation scope of all spans of this package.
const scope = "github.com/lambdaxray/lambdaxray/xray"

// tracerOf returns a tracer of the provider that records the span in ctx, and else
// of the program's.
func tracerOf(ctx context.Context) trace.Tracer {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		return span.TracerProvider().Tracer(scope)
	}
	return provider().Tracer(scope)
}

var own struct {
	once     sync.Once
	provider trace.TracerProvider
}

// provider returns the global provider if the program has set one, and else one
// that sends to the X-Ray daemon, which then is the global one: so that spans of
// OpenTelemetry's API and segments of this package are in one trace.
func provider() trace.TracerProvider {
	p := otel.GetTracerProvider()
	if _, ok := p.(*sdktrace.TracerProvider); ok || fmt.Sprintf("%T", p) != "*global.tracerProvider" {
		return p
	}
	own.once.Do(func() {
		p, err := newProvider()
		if err != nil {
			logger.Errorf("nothing is traced: %v", err)
			own.provider = otel.GetTracerProvider()
			return
		}
		own.provider = p
		otel.SetTracerProvider(p)
		if len(otel.GetTextMapPropagator().Fields()) == 0 {
			otel.SetTextMapPropagator(propagator.XRay{})
		}
	})
	return own.provider
}

func newProvider() (*sdktrace.TracerProvider, error) {
	output.use(current().daemon)
	e, err := exporter.New(exporter.WithEmitter(output))
	if err != nil {
		return nil, err
	}
	opts := []lambdaxray.Option{
		lambdaxray.WithExporter(e),
		lambdaxray.WithResource(newResource(current().version(), plugins.Read())),
	}
	if !inLambda() && os.Getenv("OTEL_TRACES_SAMPLER") == "" {
		// In place of lambdaxray's, which asks Lambda's header first.
		opts = append(opts, lambdaxray.WithSampler(newSampler()))
	}
	return lambdaxray.NewTracerProvider(context.Background(), opts...)
}

// newResource describes the process as the plugins and Configure know it.
func newResource(version string, m plugins.Metadata) *resource.Resource {
	w := &writer{}
	if v := os.Getenv("OTEL_RESOURCE_ATTRIBUTES"); v == "" {
		w.text("service.version", version)
	}
	switch m.Origin {
	case originEC2:
		w.text("cloud.platform", "aws_ec2")
	case originECS:
		w.text("cloud.platform", "aws_ecs")
	case originBeanstalk:
		w.text("cloud.platform", "aws_elastic_beanstalk")
	}
	if m.EC2 != nil {
		w.text("host.id", m.EC2.InstanceID)
		w.text("cloud.availability_zone", m.EC2.AvailabilityZone)
	}
	if m.ECS != nil {
		w.text("container.name", m.ECS.Container)
	}
	if b := m.Beanstalk; b != nil {
		w.text("service.namespace", b.Environment)
		w.text("service.instance.id", fmt.Sprint(b.DeploymentID))
		if version == "" {
			w.text("service.version", b.VersionLabel)
		}
	}
	if m.Origin != "" {
		w.text("cloud.provider", "aws")
	}
	return resource.NewSchemaless(w.attrs...)
}

// What the plugins call the place they find, and X-Ray the type of the node.
const (
	originEC2       = "AWS::EC2::Instance"
	originECS       = "AWS::ECS::Container"
	originBeanstalk = "AWS::ElasticBeanstalk::Environment"
)

func origin() string { return plugins.Read().Origin }

type decidedKey struct{}

// withDecision tells [rules] that the sampling strategy has decided for the span
// that starts in ctx.
func withDecision(ctx context.Context) context.Context {
	return context.WithValue(ctx, decidedKey{}, true)
}

// rules is the sampler outside Lambda: a span below another one follows it, a
// segment of this package has been decided about, and of other roots X-Ray's
// sampling rules decide.
type rules struct {
	follow sdktrace.Sampler
	always sdktrace.Sampler
}

func newSampler() sdktrace.Sampler {
	return rules{follow: sdktrace.ParentBased(rootSampler{}), always: sdktrace.AlwaysSample()}
}

func (r rules) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	if decided := p.ParentContext.Value(decidedKey{}) != nil; decided && (!parent.IsValid() || parent.IsRemote()) {
		return r.always.ShouldSample(p)
	}
	return r.follow.ShouldSample(p)
}

func (r rules) Description() string { return "XRaySDK{" + r.follow.Description() + "}" }

// attr returns the text of the first attribute that there is.
func attr(attrs []attribute.KeyValue, keys ...attribute.Key) string {
	for _, key := range keys {
		for _, kv := range attrs {
			if kv.Key == key {
				return kv.Value.String()
			}
		}
	}
	return ""
}
