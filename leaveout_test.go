package lambdaxray_test

import (
	"bytes"
	"context"
	"log"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

// provide returns a provider of lambdaxray's that records as well.
func provide(t *testing.T, opts ...lambdaxray.Option) (*sdktrace.TracerProvider, *tracetest.SpanRecorder) {
	t.Helper()
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", unused(t))
	recorder := tracetest.NewSpanRecorder()
	provider, err := lambdaxray.NewTracerProvider(t.Context(), append(opts, lambdaxray.WithProviderOptions(sdktrace.WithSpanProcessor(recorder)))...)
	if err != nil {
		t.Fatal(err)
	}
	handled(t) // there is no daemon
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider, recorder
}

func TestWithoutHosts(t *testing.T) {
	provider, recorder := provide(t, lambdaxray.WithoutHosts("*.Internal.example.com", "metrics"))
	tracer := provider.Tracer("test")
	ctx, parent := tracer.Start(t.Context(), "function", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("server.address", "metrics")))
	for _, c := range []struct {
		attr attribute.KeyValue
		kind trace.SpanKind
		want bool
	}{
		{attribute.String("server.address", "a.internal.example.com"), trace.SpanKindClient, false},
		{attribute.String("server.address", "METRICS"), trace.SpanKindClient, false},
		{attribute.String("url.full", "https://ada@b.internal.example.com:8443/x"), trace.SpanKindClient, false},
		{attribute.String("net.peer.name", "metrics"), trace.SpanKindClient, false},
		{attribute.String("server.address", "metrics"), trace.SpanKindProducer, true},
		{attribute.String("server.address", "internal.example.com"), trace.SpanKindClient, true},
		{attribute.Int("server.address", 1), trace.SpanKindClient, true},
		{attribute.String("peer.service", "metrics"), trace.SpanKindClient, true},
	} {
		before := len(recorder.Ended())
		inner, span := tracer.Start(ctx, "GET", trace.WithSpanKind(c.kind), trace.WithAttributes(c.attr))
		_, below := tracer.Start(inner, "below")
		below.End()
		span.End()
		if got := len(recorder.Ended()) > before; got != c.want {
			t.Errorf("%v of kind %v is recorded: %t", c.attr, c.kind, got)
		}
	}
	parent.End()
	if ended := recorder.Ended(); ended[len(ended)-1].Name() != "function" {
		t.Error("the function span is left out")
	}
}

func TestWithoutPaths(t *testing.T) {
	provider, recorder := provide(t, lambdaxray.WithoutPaths("/prod/orders/*"))
	handler := func(ctx context.Context) error {
		_, call := provider.Tracer("test").Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("url.path", "/prod/orders/7")))
		call.End()
		return lambdaxray.Capture(ctx, "inner", func(context.Context) error { return nil })
	}
	h := lambdaxray.WrapHandler(handler, lambdaxray.WithTracerProvider(provider))
	for event, want := range map[string]int{"apigateway_v1": 0, "alb": 3, "sqs": 3} {
		before := len(recorder.Ended())
		if _, err := h.Invoke(invocationContext(t, active), fixture(t, event)); err != nil {
			t.Fatal(err)
		}
		if got := len(recorder.Ended()) - before; got != want {
			t.Errorf("%s: %d spans, want %d", event, got, want)
		}
	}
}

// asked records what a sampler is asked.
type asked struct {
	sdktrace.Sampler
	attrs map[string]any
	kind  trace.SpanKind
	links int
}

func (a *asked) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	a.attrs, a.kind, a.links = attributes(p.Attributes), p.Kind, len(p.Links)
	return a.Sampler.ShouldSample(p)
}

// The conventions want what a sampler may go by to be there when it is asked.
//
// Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
func TestSamplerSeesTheRequest(t *testing.T) {
	sampler := &asked{Sampler: sdktrace.AlwaysSample()}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))
	h := lambdaxray.WrapHandler(func() {}, lambdaxray.WithTracerProvider(provider))
	_, _ = h.Invoke(invocationContext(t, active), fixture(t, "apigateway_v1"))
	for key, want := range map[string]any{
		"http.request.method": "POST", "url.path": "/prod/orders/7", "url.scheme": "https", "http.route": "/orders/{id}",
		"server.address": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "client.address": "203.0.113.7",
		"user_agent.original": "curl/8.5.0", "faas.trigger": "http", "faas.coldstart": true,
	} {
		if sampler.attrs[key] != want {
			t.Errorf("%s is %v, want %v", key, sampler.attrs[key], want)
		}
	}
	_, _ = h.Invoke(invocationContext(t, active), fixture(t, "sqs"))
	if sampler.kind != trace.SpanKindConsumer || sampler.links != 2 {
		t.Errorf("kind %v, %d links", sampler.kind, sampler.links)
	}
}

// A sampler of the user's own may overrule the header; then nothing is missing.
func TestHeaderOverruled(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample()), sdktrace.WithSpanProcessor(recorder))
	h := lambdaxray.WrapHandler(func(context.Context) {}, lambdaxray.WithTracerProvider(provider))
	for _, event := range []string{"apigateway_v1", "sqs"} {
		_, _ = h.Invoke(invocationContext(t, passed), fixture(t, event))
	}
	ended := recorder.Ended()
	if got := attributes(ended[0].Attributes()); got["http.request.method"] != "POST" || got["faas.invocation_id"] == nil {
		t.Errorf("attributes %v", got)
	}
	if len(ended[1].Links()) != 2 {
		t.Errorf("links %v", ended[1].Links())
	}
}

// That a decided header comes before OTEL_TRACES_SAMPLER is said once, to those who
// look for it.
func TestOverruledSamplerIsSaid(t *testing.T) {
	var out bytes.Buffer
	log.SetOutput(&out)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "DEBUG")
	without, _ := provide(t, lambdaxray.WithSampler(sdktrace.AlwaysSample()))
	_, _ = lambdaxray.WrapHandler(func() {}, lambdaxray.WithTracerProvider(without)).Invoke(invocationContext(t, active), []byte(`{}`))
	if out.Len() > 0 {
		t.Errorf("said without the variable: %s", out.String())
	}
	t.Setenv("OTEL_TRACES_SAMPLER", "always_on")
	provider, recorder := provide(t)
	h := lambdaxray.WrapHandler(func() {}, lambdaxray.WithTracerProvider(provider))
	for _, header := range []string{"", "Root=" + rootID, passed, passed, active} {
		_, _ = h.Invoke(invocationContext(t, header), []byte(`{}`))
	}
	if n := strings.Count(out.String(), "OTEL_TRACES_SAMPLER"); n != 1 || !strings.Contains(out.String(), "Sampled=0") {
		t.Errorf("said %d times: %s", n, out.String())
	}
	if n := len(recorder.Ended()); n != 3 {
		t.Errorf("%d spans", n)
	}
	out.Reset()
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
	provider, _ = provide(t)
	_, _ = lambdaxray.WrapHandler(func() {}, lambdaxray.WithTracerProvider(provider)).Invoke(invocationContext(t, active), []byte(`{}`))
	if out.Len() > 0 {
		t.Errorf("said at level INFO: %s", out.String())
	}
}
