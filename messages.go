package lambdaxray

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// ForEachMessage runs f for every message of an SQS batch, one after the other,
// each in a CONSUMER span that is linked to the message's sender. Return its
// result from the handler: the messages for which f returned an error are in
// batchItemFailures, and SQS delivers only those again. That needs
// ReportBatchItemFailures in the event source mapping.
//
// Errors of f are recorded in the message's span and not returned. A panic goes
// on and fails the batch. When ctx is done the rest is not run and counts as
// failed; the same goes for a FIFO queue after the first failure, where order
// would suffer.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func ForEachMessage(ctx context.Context, event events.SQSEvent, f func(ctx context.Context, message events.SQSMessage) error) events.SQSEventResponse {
	var response events.SQSEventResponse
	stopped := false
	for i := range event.Records {
		m := &event.Records[i]
		if !stopped && ctx.Err() == nil {
			err := forMessage(ctx, m, f)
			if err == nil {
				continue
			}
			stopped = strings.HasSuffix(m.EventSourceARN, ".fifo")
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
	}
	return response
}

// Source: https://opentelemetry.io/docs/specs/semconv/messaging/sqs/
func forMessage(ctx context.Context, m *events.SQSMessage, f func(context.Context, events.SQSMessage) error) error {
	queue := m.EventSourceARN[strings.LastIndexByte(m.EventSourceARN, ':')+1:]
	name, attrs := "process", []attribute.KeyValue{
		semconv.MessagingSystemAWSSQS,
		semconv.MessagingOperationTypeProcess,
		semconv.MessagingOperationName("process"),
		semconv.MessagingMessageID(m.MessageId),
	}
	if queue != "" {
		name += " " + queue
		attrs = append(attrs, semconv.MessagingDestinationName(queue))
	}
	opts := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attrs...),
	}
	if sc := senderOf((*messageCarrier)(m), trace.TraceID{}); sc.IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: sc}))
	}
	return capture(ctx, name, func(ctx context.Context) error { return f(ctx, *m) }, opts...)
}

// messageCarrier reads the trace context that a message carries: the attribute
// AWSTraceHeader, which SQS keeps for it, or the message attributes.
type messageCarrier events.SQSMessage

var _ propagation.TextMapCarrier = (*messageCarrier)(nil)

func (m *messageCarrier) Get(key string) string {
	if strings.EqualFold(key, "X-Amzn-Trace-Id") && m.Attributes["AWSTraceHeader"] != "" {
		return m.Attributes["AWSTraceHeader"]
	}
	if a, ok := m.MessageAttributes[key]; ok && a.StringValue != nil {
		return *a.StringValue
	}
	return ""
}

// Set does nothing: the message has been sent.
func (*messageCarrier) Set(string, string) {}

func (m *messageCarrier) Keys() []string {
	keys := make([]string, 0, len(m.MessageAttributes))
	for key := range m.MessageAttributes {
		keys = append(keys, key)
	}
	return keys
}
