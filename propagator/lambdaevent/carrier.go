package lambdaevent

import "go.opentelemetry.io/otel/propagation"

// headerName is the tracing header's.
const headerName = "X-Amzn-Trace-Id"

// carrier reads JSON objects in order. A value is a string, a list (the first
// counts), or a message attribute, whose string lies one level deeper.
type carrier struct {
	objects [2][]byte
}

var _ propagation.TextMapCarrier = carrier{}

// Get returns the value under key in any case, and "" if there is none.
func (c carrier) Get(key string) string {
	header := equalFold(headerName, key)
	for _, object := range c.objects {
		for o := openObject(object); o.next(); {
			if equalFold(string(o.key), key) || header && isTraceHeaderKey(o.key) {
				if value := carrierText(o.value()); value != "" {
					return value
				}
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
	for _, object := range c.objects {
		for o := openObject(object); o.next(); {
			switch {
			case carrierText(o.value()) == "":
			case isTraceHeaderKey(o.key):
				keys = append(keys, headerName)
			default:
				keys = append(keys, string(o.key))
			}
		}
	}
	return keys
}

// isTraceHeaderKey: SQS's name for the tracing header.
func isTraceHeaderKey(key []byte) bool { return string(key) == "AWSTraceHeader" }

func carrierText(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '[':
		if a := openArray(raw); a.next() {
			return text(a.value())
		}
	case '{':
		for o := openObject(raw); o.next(); {
			switch string(o.key) {
			case "stringValue", "Value": // SQS, SNS
				if value := text(o.value()); value != "" {
					return value
				}
			}
		}
	}
	return text(raw)
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
