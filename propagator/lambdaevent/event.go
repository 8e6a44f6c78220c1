package lambdaevent

import (
	"iter"
	"math"

	"go.opentelemetry.io/otel/propagation"
)

// Event is what an invocation's event says about where it came from. The zero value
// is an event of unknown source.
//
// It shares the memory of the JSON it was parsed from, and so do its carriers and
// messages: they are valid as long as that is not changed. Strings are copies.
// Methods read only the parts they need, each time they are called, and may be
// called concurrently.
type Event struct {
	Source Source

	json []byte
	at   [fieldCount]extent
}

// extent is where the value of a member lies in an event.
type extent struct{ start, end int32 }

// The members of an event that any source needs.
const (
	fieldHeaders = iota
	fieldMultiValueHeaders
	fieldRequestContext
	fieldResource
	fieldPath
	fieldHTTPMethod
	fieldRouteKey
	fieldRawPath
	fieldRawQueryString
	fieldQuery
	fieldMultiValueQuery
	fieldDetailType
	fieldSource
	fieldResources
	fieldDetail
	fieldExecution
	fieldState
	fieldStateMachine
	fieldRecords
	fieldBody
	fieldCount
)

// All that Request, Query and Carrier read of an event, by its format.
const (
	apiGatewayV1Fields = 1<<fieldResource | 1<<fieldPath | 1<<fieldHTTPMethod | 1<<fieldRequestContext |
		1<<fieldHeaders | 1<<fieldMultiValueHeaders | 1<<fieldQuery | 1<<fieldMultiValueQuery
	apiGatewayV2Fields = 1<<fieldRouteKey | 1<<fieldRawPath | 1<<fieldRawQueryString | 1<<fieldRequestContext |
		1<<fieldHeaders
)

func fieldOf(key []byte) int {
	switch string(key) {
	case "headers":
		return fieldHeaders
	case "multiValueHeaders":
		return fieldMultiValueHeaders
	case "requestContext":
		return fieldRequestContext
	case "resource":
		return fieldResource
	case "path":
		return fieldPath
	case "httpMethod":
		return fieldHTTPMethod
	case "routeKey":
		return fieldRouteKey
	case "rawPath":
		return fieldRawPath
	case "rawQueryString":
		return fieldRawQueryString
	case "queryStringParameters":
		return fieldQuery
	case "multiValueQueryStringParameters":
		return fieldMultiValueQuery
	case "detail-type":
		return fieldDetailType
	case "source":
		return fieldSource
	case "resources":
		return fieldResources
	case "detail":
		return fieldDetail
	case "Execution":
		return fieldExecution
	case "State":
		return fieldState
	case "StateMachine":
		return fieldStateMachine
	case "Records":
		return fieldRecords
	case "body":
		return fieldBody
	default:
		return -1
	}
}

// Parse looks at an invocation's event once and says what it is. It does not
// allocate, does not check the JSON in full, and stops as soon as the source is
// sure: a batch of records is recognised by its first one, and of an API Gateway or
// function URL event the body is not read where, as they send it, it comes last.
// What is no JSON object, or one that no source sends, is an event of [SourceUnknown].
func Parse(event []byte) Event {
	e := Event{json: event}
	if len(event) > math.MaxInt32 {
		return e // Lambda's own limit is 6 MB
	}
	seen := 0
	for o := openObject(event); o.next(); {
		field := fieldOf(o.key)
		switch field {
		case -1:
			continue
		case fieldRecords:
			if source := recordsSource(o.rest()); source != SourceUnknown {
				e.Source = source
				e.at[field] = extent{int32(len(event) - len(o.rest())), int32(len(event))}
				return e
			}
			continue
		case fieldBody:
			if e.Source = e.sourceBeforeBody(seen); e.Source != SourceUnknown {
				return e
			}
			continue
		}
		seen |= 1 << field
		start := int32(len(event) - len(o.rest()))
		e.at[field] = extent{start, start + int32(len(o.value()))}
	}
	e.Source = e.objectSource()
	return e
}

// sourceBeforeBody returns the source if nothing that comes after the body can
// matter.
func (e *Event) sourceBeforeBody(seen int) Source {
	if seen&apiGatewayV1Fields != apiGatewayV1Fields && seen&apiGatewayV2Fields != apiGatewayV2Fields {
		return SourceUnknown
	}
	switch source := e.objectSource(); {
	case source == SourceAPIGatewayV1 && seen&apiGatewayV1Fields == apiGatewayV1Fields,
		source == SourceAPIGatewayV2 && seen&apiGatewayV2Fields == apiGatewayV2Fields,
		source == SourceFunctionURL && seen&apiGatewayV2Fields == apiGatewayV2Fields:
		return source
	default:
		return SourceUnknown
	}
}

// raw returns the raw JSON of a member, nil if the event has none.
//
//go:noinline
func (e *Event) raw(field int) []byte {
	return e.json[e.at[field].start:e.at[field].end]
}

// Trigger returns the value of faas.trigger; see [Source.Trigger].
func (e Event) Trigger() string { return e.Source.Trigger() }

// SourceARN returns the ARN of what sent the event, as far as the event names it: the
// queue, topic, stream or bucket, the load balancer's target group, the
// EventBridge rule or first resource, the state machine. Otherwise it is "".
func (e Event) SourceARN() string {
	switch e.Source {
	case SourceSQS, SourceKinesis, SourceDynamoDB:
		return text(member(e.firstRecord(), "eventSourceARN"))
	case SourceSNS:
		return text(member(member(e.firstRecord(), "Sns"), "TopicArn"))
	case SourceS3:
		return text(member(member(member(e.firstRecord(), "s3"), "bucket"), "arn"))
	case SourceALB:
		return text(member(member(e.raw(fieldRequestContext), "elb"), "targetGroupArn"))
	case SourceEventBridge, SourceSchedule:
		a := openArray(e.raw(fieldResources))
		if a.next() {
			return text(a.value())
		}
		return ""
	case SourceStepFunctions:
		return text(member(e.raw(fieldStateMachine), "Id"))
	default:
		return ""
	}
}

func (e *Event) firstRecord() []byte {
	a := openArray(e.raw(fieldRecords))
	if !a.next() {
		return nil
	}
	return a.value()
}

// Carrier returns a carrier over the part of the event in which its sender puts
// trace context. Get ignores the case of keys, and finds X-Amzn-Trace-Id under
// AWSTraceHeader too; Set does nothing.
//
//   - HTTP sources: the request's headers.
//   - SQS: the message's AWSTraceHeader and its message attributes, if it is the only
//     message. A batch has no one sender; see [Event.Messages].
//   - SNS: the message attributes.
//   - EventBridge: the members of detail. EventBridge itself passes the tracing header
//     with the invocation and leaves it out of the event.
//   - Step Functions: the members of the event, then those of the execution's input.
//   - Unknown: the member headers, if there is one.
//   - Others: nothing.
func (e Event) Carrier() propagation.TextMapCarrier {
	switch e.Source {
	case SourceSQS, SourceSNS:
		a := openArray(e.raw(fieldRecords))
		if !a.next() {
			return carrier{}
		}
		only := e.message(a.value())
		if a.next() {
			return carrier{}
		}
		return only.carrier
	case SourceEventBridge:
		return carrier{objects: [2][]byte{e.raw(fieldDetail)}}
	case SourceStepFunctions:
		return carrier{objects: [2][]byte{e.json, member(e.raw(fieldExecution), "Input")}}
	case SourceSchedule, SourceKinesis, SourceDynamoDB, SourceS3:
		return carrier{}
	default:
		return e.headerCarrier()
	}
}

func (e *Event) headerCarrier() carrier {
	return carrier{objects: [2][]byte{e.raw(fieldHeaders), e.raw(fieldMultiValueHeaders)}}
}

// Messages yields the messages of an SQS batch or an SNS notification, in order. For
// other sources there are none.
func (e Event) Messages() iter.Seq[Message] { return e.eachMessage }

func (e *Event) eachMessage(yield func(Message) bool) {
	if e.Source != SourceSQS && e.Source != SourceSNS {
		return
	}
	for a := openArray(e.raw(fieldRecords)); a.next(); {
		if !yield(e.message(a.value())) {
			return
		}
	}
}
