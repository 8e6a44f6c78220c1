package lambdaevent

import "bytes"

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

func (e *Event) objectSource() Source {
	context := members(e.raw(fieldRequestContext), "elb", "http", "domainName")
	http := isObject(context[1])
	detailType := decoded(e.raw(fieldDetailType))
	switch {
	case isObject(context[0]):
		return SourceALB
	// <id>.lambda-url.<region>.on.aws; a function URL has no custom domain.
	case http && bytes.Contains(decoded(context[2]), []byte(".lambda-url.")):
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
