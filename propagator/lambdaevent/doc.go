// Package lambdaevent says what a Lambda event says about where it came from.
//
// [Parse] looks at an [Event] and gives its [Source]: what sent it, and so what
// faas.trigger it is. From there the HTTP [Request] behind it, the trace contexts
// that its sender or the senders of its messages gave along, and, of the response
// that the function gives, its HTTP [Status]. An event is read where it lies: nothing
// is decoded that nobody asks for.
//
// # What each source gives
//
// Trace contexts are the tracing header, a W3C traceparent, or whatever else a
// propagator finds in the carrier.
//
//	source            faas.trigger  request  answer is HTTP  trace contexts in
//	API Gateway v1    http          yes      yes             headers, also of HTTP APIs with format 1.0
//	API Gateway v2    http          yes      yes             headers
//	WebSocket API     http          yes      yes             headers of $connect; messages have none
//	authorizer        http          yes      no              headers, unless it gets the token only
//	function URL      http          yes      yes             headers
//	ALB               http          yes      yes             headers, multi-value or not
//	VPC Lattice       http          yes      yes             headers, of both formats
//	AppSync           http          yes      no              the request's headers, also of batches and event APIs
//	SQS               pubsub        no       no              AWSTraceHeader, message attributes, body
//	SNS               pubsub        no       no              message attributes, body
//	EventBridge       pubsub        no       no              members of detail
//	schedule          timer         no       no              none
//	Step Functions    other         no       no              members of the event and the execution's input
//	Kinesis           pubsub        no       no              body
//	Firehose          pubsub        no       no              body
//	Kafka             pubsub        no       no              headers of a record, Amazon MSK's or another's
//	Amazon MQ         pubsub        no       no              headers of RabbitMQ, properties of ActiveMQ
//	DynamoDB          datasource    no       no              none
//	DocumentDB        datasource    no       no              none
//	S3                datasource    no       no              none
//	S3 batch          datasource    no       no              none
//	S3 Object Lambda  datasource    no       no              headers of the request to the access point
//	CloudWatch Logs   pubsub        no       no              none
//	CloudWatch alarm  other         no       no              none
//	Cognito           other         no       no              client metadata
//	IoT               other         no       no              HTTP headers that a custom authorizer is shown
//	Config            other         no       no              none
//	CloudFormation    other         no       no              none
//	SES               other         no       no              none
//	CodeCommit        datasource    no       no              none
//	unknown           other         no       no              the member headers
//
// A body counts where SNS or EventBridge wrapped what they were sent into it, one
// into the other or more. The batches that a pipe of EventBridge sends are those of
// its source.
//
// What nobody marks is unknown: the message that an IoT rule passes, the payload of
// an EventBridge schedule with a target of its own, an event that a caller of Invoke
// made up.
package lambdaevent
