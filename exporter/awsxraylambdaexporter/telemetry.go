package awsxraylambdaexporter

import (
	"context"
	"errors"
	"sync/atomic"

	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadata"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
	"github.com/lambdaxray/lambdaxray/mapping"
)

// telemetry reports what metadata.yaml declares. What the mapper and the emitter
// count is read when it is asked for; only losses are counted as they happen.
type telemetry struct {
	builder  *metadata.TelemetryBuilder
	exporter attribute.KeyValue
	sent     atomic.Uint64 // documents
}

func newTelemetry(set exporter.Settings, m *mapping.Mapper) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder, exporter: attribute.String("exporter", set.ID.String())}
	return t, errors.Join(
		builder.RegisterExporterAwsxraylambdaSpansMappedCallback(t.observe(func() uint64 { return m.Stats().Spans })),
		builder.RegisterExporterAwsxraylambdaSpansTrimmedCallback(t.observe(func() uint64 { return m.Stats().Trimmed })),
		builder.RegisterExporterAwsxraylambdaDocumentsSplitCallback(t.observe(func() uint64 { return m.Stats().Split })),
		builder.RegisterExporterAwsxraylambdaDocumentsSentCallback(t.observe(t.sent.Load)),
	)
}

// watch reports what the emitter counts.
func (t *telemetry) watch(api *xrayapi.Emitter) error {
	return t.builder.RegisterExporterAwsxraylambdaDocumentsUnprocessedCallback(
		t.observe(func() uint64 { return api.Stats().Unprocessed }))
}

func (t *telemetry) observe(read func() uint64) metric.Int64Callback {
	attrs := metric.WithAttributeSet(attribute.NewSet(t.exporter))
	return func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(int64(read()), attrs)
		return nil
	}
}

func (t *telemetry) shutdown() { t.builder.Shutdown() }

// dropped counts spans that X-Ray will never have.
func (t *telemetry) dropped(ctx context.Context, reason string, spans int) {
	t.builder.ExporterAwsxraylambdaSpansDropped.Add(ctx, int64(spans), t.because(reason))
}

// returned counts spans given back to be sent again.
func (t *telemetry) returned(ctx context.Context, reason string, spans int) {
	t.builder.ExporterAwsxraylambdaSpansReturned.Add(ctx, int64(spans), t.because(reason))
}

func (t *telemetry) because(reason string) metric.AddOption {
	return metric.WithAttributes(t.exporter, attribute.String("reason", reason))
}

// rejected counts the spans that the mapper's error names, by the field at
// fault, and returns how many they are.
func (t *telemetry) rejected(ctx context.Context, err error) int {
	if err == nil {
		return 0
	}
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		reason := "Unmapped"
		var span *mapping.SpanError
		if errors.As(err, &span) {
			reason = span.Field
		}
		t.dropped(ctx, reason, 1)
	}
	return len(errs)
}
