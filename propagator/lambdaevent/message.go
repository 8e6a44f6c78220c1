package lambdaevent

import (
	"go.opentelemetry.io/otel/propagation"

	"github.com/lambdaxray/lambdaxray/propagator"
)

// Message is one message of an [Event].
type Message struct {
	// ID is the message id that SQS or SNS gave, which an SQS function returns in
	// batchItemFailures.
	ID string

	carrier carrier
}

// Carrier returns a carrier over the message's AWSTraceHeader and its message
// attributes, in the terms of [Event.Carrier].
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

// message reads a record of an SQS batch or an SNS notification.
func (e *Event) message(record []byte) Message {
	if e.Source == SourceSNS {
		m := members(member(record, "Sns"), "MessageId", "MessageAttributes")
		return Message{ID: text(m[0]), carrier: carrier{objects: [2][]byte{m[1]}}}
	}
	m := members(record, "messageId", "attributes", "messageAttributes")
	return Message{ID: text(m[0]), carrier: carrier{objects: [2][]byte{m[1], m[2]}}}
}
