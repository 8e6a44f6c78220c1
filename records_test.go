package lambdaxray_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

func unmarshal(t *testing.T, event string, v any) {
	t.Helper()
	if err := json.Unmarshal(fixture(t, event), v); err != nil {
		t.Fatal(err)
	}
}

func TestForEachKinesisRecord(t *testing.T) {
	event := events.KinesisEvent{Records: make([]events.KinesisEventRecord, 3)}
	for i, number := range []string{"1", "2", "3"} {
		event.Records[i].EventSourceArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
		event.Records[i].Kinesis.SequenceNumber = number
	}
	for name, c := range map[string]struct {
		f     func(cancel func(), number string) error
		spans int
		want  string
	}{
		"all is well":      {func(func(), string) error { return nil }, 3, ""},
		"the second fails": {func(_ func(), n string) error { return map[string]error{"2": errStock}[n] }, 2, "2"},
		"the context ends": {func(cancel func(), n string) error { cancel(); return nil }, 1, "2"},
	} {
		var got events.KinesisEventResponse
		spans := inSpan(t, func(ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			got = lambdaxray.ForEachKinesisRecord(ctx, event, func(_ context.Context, r events.KinesisEventRecord) error {
				return c.f(cancel, r.Kinesis.SequenceNumber)
			})
		})
		var want events.KinesisEventResponse
		if c.want != "" {
			want.BatchItemFailures = []events.KinesisBatchItemFailure{{ItemIdentifier: c.want}}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: response (-want +got):\n%s", name, diff)
		}
		if len(spans) != c.spans+1 || spans[0].Name() != "process clicks" || spans[0].SpanKind() != trace.SpanKindConsumer {
			t.Fatalf("%s: %d spans, %q %v", name, len(spans), spans[0].Name(), spans[0].SpanKind())
		}
		attrs := attributes(spans[0].Attributes())
		if attrs["messaging.system"] != "aws_kinesis" || attrs["messaging.destination.name"] != "clicks" || attrs["messaging.message.id"] != "1" {
			t.Errorf("%s: attributes %v", name, attrs)
		}
		if failed := spans[len(spans)-2].Status().Code == codes.Error; failed != (name == "the second fails") {
			t.Errorf("%s: status %v", name, spans[len(spans)-2].Status())
		}
	}
}

func TestForEachDynamoDBRecord(t *testing.T) {
	var event events.DynamoDBEvent
	unmarshal(t, "dynamodb", &event)
	event.Records = []events.DynamoDBEventRecord{event.Records[0], event.Records[0], event.Records[0]}
	for i, name := range []string{"INSERT", "MODIFY", "REMOVE"} {
		event.Records[i].EventName = name
		event.Records[i].EventSourceArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/2026-01-01T00:00:00.000"
		event.Records[i].Change.SequenceNumber = name
	}
	var got events.DynamoDBEventResponse
	spans := inSpan(t, func(ctx context.Context) {
		got = lambdaxray.ForEachDynamoDBRecord(ctx, event, func(_ context.Context, r events.DynamoDBEventRecord) error {
			if r.EventName == "REMOVE" {
				return errStock
			}
			return nil
		})
	})
	want := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{{ItemIdentifier: "REMOVE"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	for i, operation := range []string{"insert", "edit", "delete"} {
		want := map[string]any{"faas.document.collection": "Orders", "faas.document.operation": operation}
		if diff := cmp.Diff(want, attributes(spans[i].Attributes())); diff != "" || spans[i].Name() != "process Orders" {
			t.Errorf("%q: attributes (-want +got):\n%s", spans[i].Name(), diff)
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	got = lambdaxray.ForEachDynamoDBRecord(canceled, event, func(context.Context, events.DynamoDBEventRecord) error { return nil })
	if len(got.BatchItemFailures) != 1 || got.BatchItemFailures[0].ItemIdentifier != "INSERT" {
		t.Errorf("response %v", got)
	}
}

func TestForEachKafkaRecord(t *testing.T) {
	var event events.KafkaEvent
	unmarshal(t, "msk", &event)
	var seen []int64
	var err error
	spans := inSpan(t, func(ctx context.Context) {
		err = lambdaxray.ForEachKafkaRecord(ctx, event, func(_ context.Context, r events.KafkaRecord) error {
			seen = append(seen, r.Offset)
			return nil
		})
	})
	linked := map[string]bool{}
	for _, span := range spans[:len(spans)-1] {
		attrs := attributes(span.Attributes())
		if attrs["messaging.system"] != "kafka" || attrs["messaging.destination.partition.id"] == nil || attrs["messaging.kafka.offset"] == nil || span.SpanKind() != trace.SpanKindConsumer {
			t.Errorf("%v: attributes %v", span.SpanKind(), attrs)
		}
		for _, l := range links(span) {
			linked[l] = true
		}
	}
	want := map[string]bool{"0af7651916cd43dd8448eb211c80319c b7ad6b7169203331": true, "5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8": true}
	if diff := cmp.Diff(want, linked); err != nil || diff != "" {
		t.Errorf("error %v, links (-want +got):\n%s", err, diff)
	}
	if len(seen) != len(spans)-1 || len(seen) < 2 {
		t.Errorf("records %v, %d spans", seen, len(spans))
	}

	n := 0
	err = lambdaxray.ForEachKafkaRecord(t.Context(), event, func(context.Context, events.KafkaRecord) error { n++; return errStock })
	if !errors.Is(err, errStock) || n != 1 {
		t.Errorf("error %v after %d records", err, n)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	err = lambdaxray.ForEachKafkaRecord(canceled, event, func(context.Context, events.KafkaRecord) error { n++; return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("error %v after %d records", err, n)
	}
}

// TestForEachWrapped: a record is linked to the first sender, whose message another
// service wrapped.
func TestForEachWrapped(t *testing.T) {
	var queue events.SQSEvent
	var stream events.KinesisEvent
	spans := inSpan(t, func(ctx context.Context) {
		for _, name := range []string{"sns_in_sqs", "eventbridge_in_sns_in_sqs", "eventbridge_in_sqs"} {
			unmarshal(t, name, &queue)
			lambdaxray.ForEachMessage(ctx, queue, func(context.Context, events.SQSMessage) error { return nil })
		}
		for _, name := range []string{"eventbridge_in_kinesis", "kinesis"} {
			unmarshal(t, name, &stream)
			lambdaxray.ForEachKinesisRecord(ctx, stream, func(context.Context, events.KinesisEventRecord) error { return nil })
		}
	})
	const first = "0af7651916cd43dd8448eb211c80319c b7ad6b7169203331"
	var got []string
	for _, s := range spans[:len(spans)-1] {
		got = append(got, append(links(s), "")[0])
	}
	want := []string{first, first, "6789123456789012345678901234abcd 1112131415161718", first, first, ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestForEachMessage(t *testing.T) {
	var batch events.SQSEvent
	if err := json.Unmarshal(fixture(t, "sqs"), &batch); err != nil {
		t.Fatal(err)
	}
	batch.Records[2].MessageAttributes = map[string]events.SQSMessageAttribute{"traceparent": {DataType: "Binary", BinaryValue: []byte("x")}}
	var response events.SQSEventResponse
	var seen []string
	spans := inSpan(t, func(ctx context.Context) {
		response = lambdaxray.ForEachMessage(ctx, batch, func(ctx context.Context, m events.SQSMessage) error {
			seen = append(seen, m.Body)
			if len(seen) == 2 {
				return errStock
			}
			return nil
		})
	})
	if diff := cmp.Diff([]string{`{"order":7}`, `{"order":8}`, "plain text"}, seen); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(failures(batch.Records[1]), response); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	wantLinks := [][]string{
		{"5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8"},
		{"6789123456789012345678901234abcd 1112131415161718"},
		nil,
	}
	for i, span := range spans[:3] {
		if span.Name() != "process orders" || span.SpanKind() != trace.SpanKindConsumer || span.Parent().SpanID() != spans[3].SpanContext().SpanID() {
			t.Errorf("span %q %v beneath %v", span.Name(), span.SpanKind(), span.Parent())
		}
		if failed := span.Status().Code == codes.Error; failed != (i == 1) {
			t.Errorf("message %d: status %v", i, span.Status())
		}
		if diff := cmp.Diff(wantLinks[i], links(span)); diff != "" {
			t.Errorf("message %d: links (-want +got):\n%s", i, diff)
		}
		want := map[string]any{
			"messaging.system": "aws_sqs", "messaging.operation.type": "process", "messaging.operation.name": "process",
			"messaging.message.id": batch.Records[i].MessageId, "messaging.destination.name": "orders",
		}
		if diff := cmp.Diff(want, attributes(span.Attributes())); diff != "" {
			t.Errorf("message %d: attributes (-want +got):\n%s", i, diff)
		}
	}
}

func failures(messages ...events.SQSMessage) (r events.SQSEventResponse) {
	for _, m := range messages {
		r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
	}
	return r
}

func TestForEachMessageStops(t *testing.T) {
	batch := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1"}, {MessageId: "2"}, {MessageId: "3"}}}
	fifo := events.SQSEvent{Records: slices.Clone(batch.Records)}
	for i := range fifo.Records {
		fifo.Records[i].EventSourceARN = "arn:aws:sqs:eu-central-1:123456789012:orders.fifo"
	}
	for _, c := range []struct {
		name   string
		batch  events.SQSEvent
		second func(cancel func()) error
		want   events.SQSEventResponse
	}{
		{"a queue goes on", batch, func(func()) error { return errStock }, failures(batch.Records[1])},
		{"a FIFO queue stops", fifo, func(func()) error { return errStock }, failures(batch.Records[1:]...)},
		{"the context ends", batch, func(cancel func()) error { cancel(); return nil }, failures(batch.Records[2])},
		{"all is well", fifo, func(func()) error { return nil }, events.SQSEventResponse{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			got := lambdaxray.ForEachMessage(ctx, c.batch, func(_ context.Context, m events.SQSMessage) error {
				if m.MessageId == "2" {
					return c.second(cancel)
				}
				return nil
			})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}
