package mapping

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// These look at a span before the one pass over its attributes, to place it.

// localService returns the service that a producer says the span is of, "" if it is
// the resource's.
func localService(s *Span) string {
	name := attributeText(s.Attributes, "aws.local.service")
	if name == resourceOf(s).service {
		return ""
	}
	return name
}

// isOpen reports whether a span has not ended or is marked as in progress.
func isOpen(s *Span) bool {
	if s.EndTime == 0 {
		return true
	}
	open := false
	for i := range s.Attributes {
		if kv := &s.Attributes[i]; kv.Key == "aws.xray.inprogress" {
			open = kv.Value.Type() == attribute.BOOL && kv.Value.AsBool()
		}
	}
	return open
}

// isLocalRoot reports whether a producer marked the span as the topmost of its
// service. It looks at the attributes before their one pass, but only of spans
// without a parent in the batch.
func isLocalRoot(s *Span) bool {
	return attributeText(s.Attributes, "aws.span.kind") == "LOCAL_ROOT"
}

// isThroughSDK reports whether an AWS SDK made the call.
func isThroughSDK(s *Span) bool {
	return attributeText(s.Attributes, "rpc.system") == awsAPI || attributeText(s.Attributes, "rpc.system.name") == awsAPI
}

// isSDKCall reports whether a CONSUMER span is the call of an AWS SDK, as Node.js
// marks ReceiveMessage, or a poll of an AWS queue. Nothing is served then.
func isSDKCall(s *Span) bool {
	for i := range s.Attributes {
		kv := &s.Attributes[i]
		switch kv.Key {
		case "rpc.system", "rpc.system.name":
			if kv.Value.AsString() == awsAPI {
				return true
			}
		case "messaging.operation.type", "messaging.operation":
			if kv.Value.AsString() == "receive" && awsSystem(attributeText(s.Attributes, "messaging.system")) != "" {
				return true
			}
		}
	}
	return false
}

// isInvocation reports whether a span says that it is a function's invocation: by the
// invocation's id and the function's ARN, as otellambda does.
func isInvocation(s *Span) bool {
	id, arn := false, false
	for i := range s.Attributes {
		switch kv := &s.Attributes[i]; kv.Key {
		case "faas.invocation_id", "faas.execution":
			id = true
		case "cloud.resource_id", "faas.id", "aws.lambda.invoked_arn":
			arn = arn || strings.Contains(kv.Value.AsString(), ":lambda:")
		}
	}
	return id && arn
}

func hasRemoteService(s *Span) bool {
	for i := range s.Attributes {
		if s.Attributes[i].Key == "aws.remote.service" {
			return true
		}
	}
	return false
}

func resourceOf(s *Span) *Resource {
	if s.Resource == nil {
		return emptyResource
	}
	return s.Resource
}

// sameResource reports whether two spans are of one service in one process.
func sameResource(s, t *Span) bool {
	a, b := resourceOf(s), resourceOf(t)
	return a == b || a.identity == b.identity
}

// attributeText returns the string of a key, "" if there is none; of a key that
// comes twice the last, as everywhere. It is for what is looked at outside the one
// pass over a span's attributes.
func attributeText(attrs []attribute.KeyValue, key attribute.Key) string {
	for i := len(attrs) - 1; i >= 0; i-- {
		if attrs[i].Key == key {
			return attrs[i].Value.AsString()
		}
	}
	return ""
}
