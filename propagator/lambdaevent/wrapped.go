package lambdaevent

import (
	"bytes"
	"encoding/base64"

	"go.opentelemetry.io/otel/propagation"
)

// wrapped is the body of a message as raw JSON, in which another service may have
// wrapped what it was sent: SNS its notification, EventBridge its event. Trace
// context that the first sender gave lies in there.
type wrapped struct {
	raw    []byte
	base64 bool // a string of it, as Kinesis and Firehose have
}

// What the envelopes have in any case, to spare decoding all other bodies: a search
// takes a tenth of the time.
var (
	snsMark         = []byte("TopicArn")
	eventBridgeMark = []byte("detail-type")
	// {"version":"0", with which EventBridge begins.
	eventBridgeBase64 = []byte(`"eyJ2ZXJzaW9uIjoiMCIs`)
)

// BodyCarrier returns a carrier over what SNS or EventBridge wrapped into the body of
// a message, for a body that has been decoded: the message attributes, the members of
// detail. It is empty if neither did. [Message.Carrier] has it already.
func BodyCarrier(body []byte) propagation.TextMapCarrier {
	if !marked(body) {
		return carrier{}
	}
	c, _ := openEnvelope(body)
	return c
}

// open returns the carrier over what is wrapped, and false if nothing is.
func (w wrapped) open() (carrier, bool) {
	switch {
	case !w.base64 && marked(w.raw):
		return openEnvelope(decoded(w.raw))
	case w.base64 && bytes.HasPrefix(w.raw, eventBridgeBase64):
		text, err := base64.StdEncoding.AppendDecode(nil, decoded(w.raw))
		if err == nil {
			return openEnvelope(text)
		}
	}
	return carrier{}, false
}

// marked reports whether text may be an envelope, or the raw JSON of one.
func marked(text []byte) bool {
	return bytes.Contains(text, snsMark) || bytes.Contains(text, eventBridgeMark)
}

func openEnvelope(text []byte) (carrier, bool) {
	m := members(text, "TopicArn", "Message", "MessageAttributes", "detail-type", "detail")
	switch {
	case m[0] != nil && m[1] != nil:
		return carrier{objects: [2][]byte{m[2]}, wrapped: wrapped{raw: m[1]}}, true
	case m[3] != nil && isObject(m[4]):
		return carrier{objects: [2][]byte{m[4]}}, true
	default:
		return carrier{}, false
	}
}
