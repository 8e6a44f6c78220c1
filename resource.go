package lambdaxray

import (
	"context"
	"os"

	lambdadetector "go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// newResource describes the function: contrib's Lambda detector, what it leaves
// out, then OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, which win.
func newResource(ctx context.Context) (*resource.Resource, error) {
	return resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithDetectors(lambdadetector.NewResourceDetector()),
		resource.WithAttributes(lambdaAttributes()...),
		resource.WithFromEnv(),
	)
}

// lambdaAttributes are the resource attributes that the detector does not set.
func lambdaAttributes() []attribute.KeyValue {
	name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	if name == "" {
		return nil
	}
	attrs := []attribute.KeyValue{
		semconv.CloudPlatformAWSLambda,
		semconv.ServiceName(name),
	}
	if group := os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME"); group != "" {
		attrs = append(attrs, semconv.AWSLogGroupNames(group))
	}
	return attrs
}
