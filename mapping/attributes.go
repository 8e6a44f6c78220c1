package mapping

// slot is the place an attribute has in a document. Attributes that say the
// same thing in different generations of the conventions share one.
type slot uint8

const (
	slotNone slot = iota // not a typed field: annotation or metadata
	slotHTTPMethod
	slotHTTPStatus
	slotStatusText
	slotHTTPHost
	slotHTTPTarget
	slotURLFull
	slotURLScheme
	slotURLPath
	slotURLQuery
	slotURLOriginal
	slotURLFragment
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
	slotJSONRPCError
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
	slotMessagingTemplate
	slotMessagingTemporary
	slotMessagingAnonymous
	slotTraced
	slotForwardedFor
	slotGenAIProvider
	slotGenAIOperation
	slotInvokedProvider
	slotInvokedRegion
	slotRemoteOperation
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
	slotResourceARN
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
	slotImageTags
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

// generation says which of two attributes fills a slot that both want: an older
// one gives way to the current one.
type generation uint8

const (
	current generation = iota
	older
)

// blocks are the parts of a document that a key makes necessary. A block that no
// attribute of a span is for is not looked at, and most are not.
type blocks uint8

const (
	blockHTTP      blocks = 1 << iota
	blockURL              // parts of a URL beside the whole
	blockCall             // what any call may have of the aws block
	blockAWS              // the resource that an AWS call works on
	blockAWSSystem        // what names an AWS service without its SDK
	blockFlags            // error, fault and throttle as the span says them
)

// attributeTable is the one place that knows attribute keys: which slot a key
// fills, of which generation it is, and which blocks look at it.
//
// Sources: OpenTelemetry semantic conventions 1.43 and the generations before
// (https://opentelemetry.io/docs/specs/semconv/), and the Collector's X-Ray
// conventions (aws.xray.*, aws.local.*, aws.remote.*, aws.span.kind).
var attributeTable = [...]struct {
	key        string
	slot       slot
	generation generation
	blocks     blocks
}{
	{"http.request.method", slotHTTPMethod, current, blockHTTP},
	{"http.method", slotHTTPMethod, older, blockHTTP},
	{"http.response.status_code", slotHTTPStatus, current, blockHTTP},
	{"http.status_code", slotHTTPStatus, older, blockHTTP},
	{"http.status_text", slotStatusText, older, 0},
	{"http.host", slotHTTPHost, older, blockHTTP | blockURL},
	{"http.target", slotHTTPTarget, older, blockHTTP | blockURL},
	{"url.full", slotURLFull, current, blockHTTP},
	{"http.url", slotURLFull, older, blockHTTP},
	{"url.scheme", slotURLScheme, current, blockURL},
	{"http.scheme", slotURLScheme, older, blockURL},
	{"url.path", slotURLPath, current, blockHTTP | blockURL},
	{"url.query", slotURLQuery, current, blockURL},
	{"url.original", slotURLOriginal, current, 0},
	{"url.fragment", slotURLFragment, current, 0},
	{"server.address", slotServerAddress, current, 0},
	{"net.peer.name", slotNetPeerName, older, 0},
	{"net.host.name", slotServerAddress, older, 0},
	{"http.server_name", slotServerAddress, older, 0},
	{"server.port", slotServerPort, current, 0},
	{"net.peer.port", slotNetPeerPort, older, 0},
	{"net.host.port", slotServerPort, older, 0},
	{"client.address", slotClientAddress, current, blockHTTP},
	{"http.client_ip", slotClientAddress, older, blockHTTP},
	{"network.peer.address", slotPeerAddress, current, 0},
	{"net.sock.peer.addr", slotPeerAddress, older, 0},
	{"net.peer.ip", slotPeerAddress, older, 0},
	{"user_agent.original", slotUserAgent, current, blockHTTP},
	{"http.user_agent", slotUserAgent, older, blockHTTP},
	{"http.response.body.size", slotResponseSize, current, blockHTTP},
	{"http.response_content_length", slotResponseSize, older, blockHTTP},

	{"rpc.system.name", slotRPCSystem, current, 0},
	{"rpc.system", slotRPCSystem, older, 0},
	{"rpc.service", slotRPCService, current, 0},
	{"rpc.method", slotRPCMethod, current, 0},
	{"rpc.response.status_code", slotRPCStatus, current, 0},
	{"rpc.grpc.status_code", slotRPCStatus, older, 0},
	{"rpc.connect_rpc.error_code", slotRPCStatus, older, 0},
	{"rpc.jsonrpc.error_code", slotJSONRPCError, current, 0},

	{"aws.service", slotAWSService, current, 0},
	{"aws.operation", slotAWSOperation, current, blockCall},
	{"aws.region", slotAWSRegion, current, blockCall},
	{"cloud.region", slotAWSRegion, older, blockCall},
	{"aws.request_id", slotAWSRequestID, current, blockCall},
	{"aws.requestId", slotAWSRequestID, older, blockCall},
	{"aws.request.id", slotAWSRequestID, older, blockCall}, // Node.js
	{"aws.extended_request_id", slotAWSID2, current, blockCall},
	{"aws.request.extended_id", slotAWSID2, older, blockCall}, // Node.js
	{"cloud.account.id", slotAWSAccount, current, blockCall},
	{"aws.account_id", slotAWSAccount, older, blockCall},
	{"aws.retries", slotAWSRetries, current, blockCall},
	{"aws.xray.retries", slotAWSRetries, older, blockCall}, // these are what awsxrayreceiver makes of documents
	{"aws.xray.traced", slotTraced, current, blockHTTP},
	{"aws.xray.x_forwarded_for", slotForwardedFor, current, blockHTTP},
	{"aws.xray.resource_arn", slotResourceARN, current, 0},
	{"aws.table.name", slotAWSTable, current, 0},
	{"aws.table_name", slotAWSTable, older, 0},
	{"aws.dynamodb.table_names", slotAWSTables, current, 0},
	{"aws.s3.bucket", slotAWSBucket, current, blockAWS},
	{"aws.bucket.name", slotAWSBucket, older, blockAWS},
	{"aws.s3.key", slotAWSObjectKey, current, blockAWS},
	{"aws.sqs.queue.url", slotAWSQueueURL, current, blockAWS},
	{"aws.queue.url", slotAWSQueueURL, older, blockAWS},
	{"aws.queue_url", slotAWSQueueURL, older, blockAWS},
	{"messaging.url", slotAWSQueueURL, older, blockAWS},
	{"aws.sns.topic.arn", slotAWSTopicARN, current, blockAWS},
	{"aws.topic.arn", slotAWSTopicARN, older, blockAWS},
	{"faas.invoked_name", slotAWSFunction, current, blockAWS},
	{"aws.lambda.function.name", slotAWSFunction, older, blockAWS},
	{"aws.secretsmanager.secret.arn", slotAWSSecret, current, blockAWS},
	{"aws.kinesis.stream_name", slotAWSStream, current, blockAWS},
	{"aws.stream.name", slotAWSStream, older, blockAWS},
	{"aws.kinesis.stream.name", slotAWSStream, older, blockAWS}, // Node.js
	{"aws.step_functions.state_machine.arn", slotAWSStateMachine, current, blockAWS},
	{"messaging.batch.message_count", slotMessageCount, current, blockAWS},

	{"db.system.name", slotDBSystem, current, blockAWSSystem},
	{"db.system", slotDBSystem, older, blockAWSSystem},
	{"db.namespace", slotDBName, current, 0},
	{"db.name", slotDBName, older, 0},
	{"db.query.text", slotDBQuery, current, 0},
	{"db.statement", slotDBQuery, older, 0},
	{"db.user", slotDBUser, older, 0},
	{"db.connection_string", slotDBConnection, older, 0},
	{"db.operation.name", slotDBOperation, current, 0},
	{"db.operation", slotDBOperation, older, 0},

	{"messaging.system", slotMessagingSystem, current, blockAWSSystem},
	{"messaging.destination.name", slotMessagingDestination, current, 0},
	{"messaging.destination", slotMessagingDestination, older, 0},
	{"messaging.destination.template", slotMessagingTemplate, current, 0},
	{"messaging.destination.temporary", slotMessagingTemporary, current, 0},
	{"messaging.temp_destination", slotMessagingTemporary, older, 0},
	{"messaging.destination.anonymous", slotMessagingAnonymous, current, 0},
	{"messaging.operation.name", slotMessagingOperation, current, 0},

	{"gen_ai.provider.name", slotGenAIProvider, current, blockAWSSystem},
	{"gen_ai.system", slotGenAIProvider, older, blockAWSSystem},
	{"gen_ai.operation.name", slotGenAIOperation, current, 0},
	{"faas.invoked_provider", slotInvokedProvider, current, blockAWSSystem},
	{"faas.invoked_region", slotInvokedRegion, current, 0},
	{"aws.remote.operation", slotRemoteOperation, current, 0},

	{"service.peer.name", slotPeerService, current, 0},
	{"peer.service", slotPeerService, older, 0},
	{"aws.local.service", slotLocalService, current, 0},
	{"aws.remote.service", slotRemoteService, current, 0},
	{"aws.span.kind", slotSpanKind, current, 0},
	{"aws.xray.annotations", slotAnnotations, current, 0},
	{"aws.xray.inprogress", slotInProgress, current, 0},
	{"aws.xray.error", slotXRayError, current, blockFlags},
	{"aws.xray.fault", slotXRayFault, current, blockFlags},
	{"aws.xray.throttle", slotXRayThrottle, current, blockFlags},
	{"aws.xray.namespace", slotXRayNamespace, current, 0},

	{"faas.coldstart", slotColdStart, current, 0},
	{"faas.invocation_id", slotInvocationID, current, 0},
	{"faas.execution", slotInvocationID, older, 0},
	{"aws.lambda.invoked_arn", slotInvokedARN, current, 0},
	{"cloud.resource_id", slotResourceID, current, blockCall},
	{"faas.id", slotResourceID, older, blockCall},

	{"user.id", slotUser, current, 0},
	{"enduser.id", slotUser, older, 0},
	{"error.type", slotErrorType, current, 0},
	{"http.request.resend_count", slotResend, current, 0},
	{"retry_attempts", slotResend, older, 0}, // botocore

	{"service.name", slotServiceName, current, 0},
	{"service.version", slotServiceVersion, current, 0},
	{"service.namespace", slotServiceNamespace, current, 0},
	{"service.instance.id", slotServiceInstance, current, 0},
	{"faas.name", slotFunctionName, current, 0},
	{"cloud.provider", slotCloudProvider, current, 0},
	{"cloud.platform", slotCloudPlatform, current, 0},
	{"cloud.availability_zone", slotAvailabilityZone, current, 0},
	{"host.id", slotHostID, current, 0},
	{"host.type", slotHostType, current, 0},
	{"host.image.id", slotHostImage, current, 0},
	{"container.name", slotContainerName, current, 0},
	{"container.id", slotContainerID, current, 0},
	{"container.image.tags", slotImageTags, current, 0},
	{"container.image.tag", slotImageTags, older, 0},
	{"aws.ecs.task.arn", slotTaskARN, current, 0},
	{"aws.ecs.task.family", slotTaskFamily, current, 0},
	{"aws.ecs.cluster.arn", slotClusterARN, current, 0},
	{"aws.ecs.container.arn", slotContainerARN, current, 0},
	{"aws.ecs.launchtype", slotLaunchType, current, 0},
	{"k8s.cluster.name", slotK8sCluster, current, 0},
	{"k8s.pod.name", slotK8sPod, current, 0},
	{"aws.log.group.names", slotLogGroupNames, current, 0},
	{"aws.log.group.arns", slotLogGroupARNs, current, 0},
	{"telemetry.sdk.name", slotSDKName, current, 0},
	{"telemetry.sdk.language", slotSDKLanguage, current, 0},
	{"telemetry.sdk.version", slotSDKVersion, current, 0},
	{"telemetry.distro.version", slotAutoVersion, current, 0},
	{"telemetry.auto.version", slotAutoVersion, older, 0},
}

// metadataPrefix marks an attribute whose value is the JSON object of a
// metadata namespace: aws.xray.metadata.<namespace>.
const metadataPrefix = "aws.xray.metadata."
