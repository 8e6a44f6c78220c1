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
	emitter  atomic.Pointer[xrayapi.Emitter]
}

func newTelemetry(set exporter.Settings, m *mapping.Mapper) (*telemetry, error) {
	builder, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	t := &telemetry{builder: builder, exporter: attribute.String("exporter", set.ID.String())}
	t.begin()
	return t, errors.Join(
		builder.RegisterExporterAwsxraylambdaSpansMappedCallback(t.observe(func() uint64 { return m.Stats().Spans })),
		builder.RegisterExporterAwsxraylambdaSpansTrimmedCallback(t.observe(func() uint64 { return m.Stats().Trimmed })),
		builder.RegisterExporterAwsxraylambdaDocumentsSplitCallback(t.observe(func() uint64 { return m.Stats().Split })),
		builder.RegisterExporterAwsxraylambdaDocumentsSentCallback(t.observe(t.sent.Load)),
		builder.RegisterExporterAwsxraylambdaDocumentsUnprocessedCallback(t.observe(func() uint64 { return t.api().Unprocessed })),
		builder.RegisterExporterAwsxraylambdaCallsCallback(t.observe(func() uint64 { return t.api().Calls })),
	)
}

// api returns what the emitter has counted; nothing before the start, nor with a
// daemon.
func (t *telemetry) api() xrayapi.Stats {
	if e := t.emitter.Load(); e != nil {
		return e.Stats()
	}
	return xrayapi.Stats{}
}

func (t *telemetry) observe(read func() uint64) metric.Int64Callback {
	attrs := metric.WithAttributeSet(attribute.NewSet(t.exporter))
	return func(_ context.Context, o metric.Int64Observer) error {
		o.Observe(int64(read()), attrs)
		return nil
	}
}

func (t *telemetry) shutdown() { t.builder.Shutdown() }

// callFailed counts an attempt at a call that X-Ray did not answer well.
func (t *telemetry) callFailed(reason string) {
	t.builder.ExporterAwsxraylambdaCallsFailed.Add(context.Background(), 1, t.because(reason))
}

// dropped counts spans that X-Ray will never have.
func (t *telemetry) dropped(ctx context.Context, reason string, spans int) {
	t.builder.ExporterAwsxraylambdaSpansDropped.Add(ctx, int64(spans), t.because(reason))
}

// returned counts spans given back to be sent again.
func (t *telemetry) returned(ctx context.Context, reason string, spans int) {
	t.builder.ExporterAwsxraylambdaSpansReturned.Add(ctx, int64(spans), t.because(reason))
}

func (t *telemetry) because(reason string) metric.AddOption {
	if !knownReasons[reason] {
		reason = otherReason
	}
	return metric.WithAttributes(t.exporter, attribute.String("reason", reason))
}

// Reasons that counters have from the start, at 0: a counter that begins with
// its first loss never increases, for who watches it. What is not among them is
// Other, so that what a proxy makes up adds no series; the log has the code.
const otherReason = "Other"

var (
	callReasons = []string{
		"Credentials", "Timeout", "Connection", "Client", "Request",
		"ThrottledException", "ThrottlingException", "TooManyRequestsException",
		"InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException",
		"AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "SignatureDoesNotMatch",
		"UnrecognizedClientException", "InvalidClientTokenId",
		"InvalidRequestException", "SerializationException", "ValidationException",
		"HTTP200", "HTTP400", "HTTP403", "HTTP404", "HTTP407", "HTTP413", "HTTP429", "HTTP500", "HTTP502", "HTTP503", "HTTP504",
		otherReason,
	}
	returnReasons = append([]string{"Canceled", "Daemon", "Unprocessed"}, callReasons...)
	dropReasons   = append([]string{
		"Shutdown", "Panic", "TraceID", "SpanID", "Unmapped",
		"InvalidId", "InvalidName", "InvalidSegment", "InvalidTime", "InvalidTraceId",
		"MissingId", "MissingName", "MissingParentId", "MissingTime", "MissingTraceId", "ParseError",
	}, returnReasons...)

	knownReasons = func() map[string]bool {
		m := map[string]bool{}
		for _, r := range dropReasons {
			m[r] = true
		}
		return m
	}()
)

// begin makes every series.
func (t *telemetry) begin() {
	ctx := context.Background()
	for _, r := range callReasons {
		t.builder.ExporterAwsxraylambdaCallsFailed.Add(ctx, 0, t.because(r))
	}
	for _, r := range returnReasons {
		t.builder.ExporterAwsxraylambdaSpansReturned.Add(ctx, 0, t.because(r))
	}
	for _, r := range dropReasons {
		t.builder.ExporterAwsxraylambdaSpansDropped.Add(ctx, 0, t.because(r))
	}
}
