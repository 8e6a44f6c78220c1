package mapping

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// namespace is the kind of a subsegment: "aws" and "remote" make a node on the
// service map, custom ones do not.
type namespace uint8

const (
	namespaceNone namespace = iota
	namespaceAWS
	namespaceRemote
)

// awsSystems are the messaging and database systems that are AWS services,
// with the name their node has.
var awsSystems = [...]struct{ system, name string }{
	{"aws_sqs", "SQS"},
	{"aws.sqs", "SQS"},
	{"AmazonSQS", "SQS"},
	{"aws.sns", "SNS"},
	{"aws_sns", "SNS"},
	{"AmazonSNS", "SNS"},
	{"aws.kinesis", "Kinesis"},
	{"aws_kinesis", "Kinesis"},
	{"aws_eventbridge", "EventBridge"},
	{"aws.dynamodb", "DynamoDB"},
	{"dynamodb", "DynamoDB"},
}

func awsSystem(system string) string {
	for i := range awsSystems {
		if awsSystems[i].system == system {
			return awsSystems[i].name
		}
	}
	return ""
}

// classify decides the span's namespace: aws for a call through an AWS SDK or
// to an AWS messaging or database system, remote for any other downstream call.
func (e *encoder) classify() {
	e.namespace, e.system = namespaceNone, ""
	if e.segment() || e.server() && e.role != roleDependency {
		return
	}
	f := &e.fields
	calling := e.client() || e.role == roleDependency
	if f.text(slotRPCSystem) == "aws-api" {
		e.namespace = namespaceAWS
		f.take(slotRPCSystem)
	} else if calling && (isText(f.value(slotAWSService)) || strings.HasPrefix(f.text(slotRemoteService), "AWS::")) {
		e.namespace = namespaceAWS
	}
	if e.namespace == namespaceNone && !calling {
		return
	}
	for _, s := range [...]slot{slotMessagingSystem, slotDBSystem} {
		if f.index[s] == 0 {
			continue
		}
		if name := awsSystem(f.text(s)); name != "" {
			e.namespace, e.system = namespaceAWS, name
			f.take(s)
		}
	}
	if e.namespace == namespaceNone {
		e.namespace = namespaceRemote
	}
}

// awsService returns the service id alone: "S3", "DynamoDB", "Secrets Manager".
func (e *encoder) awsService() string {
	f := &e.fields
	name := f.takeText(slotRPCService)
	if name == "" {
		name, _, _ = cutMethod(f.text(slotRPCMethod), '/')
	}
	if name == "" {
		name = f.takeText(slotAWSService)
	}
	if name == "" && strings.HasPrefix(f.text(slotRemoteService), "AWS::") {
		name = f.takeText(slotRemoteService)[len("AWS::"):]
	}
	if name == "" && e.system == "" {
		name, _, _ = cutMethod(e.span.Name, '.')
	}
	if name == "" {
		name = e.system
	}
	return canonicalService(name)
}

// awsOperation returns the operation alone. The rpc.method of a gRPC call is
// not one: only AWS calls come here.
func (e *encoder) awsOperation() string {
	f := &e.fields
	if op := f.takeText(slotAWSOperation); op != "" {
		e.takeEqual(op, slotRPCMethod)
		return op
	}
	if m := f.takeText(slotRPCMethod); m != "" {
		if _, op, ok := cutMethod(m, '/'); ok {
			return op
		}
		return m
	}
	if f.text(slotAWSService) != "" || e.system == "" {
		if _, op, ok := cutMethod(e.span.Name, '.'); ok {
			return op
		}
	}
	for _, s := range [...]slot{slotDBOperation, slotMessagingOperation} {
		if op := f.takeText(s); op != "" {
			return op
		}
	}
	return ""
}

// cutMethod splits "DynamoDB/GetItem" or "DynamoDB.GetItem". Both halves have
// to be there, and nothing that is a sentence.
func cutMethod(s string, sep byte) (service, operation string, ok bool) {
	i := strings.IndexByte(s, sep)
	if i <= 0 || i == len(s)-1 || strings.IndexByte(s[i+1:], sep) >= 0 || strings.IndexByte(s[i+1:], ' ') >= 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// services are the service ids whose spelling differs between SDKs ("DynamoDb",
// "AmazonDynamoDBv2"). X-Ray makes the node's type and name from the id, so one
// service must have one.
var services = [...]string{"S3", "DynamoDB", "SQS", "SNS", "Lambda", "Kinesis", "Secrets Manager", "SSM", "SFN", "EventBridge", "Bedrock Runtime"}

func canonicalService(name string) string {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "Amazon"), "AWS")
	short = strings.TrimSuffix(strings.TrimSpace(short), "v2")
	for _, s := range services {
		if len(short) <= len(s) && len(short)+1 >= len(s) && equalFoldNoSpace(short, s) {
			return s
		}
	}
	return name
}

// equalFoldNoSpace compares ASCII without case and spaces.
func equalFoldNoSpace(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == ' ' {
			i++
		}
		for j < len(b) && b[j] == ' ' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i]|0x20 != b[j]|0x20 {
			return false
		}
		i, j = i+1, j+1
	}
}

// appendAWS writes the aws block.
func (e *encoder) appendAWS(dst []byte) []byte {
	mark := len(dst)
	dst = append(appendKey(dst, "aws"), '{')
	open := len(dst)
	if e.function() {
		dst = e.appendFunctionAWS(dst)
	}
	if e.segment() {
		account := e.fields.takeText(slotAWSAccount)
		if account == "" {
			account = e.res.accountID
		}
		if account != "" {
			dst = appendString(appendKey(dst, "account_id"), account)
		}
		dst = e.appendSegmentAWS(dst)
	} else {
		dst = e.appendCallAWS(dst)
	}
	if len(dst) == open {
		return dst[:mark]
	}
	return append(dst, '}')
}

// functionARN returns the function's ARN without version or alias.
func (e *encoder) functionARN() string {
	if arn := e.fields.text(slotResourceID); arn != "" {
		return unqualified(arn)
	}
	if arn := e.fields.text(slotInvokedARN); arn != "" {
		return unqualified(arn)
	}
	return unqualified(e.res.functionID)
}

// unqualified cuts the version or alias off a function's ARN:
// arn:aws:lambda:region:account:function:NAME[:QUALIFIER].
func unqualified(arn string) string {
	colons := 0
	for i := range len(arn) {
		if arn[i] == ':' {
			if colons++; colons == 7 {
				return arn[:i]
			}
		}
	}
	return arn
}

// appendFunctionAWS writes what identifies an invocation.
func (e *encoder) appendFunctionAWS(dst []byte) []byte {
	f := &e.fields
	if arn := e.functionARN(); arn != "" {
		dst = appendString(appendKey(dst, "function_arn"), arn)
		for _, s := range [...]slot{slotResourceID, slotInvokedARN} {
			if f.text(s) == arn {
				f.take(s)
			}
		}
	}
	if id := f.takeText(slotInvocationID); id != "" {
		dst = appendString(appendKey(dst, "request_id"), id)
		e.takeEqual(id, slotAWSRequestID)
	}
	if e.role == roleFunctionSegment && e.res.name != "" {
		dst = append(appendKey(dst, "resource_names"), '[')
		dst = appendString(dst, e.res.name)
		dst = append(dst, ']')
	}
	return dst
}

// appendSegmentAWS writes the members that only a segment has.
func (e *encoder) appendSegmentAWS(dst []byte) []byte {
	groups := e.res.logGroups
	if groups == nil {
		groups = e.config.logGroups
	}
	if groups != nil {
		dst = append(appendKey(dst, "cloudwatch_logs"), groups...)
	}
	if len(e.res.segmentAWS) > 0 {
		dst = append(appendComma(dst), e.res.segmentAWS...)
	}
	return dst
}

var (
	callSlots = setOf(slotAWSOperation, slotAWSRegion, slotAWSAccount, slotAWSRequestID, slotAWSID2, slotAWSRetries,
		slotResourceID)
	awsResourceSlots = setOf(slotAWSBucket, slotAWSObjectKey, slotAWSQueueURL, slotAWSTopicARN, slotAWSFunction,
		slotAWSSecret, slotAWSStream, slotAWSStateMachine, slotMessageCount)
)

// appendCallAWS writes the members of a subsegment: which call, and on what.
// Their names are those of the X-Ray SDKs.
func (e *encoder) appendCallAWS(dst []byte) []byte {
	f := &e.fields
	if e.namespace != namespaceAWS && !f.have.meets(&callSlots) {
		return dst
	}
	if e.namespace == namespaceAWS {
		op := e.awsOperation()
		if e.operation = op; op != "" {
			dst = appendString(appendKey(dst, "operation"), op)
			e.takeEqual(op, slotDBOperation, slotMessagingOperation)
		}
	} else if op := f.takeText(slotAWSOperation); op != "" {
		dst = appendString(appendKey(dst, "operation"), op)
	}
	if arn := f.text(slotResourceID); arn != "" && !e.function() && e.res.lambda && e.span.Name == "Initialization" {
		dst = appendString(appendKey(dst, "function_arn"), unqualified(arn))
		f.take(slotResourceID)
	}
	for _, m := range [...]member{
		{"region", slotAWSRegion},
		{"account_id", slotAWSAccount},
		{"request_id", slotAWSRequestID},
		{"id_2", slotAWSID2},
	} {
		if m.slot == slotAWSRequestID && e.function() && f.text(slotInvocationID) != "" {
			continue // the invocation's is written
		}
		if v := f.takeText(m.slot); v != "" {
			dst = appendString(appendKey(dst, m.key), v)
		}
	}
	retries := slotAWSRetries
	if f.value(retries) == nil && e.namespace == namespaceAWS {
		retries = slotResend
	}
	dst = e.appendNumber(dst, "retries", retries)
	if e.namespace != namespaceAWS {
		return dst
	}
	return e.appendAWSResource(dst)
}

// appendAWSResource writes the resource that an AWS call works on.
func (e *encoder) appendAWSResource(dst []byte) []byte {
	f := &e.fields
	dst = e.appendTables(dst)
	if !f.have.meets(&awsResourceSlots) {
		return dst
	}
	for _, m := range [...]member{
		{"bucket_name", slotAWSBucket},
		{"key", slotAWSObjectKey},
		{"queue_url", slotAWSQueueURL},
		{"topic_arn", slotAWSTopicARN},
		{"function_name", slotAWSFunction},
		{"secret_id", slotAWSSecret},
		{"stream_name", slotAWSStream},
		{"state_machine_arn", slotAWSStateMachine},
	} {
		if v := f.takeText(m.slot); v != "" {
			dst = appendString(appendKey(dst, m.key), v)
		}
	}
	return e.appendNumber(dst, "message_count", slotMessageCount)
}

// appendTables writes table_name for one table and table_names for several.
func (e *encoder) appendTables(dst []byte) []byte {
	f := &e.fields
	if t := f.takeText(slotAWSTable); t != "" {
		e.takeEqual(t, slotDBName)
		return appendString(appendKey(dst, "table_name"), t)
	}
	v := f.value(slotAWSTables)
	if v == nil {
		return dst
	}
	switch v.Type() {
	case attribute.STRING:
		f.take(slotAWSTables)
		e.takeEqual(v.AsString(), slotDBName)
		dst = appendString(appendKey(dst, "table_name"), v.AsString())
	case attribute.STRINGSLICE:
		f.take(slotAWSTables)
		tables := list(v)
		if tables.Len() == 1 {
			e.takeEqual(tables.Index(0).String(), slotDBName)
			dst = appendString(appendKey(dst, "table_name"), tables.Index(0).String())
		} else {
			dst = appendList(appendKey(dst, "table_names"), v)
		}
	default:
		return dst
	}
	return dst
}

// takeEqual takes the attributes that only repeat what has been written.
func (e *encoder) takeEqual(written string, slots ...slot) {
	for _, s := range slots {
		if e.fields.text(s) == written {
			e.fields.take(s)
		}
	}
}

// appendNumber writes the count of a slot, if there is one.
func (e *encoder) appendNumber(dst []byte, key string, s slot) []byte {
	if n, ok := e.fields.count(s); ok {
		e.fields.take(s)
		dst = strconv.AppendInt(appendKey(dst, key), n, 10)
	}
	return dst
}

// throttlingCodes are the error codes with which AWS services say "slow down",
// most of them under HTTP 400.
var throttlingCodes = [...]string{
	"Throttling", // ThrottlingException, ThrottledException follow by prefix
	"Throttled",
	"RequestThrottled",
	"ProvisionedThroughputExceeded",
	"TooManyRequests",
	"RequestLimitExceeded",
	"BandwidthLimitExceeded",
	"SlowDown",
	"PriorRequestNotComplete",
	"EC2Throttled",
}

// throttled reports whether the error's type, or the code that aws-sdk-go-v2
// puts into the message ("api error ThrottlingException: …"), is a throttling
// code.
func (e *encoder) throttled() bool {
	if isThrottling(e.fields.text(slotErrorType)) || isThrottling(apiErrorCode(e.span.StatusMessage)) {
		return true
	}
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		if ev.Name == "exception" && (isThrottling(attributeText(ev.Attributes, "exception.type")) ||
			isThrottling(apiErrorCode(attributeText(ev.Attributes, "exception.message")))) {
			return true
		}
	}
	return false
}

func isThrottling(code string) bool {
	code = code[strings.LastIndexByte(code, '.')+1:] // *types.ThrottlingException
	for _, c := range throttlingCodes {
		if strings.HasPrefix(code, c) {
			return true
		}
	}
	return false
}

func apiErrorCode(message string) string {
	const marker = "api error "
	i := strings.LastIndex(message, marker)
	if i < 0 {
		return ""
	}
	code, _, _ := strings.Cut(message[i+len(marker):], ":")
	return code
}
