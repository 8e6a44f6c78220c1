package lambdaevent

// field is a member of an event that some source is told by, or that is read.
type field uint8

// fieldSet is a set of fields.
type fieldSet uint64

// The fields whose values are read come first: an [Event] remembers where they are.
const (
	fieldHeaders field = iota
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
	fieldMethod       // of VPC Lattice
	fieldLatticePath  // of its first format
	fieldLatticeQuery // of its first format
	fieldMethodARN
	fieldRouteARN
	fieldRequestHeaders
	fieldRequest
	fieldInfo
	fieldTypeName
	fieldDetailType
	fieldSource
	fieldResources
	fieldDetail
	fieldExecution
	fieldStateMachine
	fieldRecords // of any batch
	fieldEventSource
	fieldEventSourceARN
	fieldDeliveryStreamARN
	fieldTasks
	fieldConfiguration
	fieldUserRequest
	fieldAlarmARN
	fieldConfigRuleARN
	fieldProtocolData
	fieldTemplateARN
	fieldStackID

	// The others only tell a source.
	fieldState
	fieldFieldName
	fieldArguments
	fieldAuthorizationToken
	fieldSchemaVersion
	fieldObjectContext
	fieldLogs
	fieldAlarmData
	fieldTriggerSource
	fieldUserPoolID
	fieldIdentityPoolID
	fieldDatasetRecords
	fieldInvokingEvent
	fieldSerialNumber
	fieldClickType
	fieldDeviceEvent
	fieldPlacementInfo
	fieldSignatureVerified
	fieldParameters
	fieldResponseURL
	fieldBody
	noField

	fieldsRead = fieldState
)

// What a value begins with.
const (
	aValue   = 0   // anything
	aString  = '"' // and is not empty
	aList    = '['
	anObject = '{'
)

// fieldOf returns the field that key names and what its value begins with if it
// is one that a source sends.
func fieldOf(key []byte) (f field, kind byte) {
	switch string(key) {
	case "headers":
		return fieldHeaders, anObject
	case "multiValueHeaders":
		return fieldMultiValueHeaders, anObject
	case "requestContext":
		return fieldRequestContext, anObject
	case "resource":
		return fieldResource, aString
	case "path":
		return fieldPath, aString
	case "httpMethod":
		return fieldHTTPMethod, aString
	case "routeKey":
		return fieldRouteKey, aString
	case "rawPath":
		return fieldRawPath, aString
	case "rawQueryString":
		return fieldRawQueryString, aString
	case "queryStringParameters":
		return fieldQuery, anObject
	case "multiValueQueryStringParameters":
		return fieldMultiValueQuery, anObject
	case "method":
		return fieldMethod, aString
	case "raw_path":
		return fieldLatticePath, aString
	case "query_string_parameters":
		return fieldLatticeQuery, anObject
	case "methodArn":
		return fieldMethodARN, aString
	case "routeArn":
		return fieldRouteARN, aString
	case "authorizationToken":
		return fieldAuthorizationToken, aString
	case "requestHeaders":
		return fieldRequestHeaders, anObject
	case "request":
		return fieldRequest, anObject
	case "info":
		return fieldInfo, anObject
	case "typeName":
		return fieldTypeName, aString
	case "fieldName":
		return fieldFieldName, aString
	case "arguments":
		return fieldArguments, anObject
	case "detail-type":
		return fieldDetailType, aString
	case "source":
		return fieldSource, aString
	case "resources":
		return fieldResources, aList
	case "detail":
		return fieldDetail, aValue
	case "Execution":
		return fieldExecution, anObject
	case "State":
		return fieldState, anObject
	case "StateMachine":
		return fieldStateMachine, anObject
	case "Records", "records", "messages", "rmqMessagesByQueue":
		return fieldRecords, aValue
	case "eventSource":
		return fieldEventSource, aString
	case "eventSourceArn", "eventSourceARN":
		return fieldEventSourceARN, aString
	case "deliveryStreamArn":
		return fieldDeliveryStreamARN, aString
	case "invocationSchemaVersion":
		return fieldSchemaVersion, aString
	case "tasks":
		return fieldTasks, aList
	case "getObjectContext", "headObjectContext", "listObjectsContext", "listObjectsV2Context":
		return fieldObjectContext, anObject
	case "configuration":
		return fieldConfiguration, anObject
	case "userRequest":
		return fieldUserRequest, anObject
	case "awslogs":
		return fieldLogs, anObject
	case "alarmArn":
		return fieldAlarmARN, aString
	case "alarmData":
		return fieldAlarmData, anObject
	case "triggerSource":
		return fieldTriggerSource, aString
	case "userPoolId":
		return fieldUserPoolID, aString
	case "identityPoolId":
		return fieldIdentityPoolID, aString
	case "datasetRecords":
		return fieldDatasetRecords, anObject
	case "configRuleArn":
		return fieldConfigRuleARN, aString
	case "invokingEvent":
		return fieldInvokingEvent, aString
	case "serialNumber":
		return fieldSerialNumber, aString
	case "clickType":
		return fieldClickType, aString
	case "deviceEvent":
		return fieldDeviceEvent, anObject
	case "placementInfo":
		return fieldPlacementInfo, anObject
	case "protocolData":
		return fieldProtocolData, anObject
	case "signatureVerified":
		return fieldSignatureVerified, aValue
	case "templateArn":
		return fieldTemplateARN, aString
	case "parameters":
		return fieldParameters, anObject
	case "StackId":
		return fieldStackID, aString
	case "ResponseURL":
		return fieldResponseURL, aString
	case "body":
		return fieldBody, aValue
	default:
		return noField, aValue
	}
}
