package lambdaevent

// Source is the kind of event an invocation got.
type Source uint8

const (
	// SourceUnknown: none of the others, or no JSON object at all.
	SourceUnknown Source = iota
	// SourceAPIGatewayV1: an API Gateway REST API, or an HTTP API with payload format 1.0.
	SourceAPIGatewayV1
	// SourceAPIGatewayV2: an API Gateway HTTP API with payload format 2.0.
	SourceAPIGatewayV2
	// SourceWebSocket: an API Gateway WebSocket API: a connection, a message, or the
	// end of the connection.
	SourceWebSocket
	// SourceAuthorizer: API Gateway or AppSync asks a custom authorizer.
	SourceAuthorizer
	// SourceFunctionURL: a Lambda function URL.
	SourceFunctionURL
	// SourceALB: an Application Load Balancer target group.
	SourceALB
	// SourceVPCLattice: a VPC Lattice target group, in either format.
	SourceVPCLattice
	// SourceAppSync: a resolver of an AppSync API, or a handler of an event API.
	SourceAppSync
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
	// SourceFirehose: a batch of records to transform on their way through Firehose.
	SourceFirehose
	// SourceKafka: a batch of records of Amazon MSK or of a Kafka of one's own.
	SourceKafka
	// SourceMQ: a batch of messages of Amazon MQ, ActiveMQ or RabbitMQ.
	SourceMQ
	// SourceDynamoDB: a batch of DynamoDB stream records.
	SourceDynamoDB
	// SourceDocumentDB: a batch of DocumentDB change stream events.
	SourceDocumentDB
	// SourceS3: an S3 notification.
	SourceS3
	// SourceS3Batch: an object of an S3 batch operation.
	SourceS3Batch
	// SourceS3ObjectLambda: a request to an S3 Object Lambda access point.
	SourceS3ObjectLambda
	// SourceLogs: a CloudWatch Logs subscription.
	SourceLogs
	// SourceAlarm: a CloudWatch alarm.
	SourceAlarm
	// SourceCognito: a trigger of a Cognito user pool, or Cognito Sync.
	SourceCognito
	// SourceIoT: an IoT button, custom authorizer or provisioning hook. What a rule
	// sends is the device's own message, which has no mark.
	SourceIoT
	// SourceConfig: an AWS Config rule.
	SourceConfig
	// SourceCloudFormation: a custom resource.
	SourceCloudFormation
	// SourceSES: a mail that SES received.
	SourceSES
	// SourceCodeCommit: a change of a CodeCommit repository.
	SourceCodeCommit
)

// The values of faas.trigger.
const (
	triggerHTTP       = "http"
	triggerPubSub     = "pubsub"
	triggerDatasource = "datasource"
	triggerTimer      = "timer"
	triggerOther      = "other"
)

var sources = [...]struct{ name, trigger string }{
	SourceUnknown:        {"unknown", triggerOther},
	SourceAPIGatewayV1:   {"API Gateway v1", triggerHTTP},
	SourceAPIGatewayV2:   {"API Gateway v2", triggerHTTP},
	SourceWebSocket:      {"WebSocket API", triggerHTTP},
	SourceAuthorizer:     {"authorizer", triggerHTTP},
	SourceFunctionURL:    {"function URL", triggerHTTP},
	SourceALB:            {"ALB", triggerHTTP},
	SourceVPCLattice:     {"VPC Lattice", triggerHTTP},
	SourceAppSync:        {"AppSync", triggerHTTP},
	SourceSQS:            {"SQS", triggerPubSub},
	SourceSNS:            {"SNS", triggerPubSub},
	SourceEventBridge:    {"EventBridge", triggerPubSub},
	SourceSchedule:       {"schedule", triggerTimer},
	SourceStepFunctions:  {"Step Functions", triggerOther},
	SourceKinesis:        {"Kinesis", triggerPubSub},
	SourceFirehose:       {"Firehose", triggerPubSub},
	SourceKafka:          {"Kafka", triggerPubSub},
	SourceMQ:             {"Amazon MQ", triggerPubSub},
	SourceDynamoDB:       {"DynamoDB", triggerDatasource},
	SourceDocumentDB:     {"DocumentDB", triggerDatasource},
	SourceS3:             {"S3", triggerDatasource},
	SourceS3Batch:        {"S3 batch", triggerDatasource},
	SourceS3ObjectLambda: {"S3 Object Lambda", triggerDatasource},
	SourceLogs:           {"CloudWatch Logs", triggerPubSub},
	SourceAlarm:          {"CloudWatch alarm", triggerOther},
	SourceCognito:        {"Cognito", triggerOther},
	SourceIoT:            {"IoT", triggerOther},
	SourceConfig:         {"Config", triggerOther},
	SourceCloudFormation: {"CloudFormation", triggerOther},
	SourceSES:            {"SES", triggerOther},
	SourceCodeCommit:     {"CodeCommit", triggerDatasource},
}

// String returns a name for people.
func (s Source) String() string { return sources[s.known()].name }

// Trigger returns the value of faas.trigger for the source: "http", "pubsub",
// "datasource", "timer" or "other". What a client's HTTP request sets off counts as
// http, whether or not the function's answer is the client's.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/
func (s Source) Trigger() string { return sources[s.known()].trigger }

// Batch reports whether an event of the source is a batch of messages, each of which
// may have a sender of its own; see [Event.Messages].
func (s Source) Batch() bool {
	switch s {
	case SourceSQS, SourceKafka, SourceMQ, SourceKinesis, SourceFirehose:
		return true
	default:
		return false
	}
}

func (s Source) known() Source {
	if int(s) < len(sources) {
		return s
	}
	return SourceUnknown
}
