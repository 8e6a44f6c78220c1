package awsxraylambdaexporter

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadata"
)

// NewFactory returns the factory of the exporter, type awsxraylambda.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(
		metadata.Type,
		createDefaultConfig,
		exporter.WithTraces(createTraces, metadata.TracesStability),
	)
}

func createTraces(ctx context.Context, set exporter.Settings, cfg component.Config) (exporter.Traces, error) {
	c := cfg.(*Config)
	e, err := newTracesExporter(set, c)
	if err != nil {
		return nil, err
	}
	helper, err := exporterhelper.NewTraces(ctx, set, cfg, e.consume,
		exporterhelper.WithStart(e.start),
		exporterhelper.WithShutdown(e.shutdown),
		exporterhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}),
		exporterhelper.WithTimeout(c.Timeout),
		exporterhelper.WithRetry(c.helperRetry()),
		exporterhelper.WithQueue(c.helperQueue()),
	)
	if err != nil {
		return nil, err
	}
	return &bounded{Traces: helper, e: e}, nil
}

// bounded is exporterhelper's exporter, with an end to the time that it takes to
// send what is left. exporterhelper waits for as long as X-Ray does not answer.
type bounded struct {
	exporter.Traces
	e *tracesExporter
}

// Shutdown sends what is left for shutdown_timeout. What is then not at X-Ray
// stays in the queue on disk, or is lost and counted.
func (t *bounded) Shutdown(ctx context.Context) error {
	timer := time.AfterFunc(t.e.config.ShutdownTimeout, t.e.stop)
	defer timer.Stop()
	return t.Traces.Shutdown(ctx)
}

// ExporterHelperBatchingEnabled tells the Collector whether the exporter batches.
func (t *bounded) ExporterHelperBatchingEnabled() bool {
	return t.e.config.Queue.HasValue() && t.e.config.Queue.Get().Batch.HasValue()
}
