package lambdaevent

import "bytes"

// namedSource returns the source that a member eventSource names.
func namedSource(name []byte) Source {
	switch string(name) {
	case "aws:sqs":
		return SourceSQS
	case "aws:sns":
		return SourceSNS
	case "aws:kinesis":
		return SourceKinesis
	case "aws:kafka", "SelfManagedKafka", "aws:SelfManagedKafka":
		return SourceKafka
	case "aws:mq", "aws:amq", "aws:rmq":
		return SourceMQ
	case "aws:dynamodb":
		return SourceDynamoDB
	case "aws:docdb":
		return SourceDocumentDB
	case "aws:s3":
		return SourceS3
	case "aws:ses":
		return SourceSES
	case "aws:codecommit":
		return SourceCodeCommit
	default:
		return SourceUnknown
	}
}

// recordSource returns the source of a record; text may go on behind it.
func recordSource(record []byte) Source {
	for o := openObject(record); o.next(); {
		if key := string(o.key); key == "eventSource" || key == "EventSource" {
			if source := namedSource(decoded(o.value())); source != SourceUnknown {
				return source
			}
		}
	}
	return SourceUnknown
}

// batchSource returns the source of a batch if it is sure already; records may go
// on behind them.
func (e *Event) batchSource(records []byte) Source {
	if a := openArray(records); a.next() {
		if source := recordSource(a.rest()); source != SourceUnknown {
			return source
		}
	}
	if e.hasAll(1<<fieldEventSourceARN) || e.hasAll(1<<fieldDeliveryStreamARN) {
		return e.streamSource()
	}
	return SourceUnknown
}

// streamSource returns the source of a batch that the event itself names, not its
// records.
func (e *Event) streamSource() Source {
	switch source := namedSource(decoded(e.raw(fieldEventSource))); source {
	case SourceKafka, SourceMQ, SourceDocumentDB:
		return source
	}
	if e.hasAll(1 << fieldDeliveryStreamARN) {
		return SourceFirehose
	}
	return SourceUnknown
}

// Of these events, all that Request, Query and Carrier read.
const (
	apiGatewayV1Fields = 1<<fieldResource | 1<<fieldPath | 1<<fieldHTTPMethod | 1<<fieldRequestContext |
		1<<fieldHeaders | 1<<fieldMultiValueHeaders | 1<<fieldQuery | 1<<fieldMultiValueQuery
	apiGatewayV2Fields = 1<<fieldRouteKey | 1<<fieldRawPath | 1<<fieldRawQueryString | 1<<fieldRequestContext | 1<<fieldHeaders
)

// sourceBeforeBody returns the source if nothing that comes after the body can
// matter.
func (e *Event) sourceBeforeBody() Source {
	v1 := e.seen&apiGatewayV1Fields == apiGatewayV1Fields
	v2 := e.seen&apiGatewayV2Fields == apiGatewayV2Fields
	if !v1 && !v2 {
		return SourceUnknown
	}
	switch source := e.objectSource(); {
	case v1 && source == SourceAPIGatewayV1, v2 && (source == SourceAPIGatewayV2 || source == SourceFunctionURL):
		return source
	default:
		return SourceUnknown
	}
}

// marks tell a source by the members it has, in this order.
var marks = [...]struct {
	all    fieldSet
	source Source
}{
	{1<<fieldMethod | 1<<fieldLatticePath, SourceVPCLattice},
	{1<<fieldAuthorizationToken | 1<<fieldRequestContext, SourceAuthorizer},
	{1<<fieldTypeName | 1<<fieldFieldName | 1<<fieldArguments, SourceAppSync}, // Amplify's resolvers
	{1<<fieldExecution | 1<<fieldState, SourceStepFunctions},
	{1<<fieldExecution | 1<<fieldStateMachine, SourceStepFunctions},
	{1<<fieldSchemaVersion | 1<<fieldTasks, SourceS3Batch},
	{1<<fieldObjectContext | 1<<fieldUserRequest, SourceS3ObjectLambda},
	{1 << fieldLogs, SourceLogs},
	{1<<fieldAlarmARN | 1<<fieldAlarmData, SourceAlarm},
	{1<<fieldTriggerSource | 1<<fieldUserPoolID, SourceCognito},
	{1<<fieldIdentityPoolID | 1<<fieldDatasetRecords, SourceCognito},
	{1<<fieldConfigRuleARN | 1<<fieldInvokingEvent, SourceConfig},
	{1<<fieldSerialNumber | 1<<fieldClickType, SourceIoT},
	{1<<fieldDeviceEvent | 1<<fieldPlacementInfo, SourceIoT},
	{1<<fieldProtocolData | 1<<fieldSignatureVerified, SourceIoT},
	{1<<fieldTemplateARN | 1<<fieldParameters, SourceIoT},
	{1<<fieldStackID | 1<<fieldResponseURL, SourceCloudFormation},
}

// objectSource returns the source of an event that has been read to its end.
func (e *Event) objectSource() Source {
	if e.has&(1<<fieldMethodARN|1<<fieldRouteARN) != 0 {
		return SourceAuthorizer
	}
	if source := e.contextSource(); source != SourceUnknown {
		return source
	}
	if source := e.streamSource(); source != SourceUnknown {
		return source
	}
	if e.hasAll(1 << fieldDetailType) {
		scheduled := string(decoded(e.raw(fieldDetailType))) == "Scheduled Event"
		switch source := decoded(e.raw(fieldSource)); {
		// An application may call its own events that.
		case scheduled && (len(source) == 0 || bytes.HasPrefix(source, []byte("aws."))):
			return SourceSchedule
		case len(source) > 0:
			return SourceEventBridge
		}
	}
	if e.hasAll(1 << fieldInfo) {
		info := members(e.raw(fieldInfo), "parentTypeName", "fieldName", "channel")
		if info[0] != nil && info[1] != nil || info[2] != nil && e.hasAll(1<<fieldRequest) {
			return SourceAppSync
		}
	}
	for i := range marks {
		if e.hasAll(marks[i].all) {
			return marks[i].source
		}
	}
	return SourceUnknown
}

// contextSource returns the HTTP source that the request context tells.
func (e *Event) contextSource() Source {
	if !e.hasAll(1 << fieldRequestContext) {
		return SourceUnknown
	}
	context := members(e.raw(fieldRequestContext), "elb", "http", "domainName", "connectionId", "serviceArn")
	http := isObject(context[1])
	switch {
	case isObject(context[0]):
		return SourceALB
	// <id>.lambda-url.<region>.on.aws; a function URL has no custom domain.
	case http && bytes.Contains(decoded(context[2]), []byte(".lambda-url.")):
		return SourceFunctionURL
	case http:
		return SourceAPIGatewayV2
	case len(decoded(context[3])) > 0:
		return SourceWebSocket
	case e.hasAll(1 << fieldHTTPMethod):
		return SourceAPIGatewayV1
	case e.hasAll(1<<fieldMethod) && len(decoded(context[4])) > 0:
		return SourceVPCLattice
	default:
		return SourceUnknown
	}
}
