package mapping

import (
	"strings"
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

// classify decides the span's namespace: what aws.xray.namespace says, else aws
// for a call through an AWS SDK or to an AWS messaging or database system, remote
// for any other downstream call.
func (e *encoder) classify() {
	if e.segment() {
		return
	}
	said, ok := saidNamespace(e.fields.text(slotXRayNamespace))
	if !ok || e.function() || said == namespaceAWS {
		e.findNamespace()
	}
	if ok && !e.function() {
		e.fields.spend(slotXRayNamespace)
		e.namespace = said
	}
}

// saidNamespace reads aws.xray.namespace. "none" makes a custom subsegment.
func saidNamespace(text string) (n namespace, ok bool) {
	switch text {
	case "aws":
		return namespaceAWS, true
	case "remote":
		return namespaceRemote, true
	case "none":
		return namespaceNone, true
	}
	return namespaceNone, false
}

// findNamespace decides the namespace, and the AWS system, by the attributes of
// OpenTelemetry's conventions.
func (e *encoder) findNamespace() {
	if e.server() && e.role != roleDependency {
		return
	}
	f := &e.fields
	calling := e.client() || e.role == roleDependency
	if f.text(slotRPCSystem) == "aws-api" {
		e.namespace = namespaceAWS
		f.spend(slotRPCSystem)
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
			f.spend(s)
		}
	}
	if e.namespace == namespaceNone {
		e.namespace = namespaceRemote
	}
}

// awsService returns the service id alone: "S3", "DynamoDB", "Secrets Manager".
func (e *encoder) awsService() string {
	f := &e.fields
	name := f.spendText(slotRPCService)
	if name == "" {
		name, _, _ = cutMethod(f.text(slotRPCMethod), '/')
	}
	if name == "" {
		name = f.spendText(slotAWSService)
	}
	if name == "" && strings.HasPrefix(f.text(slotRemoteService), "AWS::") {
		name = f.spendText(slotRemoteService)[len("AWS::"):]
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
	if op := f.spendText(slotAWSOperation); op != "" {
		e.spendEqual(op, slotRPCMethod)
		return op
	}
	if m := f.spendText(slotRPCMethod); m != "" {
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
		if op := f.spendText(s); op != "" {
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
	for _, s := range services {
		if s == name { // nearly always
			return s
		}
	}
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
