package mapping

import (
	"cmp"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// namespace is the kind of a subsegment: "aws" and "remote" make a node on the
// service map, custom ones do not.
type namespace uint8

const (
	namespaceNone namespace = iota
	namespaceAWS
	namespaceRemote
)

// awsSystem returns the service behind a messaging, database or GenAI system that is
// AWS's, as in aws_sqs, aws.dynamodb or AmazonSQS; "" if it is not. Redshift speaks
// SQL and is called as any database.
func awsSystem(system string) string {
	switch system {
	case "dynamodb", "aws.dynamodb":
		return "DynamoDB"
	case "aws_sqs":
		return "SQS"
	case "aws.redshift":
		return ""
	}
	if system == "" || system[0]|0x20 != 'a' { // nearly all
		return ""
	}
	for _, prefix := range [...]string{"aws.", "aws_", "Amazon"} {
		if name, ok := strings.CutPrefix(system, prefix); ok {
			var scratch [64]byte
			return searchService(foldService(scratch[:0], name))
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
	if e.merged {
		return
	}
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
	f := &e.fields
	sdk := f.text(slotRPCSystem) == awsAPI
	calling := e.client() || e.role == roleDependency || e.span.Kind == trace.SpanKindConsumer && !e.function() && isSDKCall(e.span)
	if e.server() && !calling && !sdk {
		return
	}
	switch {
	case sdk:
		e.namespace = namespaceAWS
		f.spend(slotRPCSystem)
	case !calling:
		return
	case f.text(slotAWSService) != "", isAWSService(f.text(slotRemoteService)):
		e.namespace = namespaceAWS
	}
	if f.have&blockAWSSystem != 0 {
		e.findSystem()
	}
	if e.namespace == namespaceNone && !e.isPhase() {
		e.namespace = namespaceRemote
	}
}

// awsAPI is the value of rpc.system that says a call goes through an AWS SDK.
const awsAPI = "aws-api"

// isAWSService reports whether aws.remote.service names a service of AWS.
func isAWSService(remote string) bool {
	return strings.HasPrefix(remote, "AWS::") || strings.HasPrefix(remote, "AWS.SDK.")
}

// findSystem reads the conventions that name AWS without its SDK.
func (e *encoder) findSystem() {
	f := &e.fields
	for _, s := range [...]slot{slotMessagingSystem, slotDBSystem, slotGenAIProvider} {
		if name := awsSystem(f.text(s)); name != "" {
			e.namespace, e.system = namespaceAWS, name
			f.spend(s)
		}
	}
	switch {
	case e.system == "Bedrock":
		e.system = "Bedrock Runtime" // where models are asked
		if f.text(slotGenAIOperation) == "invoke_agent" || strings.HasPrefix(f.host(e.serverSlot()), "bedrock-agent-runtime") {
			e.system = "Bedrock Agent Runtime"
		}
	case f.text(slotInvokedProvider) == "aws":
		e.namespace, e.system = namespaceAWS, "Lambda"
		f.spend(slotInvokedProvider)
	}
}

// awsServiceSlots name the service, the best first.
var awsServiceSlots = [...]slot{slotRPCService, slotRPCMethod, slotAWSService, slotRemoteService}

// awsService returns the service id alone: "S3", "DynamoDB", "Secrets Manager". It
// spends every attribute that says no more than that.
func (e *encoder) awsService() string {
	f := &e.fields
	name := ""
	for _, s := range awsServiceSlots {
		text := f.place(s)
		if s == slotRPCMethod {
			text, _, _ = cutMethod(text, '/')
		}
		if text == "" {
			continue
		}
		service := ServiceName(text)
		if name == "" {
			name = service
		}
		if service == name && s != slotRPCMethod {
			f.spend(s)
		}
	}
	if name == "" && e.system == "" {
		name, _, _ = cutMethod(e.span.Name, '.')
	}
	return ServiceName(cmp.Or(name, e.system, e.span.Name))
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
	for _, s := range [...]slot{slotRemoteOperation, slotDBOperation, slotMessagingOperation, slotGenAIOperation} {
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
