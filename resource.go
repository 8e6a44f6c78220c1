package lambdaxray

import (
	"context"
	"errors"
	"fmt"
	"os"

	lambdadetector "go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// newResource describes the function: contrib's Lambda detector, what it leaves
// out, OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, then extra, if not nil; the
// later win. What cannot be read is reported and left out, as the SDK itself does.
func newResource(ctx context.Context, extra *resource.Resource) *resource.Resource {
	r, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithDetectors(lambdadetector.NewResourceDetector()),
		resource.WithAttributes(lambdaAttributes()...),
		resource.WithFromEnv(),
	)
	if err != nil {
		otel.Handle(fmt.Errorf("lambdaxray: resource: %w", err))
	}
	if extra == nil {
		return r
	}
	merged, err := resource.Merge(r, extra)
	// Two versions of the conventions: the attributes are merged all the same.
	if err != nil && !errors.Is(err, resource.ErrSchemaURLConflict) {
		otel.Handle(fmt.Errorf("lambdaxray: WithResource: %w", err))
	}
	return merged
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
