package lambdaxray

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

const header = "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8"

func TestSamplerFromEnv(t *testing.T) {
	for _, c := range []struct {
		name, arg, want string
		reports         int
	}{
		{"", "0.5", "", 0},
		{"always_on", "", "AlwaysOnSampler", 0},
		{" ALWAYS_OFF ", "", "AlwaysOffSampler", 0},
		{"traceidratio", "0.25", "TraceIDRatioBased{0.25}", 0},
		{"traceidratio", "0", "TraceIDRatioBased{0}", 0},
		{"traceidratio", "1", "TraceIDRatioBased{1}", 0},
		{"traceidratio", "-0.1", "TraceIDRatioBased{1}", 1},
		{"traceidratio", "", "TraceIDRatioBased{1}", 0},
		{"traceidratio", "2", "TraceIDRatioBased{1}", 1},
		{"traceidratio", "NaN", "TraceIDRatioBased{1}", 1},
		{"traceidratio", "half", "TraceIDRatioBased{1}", 1},
		{"parentbased_always_off", "", sdktrace.ParentBased(sdktrace.NeverSample()).Description(), 0},
		{"parentbased_traceidratio", "0.5", sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0.5)).Description(), 0},
		{"xray", "endpoint=http://localhost:2000", "", 1},
		{"parentbased_", "", "", 1},
	} {
		t.Run(c.name+" "+c.arg, func(t *testing.T) {
			t.Setenv("OTEL_TRACES_SAMPLER", c.name)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", c.arg)
			var reports []error
			before := otel.GetErrorHandler()
			defer otel.SetErrorHandler(before)
			otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reports = append(reports, err) }))
			got := ""
			if s, _ := samplerFromEnv(); s != nil {
				got = s.Description()
			}
			// Once, though the SDK reads the variables as well.
			provider, err := NewTracerProvider(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = provider.Shutdown(context.Background()) }()
			if now := os.Getenv("OTEL_TRACES_SAMPLER"); now != c.name {
				t.Errorf("the variable is %q now", now)
			}
			if got != c.want || len(reports) != c.reports {
				t.Errorf("%q and %v, want %q and %d reports", got, reports, c.want, c.reports)
			}
			if c.reports > 0 && !strings.Contains(fmt.Sprint(reports), "OTEL_TRACES_SAMPLER") {
				t.Errorf("%v names no variable", reports)
			}
			if c.name == "xray" && !strings.Contains(fmt.Sprint(reports), "the platform samples") {
				t.Errorf("%v does not say who samples", reports)
			}
		})
	}
}

func TestResource(t *testing.T) {
	for _, name := range []string{"OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders")
	before := otel.GetErrorHandler()
	defer otel.SetErrorHandler(before)
	var reports []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reports = append(reports, err) }))
	want := func(key, value string) {
		t.Helper()
		extra := resource.NewWithAttributes("https://example.com/other", attribute.String("team", "orders"), attribute.String("cloud.region", "mars"))
		r, err := newResource(t.Context(), extra)
		if (err != nil) != strings.Contains(os.Getenv("OTEL_RESOURCE_ATTRIBUTES"), "oops") {
			t.Errorf("error %v", err)
		}
		v, _ := r.Set().Value(attribute.Key(key))
		if got := v.String(); got != value {
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
	want("faas.name", "orders")
	want("cloud.platform", "aws_lambda")
	want("service.name", "orders")
	want("aws.log.group.names", `["/aws/lambda/orders"]`)
	want("telemetry.sdk.language", "go")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop,service.version=3")
	want("service.name", "shop")
	want("service.version", "3")
	t.Setenv("OTEL_SERVICE_NAME", "store")
	want("service.name", "store")
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "")
	want("faas.name", "")
	want("cloud.platform", "")
	want("team", "orders")
	want("cloud.region", "mars")

	// What is wrong costs that and not all of it.
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "oops,service.version=3")
	want("service.name", "store")
	want("service.version", "3")
	want("telemetry.sdk.language", "go")
	if _, err := newResource(t.Context(), resource.NewSchemaless(attribute.String("team", "orders"))); err == nil {
		t.Error("no error about the variable")
	}
	if len(reports) > 0 { // neither one version of the conventions nor two are a fault
		t.Errorf("reports %v", reports)
	}
	provider, err := NewTracerProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = provider.Shutdown(t.Context())
	if len(reports) != 1 || !strings.Contains(reports[0].Error(), "OTEL_RESOURCE_ATTRIBUTES") {
		t.Errorf("reports %v", reports)
	}
}

func TestBadSettings(t *testing.T) {
	before := otel.GetErrorHandler()
	defer otel.SetErrorHandler(before)
	for _, c := range []struct {
		name, value string
		want        int
	}{
		{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many", 1},
		{"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "1.5", 1},
		{"OTEL_SPAN_EVENT_COUNT_LIMIT", " 7 ", 0},
		{"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1", 0},
		{"OTEL_SDK_DISABLED", "1", 1},
		{"OTEL_SDK_DISABLED", "False", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.name, c.value)
			var reports []error
			otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reports = append(reports, err) }))
			provider, err := NewTracerProvider(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_ = provider.Shutdown(t.Context())
			if len(reports) != c.want || c.want > 0 && !strings.Contains(reports[0].Error(), c.name) {
				t.Errorf("%s reports %v, want %d", c.value, reports, c.want)
			}
		})
	}
}

func TestGlobalPropagator(t *testing.T) {
	const lineage = ";Lineage=a87bd80c:1"
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", header+";Sampled=1"+lineage)
	ctx = propagator.Lambda{}.Extract(ctx, nil)
	ctx, span := sdktrace.NewTracerProvider().Tracer("").Start(ctx, "function")
	current := span.SpanContext()

	carrier := propagation.MapCarrier{}
	inProcess{}.Inject(ctx, carrier)
	if want := "Root=1-581cf771-a006649127e371903a2de979;Parent=" + current.SpanID().String() + ";Sampled=1" + lineage; carrier["X-Amzn-Trace-Id"] != want {
		t.Errorf("sent     %s\nwant %s", carrier["X-Amzn-Trace-Id"], want)
	}
	for name, c := range map[string]struct {
		carrier propagation.MapCarrier
		stays   bool
	}{
		"no header":         {propagation.MapCarrier{}, true},
		"the gateway's":     {propagation.MapCarrier{"X-Amzn-Trace-Id": "Root=1-581cf771-a006649127e371903a2de979;Parent=0000000000000001;Sampled=1"}, true},
		"Root-only":         {propagation.MapCarrier{"X-Amzn-Trace-Id": "Root=1-581cf771-a006649127e371903a2de979"}, true},
		"of another trace":  {propagation.MapCarrier{"X-Amzn-Trace-Id": "Root=1-581cf772-a006649127e371903a2de979;Parent=0000000000000001;Sampled=1"}, false},
		"garbage is no one": {propagation.MapCarrier{"X-Amzn-Trace-Id": "garbage"}, true},
	} {
		got := trace.SpanContextFromContext(inProcess{}.Extract(ctx, c.carrier))
		if stays := got.Equal(current); stays != c.stays {
			t.Errorf("%s: span context %v", name, got)
		}
	}
	if fields := (inProcess{}).Fields(); !slices.Equal(fields, []string{"X-Amzn-Trace-Id"}) {
		t.Errorf("fields %v", fields)
	}
}
