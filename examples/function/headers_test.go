package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	//lint:ignore SA1019 unsupported, but there is no successor
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// TestOutgoingHeaders shows what calls carry: the trace, the call's own span as
// parent, and the Lineage by which Lambda detects recursive loops.
func TestOutgoingHeaders(t *testing.T) {
	const root = "1-6ae729c0-a006649127e371903a2de979"
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	headers := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Get("X-Amzn-Trace-Id")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)

	config := aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}
	otelaws.AppendMiddlewares(&config.APIOptions, otelaws.WithTracerProvider(provider), otelaws.WithTextMapPropagator(propagator.XRay{}))
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagator.XRay{}))}

	for name, call := range map[string]func(context.Context) error{
		"otelaws": func(ctx context.Context) error {
			_, err := sqs.NewFromConfig(config).ListQueues(ctx, nil)
			return err
		},
		"otelhttp": func(ctx context.Context) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
			if err != nil {
				return err
			}
			response, err := client.Do(r)
			if err != nil {
				return err
			}
			return response.Body.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			//lint:ignore SA1029 the plain string key is aws-lambda-go's
			ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root="+root+";Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:abcdef01:0")
			ctx, span := provider.Tracer("test").Start(propagator.Lambda{}.Extract(ctx, nil), "function")
			if err := call(ctx); err != nil {
				t.Fatal(err)
			}
			span.End()
			ended := recorder.Ended()
			sent := ended[len(ended)-2]
			want := "Root=" + root + ";Parent=" + sent.SpanContext().SpanID().String() + ";Sampled=1;Lineage=1:abcdef01:0"
			if got := <-headers; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
