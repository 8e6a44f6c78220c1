package propagator

import (
	"bytes"
	"iter"
	"math"

	"go.opentelemetry.io/otel/propagation"
)

// Source is the kind of event an invocation got.
type Source uint8

const (
	// SourceUnknown: none of the others, or no JSON object at all.
	SourceUnknown Source = iota
	// SourceAPIGatewayV1: an API Gateway REST API, or an HTTP API with payload format 1.0.
	SourceAPIGatewayV1
	// SourceAPIGatewayV2: an API Gateway HTTP API with payload format 2.0.
	SourceAPIGatewayV2
	// SourceFunctionURL: a Lambda function URL.
	SourceFunctionURL
	// SourceALB: an Application Load Balancer target group.
	SourceALB
	// SourceSQS: a batch of SQS messages.
	SourceSQS
	// SourceSNS: an SNS notification.
	SourceSNS
	// SourceEventBridge: an EventBridge event.
	SourceEventBridge
	// SourceSchedule: an EventBridge rule or scheduler that fires by time.
	SourceSchedule
	// SourceStepFunctions: a Step Functions task that passes its context object,
	// or the members Execution, State and StateMachine of it.
	SourceStepFunctions
	// SourceKinesis: a batch of Kinesis records.
	SourceKinesis
	// SourceDynamoDB: a batch of DynamoDB stream records.
	SourceDynamoDB
	// SourceS3: an S3 notification.
	SourceS3
)

var sourceNames = [...]string{
	"unknown", "API Gateway v1", "API Gateway v2", "function URL", "ALB", "SQS", "SNS",
	"EventBridge", "schedule", "Step Functions", "Kinesis", "DynamoDB", "S3",
}

// String returns a name for people.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return sourceNames[SourceUnknown]
}

// Trigger returns the value of faas.trigger for the source: "http", "pubsub",
// "datasource", "timer" or "other".
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
func (s Source) Trigger() string {
	switch s {
	case SourceAPIGatewayV1, SourceAPIGatewayV2, SourceFunctionURL, SourceALB:
		return "http"
	case SourceSQS, SourceSNS, SourceEventBridge, SourceKinesis:
		return "pubsub"
	case SourceDynamoDB, SourceS3:
		return "datasource"
	case SourceSchedule:
		return "timer"
	default:
		return "other"
	}
}

// Event is what an invocation's event says about where it came from. The zero value
// is an event of unknown source.
//
// It shares the memory of the JSON it was parsed from and is valid as long as that
// is not changed; what its methods return is not affected. Methods read only the
// parts they need, each time they are called, and may be called concurrently.
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
	fieldCount
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
	default:
		return -1
	}
}

// ParseEvent looks at an invocation's event once and says what it is. It does not
// allocate, does not check the JSON in full, and stops as soon as the source is
// sure: a batch of records is recognised by its first one. What is no JSON object,
// or one that no source sends, is an event of [SourceUnknown].
func ParseEvent(event []byte) Event {
	e := Event{json: event}
	if len(event) > math.MaxInt32 {
		return e // Lambda's own limit is 6 MB
	}
	for o := openObject(event); o.next(); {
		field := fieldOf(o.key)
		if field < 0 {
			continue
		}
		start := int32(len(event) - len(o.rest()))
		if field == fieldRecords {
			if e.Source = recordsSource(o.rest()); e.Source != SourceUnknown {
				e.at[field] = extent{start, int32(len(event))}
				return e
			}
			continue
		}
		e.at[field] = extent{start, start + int32(len(o.value()))}
	}
	e.Source = e.objectSource()
	return e
}

// raw returns the raw JSON of a member, nil if the event has none.
func (e Event) raw(field int) []byte {
	return e.json[e.at[field].start:e.at[field].end]
}

func recordsSource(records []byte) Source {
	a := openArray(records)
	if !a.next() {
		return SourceUnknown
	}
	for o := openObject(a.rest()); o.next(); {
		switch string(o.key) {
		case "eventSource", "EventSource":
			switch string(decoded(o.value())) {
			case "aws:sqs":
				return SourceSQS
			case "aws:sns":
				return SourceSNS
			case "aws:kinesis":
				return SourceKinesis
			case "aws:dynamodb":
				return SourceDynamoDB
			case "aws:s3":
				return SourceS3
			}
		}
	}
	return SourceUnknown
}

func (e Event) objectSource() Source {
	var elb, http, functionURL bool
	for o := openObject(e.raw(fieldRequestContext)); o.next(); {
		switch string(o.key) {
		case "elb":
			elb = isObject(o.rest())
		case "http":
			http = isObject(o.rest())
		case "domainName":
			// <id>.lambda-url.<region>.on.aws; a function URL has no custom domain.
			functionURL = bytes.Contains(decoded(o.value()), []byte(".lambda-url."))
		}
	}
	detailType := decoded(e.raw(fieldDetailType))
	switch {
	case elb:
		return SourceALB
	case http && functionURL:
		return SourceFunctionURL
	case http:
		return SourceAPIGatewayV2
	case isObject(e.raw(fieldRequestContext)) && len(decoded(e.raw(fieldHTTPMethod))) > 0:
		return SourceAPIGatewayV1
	case string(detailType) == "Scheduled Event":
		return SourceSchedule
	case len(detailType) > 0 && len(decoded(e.raw(fieldSource))) > 0:
		return SourceEventBridge
	case isObject(e.raw(fieldExecution)) && (isObject(e.raw(fieldState)) || isObject(e.raw(fieldStateMachine))):
		return SourceStepFunctions
	default:
		return SourceUnknown
	}
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

func (e Event) firstRecord() []byte {
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
		var only Message
		n := 0
		for m := range e.Messages() {
			if n++; n > 1 {
				return eventCarrier{}
			}
			only = m
		}
		return only.carrier
	case SourceEventBridge:
		return eventCarrier{objects: [2][]byte{e.raw(fieldDetail)}}
	case SourceStepFunctions:
		return eventCarrier{objects: [2][]byte{e.json, member(e.raw(fieldExecution), "Input")}}
	case SourceSchedule, SourceKinesis, SourceDynamoDB, SourceS3:
		return eventCarrier{}
	default:
		return e.headerCarrier()
	}
}

func (e Event) headerCarrier() eventCarrier {
	return eventCarrier{objects: [2][]byte{e.raw(fieldHeaders), e.raw(fieldMultiValueHeaders)}}
}

// Messages yields the messages of an SQS batch or an SNS notification, in order. For
// other sources there are none.
func (e Event) Messages() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		if e.Source != SourceSQS && e.Source != SourceSNS {
			return
		}
		for a := openArray(e.raw(fieldRecords)); a.next(); {
			var m Message
			if e.Source == SourceSQS {
				m = sqsMessage(a.value())
			} else {
				m = snsMessage(member(a.value(), "Sns"))
			}
			if !yield(m) {
				return
			}
		}
	}
}
