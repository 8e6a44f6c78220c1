package lambdaxray_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"

	"github.com/lambdaxray/lambdaxray"
)

func ExampleStart() {
	type order struct{ Customer, SKU string }
	lambdaxray.Start(func(ctx context.Context, o order) (string, error) {
		lambdaxray.Annotate(ctx, "customer", o.Customer)
		err := lambdaxray.Capture(ctx, "check stock", func(ctx context.Context) error {
			lambdaxray.Metadata(ctx, "stock", "order", o)
			return nil
		})
		return "thank you", err
	})
}

// Spans of initialization need the provider that Start uses before Start does.
func ExampleNewTracerProvider() {
	ctx := context.Background()
	provider, err := lambdaxray.NewTracerProvider(ctx)
	if err != nil {
		log.Fatal(err)
	}
	otel.SetTracerProvider(provider)
	_ = lambdaxray.Capture(ctx, "load config", func(context.Context) error { return nil })
	lambdaxray.Start(func() error { return nil })
}

// WrapHandler leaves everything global alone.
func ExampleWrapHandler() {
	provider, err := lambdaxray.NewTracerProvider(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	handler := func(_ context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: r.RawPath}, nil
	}
	lambda.Start(lambdaxray.WrapHandler(handler, lambdaxray.WithTracerProvider(provider)))
}

// The messages that failed are delivered again, the others are not.
func ExampleForEachMessage() {
	lambdaxray.Start(func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		return lambdaxray.ForEachMessage(ctx, batch, func(ctx context.Context, m events.SQSMessage) error {
			if m.Body == "" {
				return fmt.Errorf("message %s is empty", m.MessageId)
			}
			return nil
		}), nil
	})
}

func ExampleNewLogHandler() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(lambdaxray.NewLogHandler(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})))

	// What aws-lambda-go puts into the context of a handler.
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", "Root=1-581cf771-a006649127e371903a2de979")
	logger.InfoContext(ctx, "order placed", "order", 7)
	// Output: {"level":"INFO","msg":"order placed","order":7,"xray_trace_id":"1-581cf771-a006649127e371903a2de979"}
}
