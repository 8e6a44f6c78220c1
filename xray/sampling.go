package xray

import (
	"os"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
	"github.com/lambdaxray/lambdaxray/xray/strategy/sampling"
)

var byRules struct {
	once     sync.Once
	strategy sampling.Strategy
}

// defaultSampling returns X-Ray's sampling rules, as the daemon hands them out;
// nil if OTEL_TRACES_SAMPLER says something else, and in a Lambda function, where
// the platform decides.
func defaultSampling() sampling.Strategy {
	if inLambda() || os.Getenv("OTEL_TRACES_SAMPLER") != "" {
		return nil
	}
	byRules.once.Do(func() {
		s, err := sampling.NewCentralizedStrategy()
		if err != nil {
			logger.Errorf("sampling rules: %v; all is sampled", err)
			return
		}
		byRules.strategy = s
	})
	return byRules.strategy
}

// rootSampler decides about roots that OpenTelemetry's API starts, by the global
// sampling strategy.
type rootSampler struct{}

func (rootSampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	r := sdktrace.SamplingResult{
		Decision:   sdktrace.RecordAndSample,
		Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState(),
	}
	strategy := configure(p.ParentContext).SamplingStrategy
	if strategy == nil {
		return r
	}
	d := strategy.ShouldTrace(&sampling.Request{
		Host:        attr(p.Attributes, "http.host", "server.address", "net.host.name"),
		Method:      attr(p.Attributes, "http.request.method", "http.method"),
		URL:         attr(p.Attributes, "url.path", "http.target"),
		ServiceName: either(attr(p.Attributes, "aws.local.service"), os.Getenv("OTEL_SERVICE_NAME")),
		ServiceType: origin(),
	})
	if d != nil && !d.Sample {
		r.Decision = sdktrace.Drop
	}
	return r
}

func (rootSampler) Description() string { return "SamplingStrategy" }
