package lambdaevent

import (
	"strconv"

	"go.opentelemetry.io/otel/propagation"
)

// headerName is the tracing header's.
const headerName = "X-Amzn-Trace-Id"

// Carrier returns a carrier over the part of the event in which its sender puts
// trace context. Get ignores the case of keys, and finds X-Amzn-Trace-Id under
// AWSTraceHeader too; Set does nothing.
//
//   - HTTP sources: the request's headers.
//   - Batches: the message's carrier, if it is the only message. A batch has no one
//     sender; see [Event.Messages].
//   - SNS: the message's.
//   - EventBridge: the members of detail. EventBridge itself passes the tracing header
//     with the invocation and leaves it out of the event.
//   - Step Functions: the members of the event, then those of the execution's input.
//   - S3 Object Lambda: the headers of the request to the access point.
//   - Cognito: the client metadata of a user pool's trigger.
//   - IoT: the HTTP headers that a custom authorizer is shown.
//   - Unknown: the member headers, if there is one.
//   - Others: nothing.
func (e Event) Carrier() propagation.TextMapCarrier {
	switch e.Source {
	case SourceCognito:
		return carrier{objects: [2][]byte{member(e.raw(fieldRequest), "clientMetadata")}}
	case SourceEventBridge:
		return carrier{objects: [2][]byte{e.raw(fieldDetail)}}
	case SourceStepFunctions:
		return carrier{objects: [2][]byte{e.json, member(e.raw(fieldExecution), "Input")}}
	case SourceS3ObjectLambda:
		return carrier{objects: [2][]byte{member(e.raw(fieldUserRequest), "headers")}}
	case SourceIoT:
		return carrier{objects: [2][]byte{member(member(e.raw(fieldProtocolData), "http"), "headers")}}
	}
	switch e.Trigger() {
	case triggerPubSub:
		return e.onlyMessage()
	case triggerHTTP:
		return e.headers()
	}
	if e.Source == SourceUnknown {
		return e.headers()
	}
	return carrier{}
}

// headers returns the carrier over the HTTP request's headers.
func (e *Event) headers() carrier {
	switch {
	case e.Source == SourceAppSync:
		return carrier{objects: [2][]byte{member(e.raw(fieldRequest), "headers")}}
	case e.Source == SourceAuthorizer && e.hasAll(1<<fieldRequestHeaders): // AppSync's
		return carrier{objects: [2][]byte{e.raw(fieldRequestHeaders)}}
	default:
		return carrier{objects: [2][]byte{e.raw(fieldHeaders), e.raw(fieldMultiValueHeaders)}}
	}
}

// onlyMessage returns the carrier of the message if there is one only.
func (e *Event) onlyMessage() carrier {
	var only carrier
	n := 0
	for m := range e.eachMessage {
		if n++; n > 1 {
			return carrier{}
		}
		only = m.carrier
	}
	return only
}

// carrier reads objects in order: JSON objects, or Kafka's lists of objects of one
// member each. Then come those inside a text that another service has wrapped.
type carrier struct {
	objects [2][]byte
	wrapped wrapped
}

var _ propagation.TextMapCarrier = carrier{}

// each yields the members of the objects in order, keys decoded and values raw.
func (c carrier) each(yield func(key, value []byte) bool) {
	for {
		for _, object := range c.objects {
			if !eachMember(object, yield) {
				return
			}
		}
		inner, ok := c.wrapped.open()
		if !ok {
			return
		}
		c = inner
	}
}

// eachMember yields the members of an object, or of the objects in a list.
func eachMember(raw []byte, yield func(key, value []byte) bool) bool {
	for a := openArray(raw); a.next(); {
		for o := openObject(a.value()); o.next(); {
			if !yield(o.key, o.value()) {
				return false
			}
		}
	}
	for o := openObject(raw); o.next(); {
		if !yield(o.key, o.value()) {
			return false
		}
	}
	return true
}

// Get returns the value under key in any case, and "" if there is none.
func (c carrier) Get(key string) string {
	header := equalFold(headerName, key)
	for k, value := range c.each {
		if equalFold(string(k), key) || header && isTraceHeaderKey(k) {
			if s := carrierText(value); s != "" {
				return s
			}
		}
	}
	return ""
}

// IgnoresCase tells propagators that one Get is enough.
func (carrier) IgnoresCase() {}

// Set does nothing: an event has been sent.
func (carrier) Set(string, string) {}

// Keys returns the keys that have a value, as the event spells them but for
// AWSTraceHeader.
func (c carrier) Keys() []string {
	var keys []string
	for key, value := range c.each {
		switch {
		case carrierText(value) == "":
		case isTraceHeaderKey(key):
			keys = append(keys, headerName)
		default:
			keys = append(keys, string(key))
		}
	}
	return keys
}

// isTraceHeaderKey: SQS's name for the tracing header.
func isTraceHeaderKey(key []byte) bool { return string(key) == "AWSTraceHeader" }

// carrierText returns a value as text: a string, the first of a list, the bytes that
// Kafka lists, or what a message attribute has one level deeper.
func carrierText(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '[':
		first := firstOf(raw)
		if len(first) > 0 && first[0] == '"' {
			return text(first)
		}
		return bytesText(raw)
	case '{':
		for o := openObject(raw); o.next(); {
			value := ""
			switch string(o.key) {
			case "stringValue", "Value": // SQS, SNS
				value = text(o.value())
			case "bytes": // RabbitMQ
				value = bytesText(o.value())
			}
			if value != "" {
				return value
			}
		}
	}
	return text(raw)
}

// bytesText returns the text whose bytes raw lists as numbers, signed or not. It is
// "" if there is anything else in the list.
func bytesText(raw []byte) string {
	var dst []byte
	for a := openArray(raw); a.next(); {
		n, err := strconv.Atoi(string(a.value()))
		if err != nil || n < -128 || n > 255 {
			return ""
		}
		dst = append(dst, byte(n))
	}
	return string(dst)
}

// equalFold ignores the case of ASCII letters, the only ones in header names.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
