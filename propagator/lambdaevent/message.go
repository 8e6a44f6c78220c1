package lambdaevent

import (
	"iter"

	"go.opentelemetry.io/otel/propagation"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// Message is one message of an [Event].
type Message struct {
	// ID is the id that SQS, SNS, ActiveMQ or RabbitMQ gave the message, a Kinesis
	// record's sequence number, a Firehose record's id, and for Kafka topic, partition
	// and offset: "orders-0:15". SQS and Kinesis functions return it in
	// batchItemFailures.
	ID string

	carrier carrier
}

// Carrier returns a carrier over what the message's sender gave along: the
// AWSTraceHeader and the message attributes of SQS, the message attributes of SNS,
// the headers of Kafka and RabbitMQ, the properties of ActiveMQ. Where SNS or
// EventBridge came before, what they wrapped into the body counts last: the
// message attributes, the members of detail. It works as [Event.Carrier] does.
func (m Message) Carrier() propagation.TextMapCarrier { return m.carrier }

// Header returns the tracing header of the message's sender. It reports false if
// the message has none, or none with a readable Root.
func (m Message) Header() (propagator.Header, bool) {
	value := m.carrier.Get(headerName)
	if value == "" {
		return propagator.Header{}, false // spares the error's allocation
	}
	h, _ := propagator.ParseHeader(value)
	return h, h.Root.IsValid()
}

// Messages yields the messages of a batch of SQS, Kafka, Amazon MQ, Kinesis or
// Firehose, or of an SNS notification, in order. For other sources there are none.
func (e Event) Messages() iter.Seq[Message] { return e.eachMessage }

func (e *Event) eachMessage(yield func(Message) bool) {
	if !e.Source.Batch() && e.Source != SourceSNS {
		return
	}
	for group, record := range e.eachRecord {
		if !yield(e.message(group, record)) {
			return
		}
	}
}

// eachRecord yields the records of a batch with the group they are in, topic and
// partition or a queue, where there are groups.
func (e *Event) eachRecord(yield func(group, record []byte) bool) {
	records := e.raw(fieldRecords)
	for a := openArray(records); a.next(); {
		if !yield(nil, a.value()) {
			return
		}
	}
	for o := openObject(records); o.next(); {
		group := o.key
		for a := openArray(o.value()); a.next(); {
			if !yield(group, a.value()) {
				return
			}
		}
	}
}

func (e *Event) firstRecord() []byte {
	for _, record := range e.eachRecord {
		return record
	}
	return nil
}

func (e *Event) message(group, record []byte) Message {
	switch e.Source {
	case SourceSNS:
		m := members(member(record, "Sns"), "MessageId", "MessageAttributes", "Message")
		return Message{text(m[0]), carrier{[2][]byte{m[1]}, wrapped{raw: m[2]}}}
	case SourceKafka:
		return kafkaMessage(group, record)
	case SourceMQ:
		return mqMessage(record)
	case SourceKinesis:
		// A pipe does without the object around it.
		m := members(record, "kinesis", "sequenceNumber", "data")
		if m[0] != nil {
			m = members(m[0], "kinesis", "sequenceNumber", "data")
		}
		return Message{text(m[1]), carrier{wrapped: wrapped{m[2], true}}}
	case SourceFirehose:
		m := members(record, "recordId", "data")
		return Message{text(m[0]), carrier{wrapped: wrapped{m[1], true}}}
	default:
		m := members(record, "messageId", "attributes", "messageAttributes", "body")
		return Message{text(m[0]), carrier{[2][]byte{m[1], m[2]}, wrapped{raw: m[3]}}}
	}
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html and
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-msk.html
func kafkaMessage(group, record []byte) Message {
	m := members(record, "eventSourceKey", "offset", "headers")
	if group == nil {
		group = decoded(m[0])
	}
	id := append(append(append([]byte(nil), group...), ':'), m[1]...)
	return Message{string(id), carrier{objects: [2][]byte{m[2]}}}
}

// https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
func mqMessage(record []byte) Message {
	m := members(record, "messageID", "properties", "basicProperties")
	if basic := members(m[2], "messageId", "headers"); m[2] != nil { // RabbitMQ
		return Message{text(basic[0]), carrier{objects: [2][]byte{basic[1]}}}
	}
	return Message{text(m[0]), carrier{objects: [2][]byte{m[1]}}}
}
