package lambdaxray

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// ForEachMessage runs f for every message of an SQS batch, one after the other,
// each in a CONSUMER span that is linked to the message's sender, or to the one
// before SNS or EventBridge, which wrapped its message into the body. Return its
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
			err := inRecordSpan(ctx, sqsRecord(m), func(ctx context.Context) error { return f(ctx, *m) })
			if err == nil {
				continue
			}
			stopped = strings.HasSuffix(m.EventSourceARN, ".fifo")
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
	}
	return response
}

// ForEachKinesisRecord is [ForEachMessage] for a batch of a Kinesis stream. Order
// counts there: the first failure, or ctx being done, ends it, and the result names
// the record from which Lambda is to try again. Kinesis keeps no trace context: there
// are links only for what EventBridge put into the stream.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
func ForEachKinesisRecord(ctx context.Context, event events.KinesisEvent, f func(ctx context.Context, record events.KinesisEventRecord) error) events.KinesisEventResponse {
	for i := range event.Records {
		r := &event.Records[i]
		if ctx.Err() != nil || inRecordSpan(ctx, kinesisRecord(r), func(ctx context.Context) error { return f(ctx, *r) }) != nil {
			return events.KinesisEventResponse{BatchItemFailures: []events.KinesisBatchItemFailure{{ItemIdentifier: r.Kinesis.SequenceNumber}}}
		}
	}
	return events.KinesisEventResponse{}
}

// ForEachDynamoDBRecord is [ForEachKinesisRecord] for a batch of a DynamoDB stream.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func ForEachDynamoDBRecord(ctx context.Context, event events.DynamoDBEvent, f func(ctx context.Context, record events.DynamoDBEventRecord) error) events.DynamoDBEventResponse {
	for i := range event.Records {
		r := &event.Records[i]
		if ctx.Err() != nil || inRecordSpan(ctx, dynamoDBRecord(r), func(ctx context.Context) error { return f(ctx, *r) }) != nil {
			return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: r.Change.SequenceNumber}}}
		}
	}
	return events.DynamoDBEventResponse{}
}

// ForEachKafkaRecord runs f for every record of a batch of Amazon MSK or of a Kafka
// of one's own, partition by partition, each in a CONSUMER span that is linked to the
// record's producer. The first error of f, or ctx being done, ends it and is
// returned; return it from the handler, and Lambda tries the batch again.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
func ForEachKafkaRecord(ctx context.Context, event events.KafkaEvent, f func(ctx context.Context, record events.KafkaRecord) error) error {
	for _, partition := range slices.Sorted(maps.Keys(event.Records)) {
		for i := range event.Records[partition] {
			r := &event.Records[partition][i]
			err := ctx.Err()
			if err == nil {
				err = inRecordSpan(ctx, kafkaRecord(r), func(ctx context.Context) error { return f(ctx, *r) })
			}
			if err != nil {
				return fmt.Errorf("record %d of %s: %w", r.Offset, partition, err)
			}
		}
	}
	return nil
}

// record is what the span of a record says of it.
type record struct {
	from   string // the queue, stream, table or topic
	attrs  []attribute.KeyValue
	sender trace.SpanContext
}

// inRecordSpan runs f in the span of a record.
//
// Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
func inRecordSpan(ctx context.Context, r record, f func(context.Context) error) error {
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(r.attrs...)}
	if r.sender.IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: r.sender}))
	}
	return capture(ctx, strings.TrimSuffix("process "+r.from, " "), f, opts...)
}

// processes are the attributes of a span that processes a message.
func processes(system attribute.KeyValue, id, destination string) []attribute.KeyValue {
	attrs := []attribute.KeyValue{system, semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process")}
	return appendStrings(attrs, []keyString{{semconv.MessagingMessageIDKey, id}, {semconv.MessagingDestinationNameKey, destination}})
}

func sqsRecord(m *events.SQSMessage) record {
	queue := m.EventSourceARN[strings.LastIndexByte(m.EventSourceARN, ':')+1:]
	sender := senderOf((*sqsCarrier)(m), trace.TraceID{})
	if !sender.IsValid() {
		sender = senderOf(lambdaevent.BodyCarrier([]byte(m.Body)), trace.TraceID{})
	}
	return record{from: queue, attrs: processes(semconv.MessagingSystemAWSSQS, m.MessageId, queue), sender: sender}
}

func kinesisRecord(r *events.KinesisEventRecord) record {
	stream := r.EventSourceArn[strings.LastIndexByte(r.EventSourceArn, '/')+1:]
	return record{
		from:   stream,
		attrs:  processes(semconv.MessagingSystemKey.String("aws_kinesis"), r.Kinesis.SequenceNumber, stream),
		sender: senderOf(lambdaevent.BodyCarrier(r.Kinesis.Data), trace.TraceID{}),
	}
}

func kafkaRecord(r *events.KafkaRecord) record {
	attrs := processes(semconv.MessagingSystemKafka, "", r.Topic)
	return record{
		from: r.Topic,
		attrs: append(attrs, semconv.MessagingDestinationPartitionID(strconv.FormatInt(r.Partition, 10)),
			semconv.MessagingKafkaOffset(int(r.Offset))),
		sender: senderOf((*kafkaCarrier)(r), trace.TraceID{}),
	}
}

// Source: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/#datasource
func dynamoDBRecord(r *events.DynamoDBEventRecord) record {
	var table string // arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000
	if _, path, ok := strings.Cut(r.EventSourceArn, "table/"); ok {
		table, _, _ = strings.Cut(path, "/")
	}
	operations := map[string]attribute.KeyValue{
		"INSERT": semconv.FaaSDocumentOperationInsert,
		"MODIFY": semconv.FaaSDocumentOperationEdit,
		"REMOVE": semconv.FaaSDocumentOperationDelete,
	}
	attrs := appendStrings(nil, []keyString{{semconv.FaaSDocumentCollectionKey, table}})
	if o, ok := operations[r.EventName]; ok {
		attrs = append(attrs, o)
	}
	return record{from: table, attrs: attrs}
}

// sqsCarrier reads the trace context that a message carries: the attribute
// AWSTraceHeader, which SQS keeps for it, or the message attributes.
type sqsCarrier events.SQSMessage

var _ propagation.TextMapCarrier = (*sqsCarrier)(nil)

func (m *sqsCarrier) Get(key string) string {
	if strings.EqualFold(key, "X-Amzn-Trace-Id") && m.Attributes["AWSTraceHeader"] != "" {
		return m.Attributes["AWSTraceHeader"]
	}
	if a, ok := m.MessageAttributes[key]; ok && a.StringValue != nil {
		return *a.StringValue
	}
	return ""
}

// Set does nothing: the message has been sent.
func (*sqsCarrier) Set(string, string) {}

func (m *sqsCarrier) Keys() []string { return slices.Collect(maps.Keys(m.MessageAttributes)) }

// kafkaCarrier reads the headers of a record.
type kafkaCarrier events.KafkaRecord

var _ propagation.TextMapCarrier = (*kafkaCarrier)(nil)

func (r *kafkaCarrier) Get(key string) string {
	for _, header := range r.Headers {
		if value, ok := header[key]; ok {
			return string(value)
		}
	}
	return ""
}

// Set does nothing: the record has been sent.
func (*kafkaCarrier) Set(string, string) {}

func (r *kafkaCarrier) Keys() []string {
	var keys []string
	for _, header := range r.Headers {
		keys = slices.AppendSeq(keys, maps.Keys(header))
	}
	return keys
}
