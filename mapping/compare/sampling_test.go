package compare

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/daemoncfg"
	sdksampling "github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	//lint:ignore SA1019 removed upstream, but AWS's guide still imports it
	contrib "go.opentelemetry.io/contrib/samplers/aws/xray"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/exporter/sampling"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// elevenRules are an account's rules of which the last one matches GET /orders/42.
func elevenRules() *xraytest.SamplingRules {
	rules := []xraytest.SamplingRule{
		{HTTPMethod: "GET", URLPath: "/health"},
		{HTTPMethod: "GET", URLPath: "/metrics*"},
		{HTTPMethod: "POST", URLPath: "/orders"},
		{HTTPMethod: "GET", URLPath: "/orders/*/items"},
		{HTTPMethod: "*", URLPath: "/admin/*"},
		{HTTPMethod: "GET", Host: "internal.example.com"},
		{HTTPMethod: "DELETE"},
		{ServiceName: "orders", URLPath: "*.html"},
		{ServiceName: "ord*", Host: "*.example.org"},
		{ServiceName: "orders", Attributes: map[string]string{"tenant": "a*"}},
	}
	for i := range rules {
		rules[i].RuleName, rules[i].Priority = string(rune('a'+i)), i+1
	}
	rules = append(rules, xraytest.SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 1})
	return xraytest.NewSamplingRules(rules...)
}

// BenchmarkSampling decides about one request by eleven rules that came from
// X-Ray, the last of which matches.
func BenchmarkSampling(b *testing.B) {
	xray.SetLogger(xraylog.NullLogger)
	daemon := xraytest.NewDaemon(b, xraytest.WithSamplingRules(elevenRules()))
	parameters := sdktrace.SamplingParameters{
		ParentContext: context.Background(),
		TraceID:       trace.TraceID{1: 1, 8: 0xff}, // which 5 % would not take
		Name:          "GET /orders/{id}",
		Kind:          trace.SpanKindServer,
	}

	b.Run("impl=lambdaxray", func(b *testing.B) {
		s, err := sampling.New(resource.NewSchemaless(attribute.String("service.name", "orders")), sampling.WithDaemonAddress(daemon.Addr()))
		if err != nil {
			b.Fatal(err)
		}
		p := parameters
		p.Attributes = []attribute.KeyValue{ // as otelhttp v0.72 has them
			attribute.String("server.address", "api.example.com"),
			attribute.Int("server.port", 8080),
			attribute.String("http.request.method", "GET"),
			attribute.String("url.scheme", "http"),
			attribute.String("network.peer.address", "10.0.0.7"),
			attribute.Int("network.peer.port", 41234),
			attribute.String("user_agent.original", "curl/8.5.0"),
			attribute.String("url.path", "/orders/42"),
			attribute.String("network.protocol.version", "1.1"),
		}
		benchmarkSampler(b, func() bool { return s.ShouldSample(p).Decision == sdktrace.RecordAndSample })
	})
	b.Run("impl=aws-xray-sdk-go", func(b *testing.B) {
		s, err := sdksampling.NewCentralizedStrategy()
		if err != nil {
			b.Fatal(err)
		}
		endpoints, err := daemoncfg.GetDaemonEndpointsFromString(daemon.Addr())
		if err != nil {
			b.Fatal(err)
		}
		s.LoadDaemonEndpoints(endpoints)
		request := sdksampling.Request{Host: "api.example.com:8080", Method: "GET", URL: "/orders/42", ServiceName: "orders", ServiceType: "AWS::ECS::Container"}
		benchmarkSampler(b, func() bool { return s.ShouldTrace(&request).Sample })
	})
	b.Run("impl=contrib", func(b *testing.B) {
		s, err := contrib.NewRemoteSampler(b.Context(), "orders", "ecs", contrib.WithEndpoint(url.URL{Scheme: "http", Host: daemon.Addr()}))
		if err != nil {
			b.Fatal(err)
		}
		p := parameters
		p.Attributes = []attribute.KeyValue{ // the ones that it reads, and as many
			attribute.String("http.host", "api.example.com:8080"),
			attribute.Int("net.host.port", 8080),
			attribute.String("http.method", "GET"),
			attribute.String("http.scheme", "http"),
			attribute.String("net.sock.peer.addr", "10.0.0.7"),
			attribute.Int("net.sock.peer.port", 41234),
			attribute.String("http.user_agent", "curl/8.5.0"),
			attribute.String("http.target", "/orders/42"),
			attribute.String("http.flavor", "1.1"),
		}
		benchmarkSampler(b, func() bool { return s.ShouldSample(p).Decision == sdktrace.RecordAndSample })
	})
}

func benchmarkSampler(b *testing.B, decide func() bool) {
	// Until the rules are there, one a second and 5 % are sampled.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		yes := 0
		for range 100 {
			if decide() {
				yes++
			}
		}
		if yes == 100 {
			break
		}
		if time.Now().After(deadline) {
			b.Fatal("the rules do not come, or another one matches")
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		decide()
	}
}

// A rule sees what otelhttp's spans have when they start.
func TestSamplingOfHTTP(t *testing.T) {
	daemon := xraytest.NewDaemon(t, xraytest.WithSamplingRules(xraytest.NewSamplingRules(
		xraytest.SamplingRule{RuleName: "health", Priority: 1, HTTPMethod: "GET", URLPath: "/health"},
		xraytest.SamplingRule{RuleName: "internal", Priority: 2, Host: "internal.example.com:81"},
		xraytest.SamplingRule{RuleName: "Default", Priority: 10000, FixedRate: 1},
	)))
	sampler, err := sampling.New(resource.Empty(), sampling.WithDaemonAddress(daemon.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithSpanProcessor(spans))
	handler := otelhttp.NewHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "server", otelhttp.WithTracerProvider(provider))
	sampled := func(method, target, host string) bool {
		before := len(spans.Ended())
		r := httptest.NewRequest(method, target, nil)
		r.Host = host
		handler.ServeHTTP(httptest.NewRecorder(), r)
		return len(spans.Ended()) > before
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		yes := 0
		for range 100 {
			if sampled("GET", "/", "h") {
				yes++
			}
		}
		if yes == 100 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the rules do not come, or another one matches")
		}
	}
	for _, c := range []struct {
		method, target, host string
		want                 bool
	}{
		{"GET", "/health?verbose=1", "api.example.com", false},
		{"POST", "/health", "api.example.com", true},
		{"GET", "/healthz", "api.example.com", true},
		{"GET", "/", "internal.example.com:81", false},
		{"GET", "/", "internal.example.com:82", true},
	} {
		for range 20 { // more than chance
			if got := sampled(c.method, c.target, c.host); got != c.want {
				t.Errorf("%s %s of %s: sampled %t", c.method, c.target, c.host, got)
				break
			}
		}
	}
}
