package mapping

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// appendAWS writes the aws block.
func (e *encoder) appendAWS(dst []byte) []byte {
	if e.role == roleSubsegment && e.namespace != namespaceAWS && e.fields.have&blockCall == 0 {
		return dst
	}
	dst, aws := jsonenc.OpenObject(dst, "aws")
	if e.function() {
		dst = e.appendFunctionAWS(dst)
	}
	if e.segment() {
		e.account = cmp.Or(e.fields.spendID(slotAWSAccount), e.res.accountID)
		if e.account != "" {
			dst = jsonenc.AppendStringMember(dst, "account_id", e.account)
		}
		dst = e.appendSegmentAWS(dst)
	} else {
		dst = e.appendCallAWS(dst)
	}
	return aws.Close(dst)
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
	if strings.Count(arn, ":") < 7 { // nearly always
		return arn
	}
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
		dst = jsonenc.AppendStringMember(dst, "function_arn", arn)
		for _, s := range [...]slot{slotResourceID, slotInvokedARN} {
			f.spendIf(s, arn)
		}
	}
	if id := f.spendText(slotInvocationID); id != "" {
		dst = jsonenc.AppendStringMember(dst, "request_id", id)
		e.spendEqual(id, slotAWSRequestID)
	}
	if e.role == roleFunctionSegment && e.res.name != "" {
		dst = append(jsonenc.AppendKey(dst, "resource_names"), '[')
		dst = jsonenc.AppendString(dst, e.res.name)
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
		dst = append(jsonenc.AppendKey(dst, "cloudwatch_logs"), groups...)
	}
	if len(e.res.segmentAWS) > 0 {
		dst = append(jsonenc.AppendComma(dst), e.res.segmentAWS...)
	}
	return dst
}

// Members whose value is the string of a slot.
var (
	callMembers = [...]textField{
		{"region", slotAWSRegion},
		{"account_id", slotAWSAccount},
		{"request_id", slotAWSRequestID},
		{"id_2", slotAWSID2},
	}
	awsResourceMembers = [...]textField{
		{"bucket_name", slotAWSBucket},
		{"key", slotAWSObjectKey},
		{"queue_url", slotAWSQueueURL},
		{"topic_arn", slotAWSTopicARN},
		{"function_name", slotAWSFunction},
		{"secret_id", slotAWSSecret},
		{"stream_name", slotAWSStream},
		{"state_machine_arn", slotAWSStateMachine},
	}
)

// appendCallAWS writes the members of a subsegment: which call, and on what.
// Their names are those of the X-Ray SDKs.
func (e *encoder) appendCallAWS(dst []byte) []byte {
	f := &e.fields
	if e.namespace != namespaceAWS && f.have&blockCall == 0 {
		return dst
	}
	if e.namespace == namespaceAWS {
		op := e.awsOperation()
		if e.operation = op; op != "" {
			dst = jsonenc.AppendStringMember(dst, "operation", op)
			e.spendEqual(op, slotRemoteOperation, slotDBOperation, slotMessagingOperation)
		}
	} else if op := f.spendText(slotAWSOperation); op != "" {
		dst = jsonenc.AppendStringMember(dst, "operation", op)
	}
	if arn := f.text(slotResourceID); arn != "" && !e.function() && e.res.lambda && e.span.Initialization {
		dst = jsonenc.AppendStringMember(dst, "function_arn", unqualified(arn))
		f.spend(slotResourceID)
	}
	for i := range callMembers {
		m := &callMembers[i]
		if m.slot == slotAWSRequestID && e.function() && f.text(slotInvocationID) != "" {
			continue // the invocation's is written
		}
		if v := f.spendID(m.slot); v != "" {
			dst = jsonenc.AppendStringMember(dst, m.key, v)
		}
	}
	if e.namespace == namespaceAWS && f.text(slotAWSRegion) == "" {
		if region := f.spendText(slotInvokedRegion); region != "" {
			dst = jsonenc.AppendStringMember(dst, "region", region)
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
	if f.have&blockAWS == 0 {
		return dst
	}
	for i := range awsResourceMembers {
		if v := f.spendText(awsResourceMembers[i].slot); v != "" {
			if awsResourceMembers[i].slot == slotAWSQueueURL {
				v = publicPlace(v)
			}
			dst = jsonenc.AppendStringMember(dst, awsResourceMembers[i].key, v)
		}
	}
	return e.appendNumber(dst, "message_count", slotMessageCount)
}

// findQueueURL has the URL of an SQS queue be read as such wherever an
// instrumentation puts it: Node.js in url.full, otelaws in server.address, others in
// the destination.
func (e *encoder) findQueueURL() {
	f := &e.fields
	if f.index[slotAWSQueueURL] != 0 {
		return
	}
	for _, s := range [...]slot{slotURLFull, slotServerAddress, slotMessagingDestination} {
		if isQueueURL(f.text(s)) {
			f.move(s, slotAWSQueueURL)
			f.have |= blockAWS
			if s == slotURLFull {
				e.url = urlParts{}
			}
			return
		}
	}
}

// isQueueURL reports whether text is https://host/account/queue.
func isQueueURL(text string) bool {
	if !strings.HasPrefix(text, "http") {
		return false
	}
	last := strings.LastIndexByte(text, '/')
	start := last - len("123456789012")
	if start < 1 || !isDigit(text[start]) { // nearly always
		return false
	}
	_, host, _ := strings.Cut(text[:start], "://")
	host, ok := strings.CutSuffix(host, "/")
	return ok && strings.IndexByte(host, '/') < 0 && strings.Trim(text[start:last], "0123456789") == "" && last < len(text)-1
}

// appendTables writes table_name for one table and table_names for several.
func (e *encoder) appendTables(dst []byte) []byte {
	f := &e.fields
	if t := f.spendText(slotAWSTable); t != "" {
		e.spendEqual(t, slotDBName)
		return jsonenc.AppendStringMember(dst, "table_name", t)
	}
	v := f.value(slotAWSTables)
	if v == nil {
		return dst
	}
	switch v.Type() {
	case attribute.STRING:
		f.spend(slotAWSTables)
		e.spendEqual(v.AsString(), slotDBName)
		dst = jsonenc.AppendStringMember(dst, "table_name", v.AsString())
	case attribute.STRINGSLICE:
		f.spend(slotAWSTables)
		tables := list(v)
		if tables.Len() == 1 {
			e.spendEqual(tables.Index(0).String(), slotDBName)
			dst = jsonenc.AppendStringMember(dst, "table_name", tables.Index(0).String())
		} else {
			dst = appendList(jsonenc.AppendKey(dst, "table_names"), v)
		}
	default:
		return dst
	}
	return dst
}

// spendEqual spends the attributes that only repeat what has been written.
func (e *encoder) spendEqual(written string, slots ...slot) {
	for _, s := range slots {
		e.fields.spendIf(s, written)
	}
}

// appendNumber writes the count of a slot, if there is one.
func (e *encoder) appendNumber(dst []byte, key string, s slot) []byte {
	if n, ok := e.fields.count(s); ok {
		e.fields.spend(s)
		dst = jsonenc.AppendIntMember(dst, key, n)
	}
	return dst
}
