package mapping

// slot is the place an attribute has in a document. Attributes that say the
// same thing in different generations of the conventions share one.
type slot uint8

const (
	slotNone slot = iota // not a typed field: annotation or metadata
	slotHTTPMethod
	slotHTTPStatus
	slotHTTPHost
	slotHTTPTarget
	slotURLFull
	slotURLScheme
	slotURLPath
	slotURLQuery
	slotServerAddress
	slotServerPort
	slotNetPeerName // the server on a CLIENT span, the client on a SERVER span
	slotNetPeerPort
	slotClientAddress
	slotPeerAddress
	slotUserAgent
	slotResponseSize
	slotRPCSystem
	slotRPCService
	slotRPCMethod
	slotRPCStatus
	slotAWSService
	slotAWSOperation
	slotAWSRegion
	slotAWSRequestID
	slotAWSID2
	slotAWSAccount
	slotAWSRetries
	slotAWSTable
	slotAWSTables
	slotAWSBucket
	slotAWSObjectKey
	slotAWSQueueURL
	slotAWSTopicARN
	slotAWSFunction
	slotAWSSecret
	slotAWSStream
	slotAWSStateMachine
	slotMessageCount
	slotDBSystem
	slotDBName
	slotDBQuery
	slotDBUser
	slotDBConnection
	slotDBOperation
	slotMessagingSystem
	slotMessagingDestination
	slotMessagingOperation
	slotPeerService
	slotLocalService
	slotRemoteService
	slotSpanKind
	slotAnnotations
	slotInProgress
	slotXRayError
	slotXRayFault
	slotXRayThrottle
	slotXRayNamespace
	slotColdStart
	slotInvocationID
	slotInvokedARN
	slotResourceID
	slotUser
	slotErrorType
	slotResend
	// Resource attributes.
	slotServiceName
	slotServiceVersion
	slotServiceNamespace
	slotServiceInstance
	slotFunctionName
	slotCloudProvider
	slotCloudPlatform
	slotAvailabilityZone
	slotHostID
	slotHostType
	slotHostImage
	slotContainerName
	slotContainerID
	slotTaskARN
	slotTaskFamily
	slotClusterARN
	slotContainerARN
	slotLaunchType
	slotK8sCluster
	slotK8sPod
	slotLogGroupNames
	slotLogGroupARNs
	slotSDKName
	slotSDKLanguage
	slotSDKVersion
	slotAutoVersion
	numSlots
)

// attributeTable is the one place that knows attribute keys: which slot a key
// fills. A key marked older gives way to the current one when a span has both.
//
// Sources: OpenTelemetry semantic conventions 1.43 and the generations before
// (https://opentelemetry.io/docs/specs/semconv/), and the Collector's X-Ray
// conventions (aws.xray.*, aws.local.*, aws.remote.*, aws.span.kind).
var attributeTable = [...]struct {
	key   string
	slot  slot
	older bool
}{
	{"http.request.method", slotHTTPMethod, false},
	{"http.method", slotHTTPMethod, true},
	{"http.response.status_code", slotHTTPStatus, false},
	{"http.status_code", slotHTTPStatus, true},
	{"http.host", slotHTTPHost, true},
	{"http.target", slotHTTPTarget, true},
	{"url.full", slotURLFull, false},
	{"http.url", slotURLFull, true},
	{"url.scheme", slotURLScheme, false},
	{"http.scheme", slotURLScheme, true},
	{"url.path", slotURLPath, false},
	{"url.query", slotURLQuery, false},
	{"server.address", slotServerAddress, false},
	{"net.peer.name", slotNetPeerName, true},
	{"net.host.name", slotServerAddress, true},
	{"http.server_name", slotServerAddress, true},
	{"server.port", slotServerPort, false},
	{"net.peer.port", slotNetPeerPort, true},
	{"net.host.port", slotServerPort, true},
	{"client.address", slotClientAddress, false},
	{"http.client_ip", slotClientAddress, true},
	{"network.peer.address", slotPeerAddress, false},
	{"net.sock.peer.addr", slotPeerAddress, true},
	{"net.peer.ip", slotPeerAddress, true},
	{"user_agent.original", slotUserAgent, false},
	{"http.user_agent", slotUserAgent, true},
	{"http.response.body.size", slotResponseSize, false},
	{"http.response_content_length", slotResponseSize, true},

	{"rpc.system.name", slotRPCSystem, false},
	{"rpc.system", slotRPCSystem, true},
	{"rpc.service", slotRPCService, false},
	{"rpc.method", slotRPCMethod, false},
	{"rpc.response.status_code", slotRPCStatus, false},
	{"rpc.grpc.status_code", slotRPCStatus, true},

	{"aws.service", slotAWSService, false},
	{"aws.operation", slotAWSOperation, false},
	{"aws.region", slotAWSRegion, false},
	{"cloud.region", slotAWSRegion, true},
	{"aws.request_id", slotAWSRequestID, false},
	{"aws.requestId", slotAWSRequestID, true},
	{"aws.request.id", slotAWSRequestID, true}, // Node.js
	{"aws.extended_request_id", slotAWSID2, false},
	{"aws.request.extended_id", slotAWSID2, true}, // Node.js
	{"cloud.account.id", slotAWSAccount, false},
	{"aws.account_id", slotAWSAccount, true},
	{"aws.retries", slotAWSRetries, false},
	{"aws.table.name", slotAWSTable, false},
	{"aws.table_name", slotAWSTable, true},
	{"aws.dynamodb.table_names", slotAWSTables, false},
	{"aws.s3.bucket", slotAWSBucket, false},
	{"aws.bucket.name", slotAWSBucket, true},
	{"aws.s3.key", slotAWSObjectKey, false},
	{"aws.sqs.queue.url", slotAWSQueueURL, false},
	{"aws.queue.url", slotAWSQueueURL, true},
	{"aws.queue_url", slotAWSQueueURL, true},
	{"messaging.url", slotAWSQueueURL, true},
	{"aws.sns.topic.arn", slotAWSTopicARN, false},
	{"aws.topic.arn", slotAWSTopicARN, true},
	{"faas.invoked_name", slotAWSFunction, false},
	{"aws.lambda.function.name", slotAWSFunction, true},
	{"aws.secretsmanager.secret.arn", slotAWSSecret, false},
	{"aws.kinesis.stream_name", slotAWSStream, false},
	{"aws.stream.name", slotAWSStream, true},
	{"aws.kinesis.stream.name", slotAWSStream, true}, // Node.js
	{"aws.step_functions.state_machine.arn", slotAWSStateMachine, false},
	{"messaging.batch.message_count", slotMessageCount, false},

	{"db.system.name", slotDBSystem, false},
	{"db.system", slotDBSystem, true},
	{"db.namespace", slotDBName, false},
	{"db.name", slotDBName, true},
	{"db.query.text", slotDBQuery, false},
	{"db.statement", slotDBQuery, true},
	{"db.user", slotDBUser, true},
	{"db.connection_string", slotDBConnection, true},
	{"db.operation.name", slotDBOperation, false},
	{"db.operation", slotDBOperation, true},

	{"messaging.system", slotMessagingSystem, false},
	{"messaging.destination.name", slotMessagingDestination, false},
	{"messaging.destination", slotMessagingDestination, true},
	{"messaging.operation.name", slotMessagingOperation, false},

	{"service.peer.name", slotPeerService, false},
	{"peer.service", slotPeerService, true},
	{"aws.local.service", slotLocalService, false},
	{"aws.remote.service", slotRemoteService, false},
	{"aws.span.kind", slotSpanKind, false},
	{"aws.xray.annotations", slotAnnotations, false},
	{"aws.xray.inprogress", slotInProgress, false},
	{"aws.xray.error", slotXRayError, false},
	{"aws.xray.fault", slotXRayFault, false},
	{"aws.xray.throttle", slotXRayThrottle, false},
	{"aws.xray.namespace", slotXRayNamespace, false},

	{"faas.coldstart", slotColdStart, false},
	{"faas.invocation_id", slotInvocationID, false},
	{"faas.execution", slotInvocationID, true},
	{"aws.lambda.invoked_arn", slotInvokedARN, false},
	{"cloud.resource_id", slotResourceID, false},
	{"faas.id", slotResourceID, true},

	{"user.id", slotUser, false},
	{"enduser.id", slotUser, true},
	{"error.type", slotErrorType, false},
	{"http.request.resend_count", slotResend, false},
	{"retry_attempts", slotResend, true}, // botocore

	{"service.name", slotServiceName, false},
	{"service.version", slotServiceVersion, false},
	{"service.namespace", slotServiceNamespace, false},
	{"service.instance.id", slotServiceInstance, false},
	{"faas.name", slotFunctionName, false},
	{"cloud.provider", slotCloudProvider, false},
	{"cloud.platform", slotCloudPlatform, false},
	{"cloud.availability_zone", slotAvailabilityZone, false},
	{"host.id", slotHostID, false},
	{"host.type", slotHostType, false},
	{"host.image.id", slotHostImage, false},
	{"container.name", slotContainerName, false},
	{"container.id", slotContainerID, false},
	{"aws.ecs.task.arn", slotTaskARN, false},
	{"aws.ecs.task.family", slotTaskFamily, false},
	{"aws.ecs.cluster.arn", slotClusterARN, false},
	{"aws.ecs.container.arn", slotContainerARN, false},
	{"aws.ecs.launchtype", slotLaunchType, false},
	{"k8s.cluster.name", slotK8sCluster, false},
	{"k8s.pod.name", slotK8sPod, false},
	{"aws.log.group.names", slotLogGroupNames, false},
	{"aws.log.group.arns", slotLogGroupARNs, false},
	{"telemetry.sdk.name", slotSDKName, false},
	{"telemetry.sdk.language", slotSDKLanguage, false},
	{"telemetry.sdk.version", slotSDKVersion, false},
	{"telemetry.distro.version", slotAutoVersion, false},
	{"telemetry.auto.version", slotAutoVersion, true},
}

// metadataPrefix marks an attribute whose value is the JSON object of a
// metadata namespace: aws.xray.metadata.<namespace>.
const metadataPrefix = "aws.xray.metadata."
