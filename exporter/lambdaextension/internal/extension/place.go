package extension

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/batch"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// Keys of the semantic conventions.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
const (
	keyColdStart     = attribute.Key("faas.coldstart")
	keyInvocationID  = attribute.Key("faas.invocation_id")
	keyExecution     = attribute.Key("faas.execution") // before
	keyInvokedARN    = attribute.Key("aws.lambda.invoked_arn")
	keyAccount       = attribute.Key("cloud.account.id")
	keyResourceID    = attribute.Key("cloud.resource_id")
	keyResourceIDOld = attribute.Key("faas.id")
)

// place completes the spans of a request by what is known of the invocation: who owns
// the function segment, the cold start, and the initialization. It reports whether it
// keeps the request's memory.
func (x *Extension) place(b *batch.Batch) (keep bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	keep = x.keepInitial(b)
	n := len(b.Spans) // what is added below is no function's
	for i := range n {
		s := &b.Spans[i]
		inv := x.calls.current
		if isFunction(b.Spans[:n], s) {
			switch {
			case inv != nil && inv.isOf(s):
				inv.seen, inv.any = true, true
				inv.describe(b, s)
			case inv == nil && !x.managed():
				addAttribute(b, s, keyColdStart.Bool(x.cold())) // it is here before its event
			case inv != nil && s.StartTime >= inv.read.UnixNano():
				addAttribute(b, s, keyColdStart.Bool(false))
			}
			x.calls.silent = 0
			x.addInitial(b, i)
			s = &b.Spans[i]
		} else if !s.ParentSpanID.IsValid() {
			s.Resource = x.apartFrom(s.Resource)
		}
		if inv != nil {
			inv.note(s)
		}
	}
	return keep
}

// isFunction reports whether s is what an invocation runs in: the mapper's rule.
func isFunction(spans []mapping.Span, s *mapping.Span) bool {
	if s.Kind != trace.SpanKindServer && s.Kind != trace.SpanKindConsumer || s.Resource.Origin() != "AWS::Lambda::Function" {
		return false
	}
	switch {
	case !s.ParentSpanID.IsValid() || s.Parent == mapping.ParentRemote:
	case s.Parent == mapping.ParentLocal:
		return false
	default:
		for i := range spans {
			if spans[i].SpanID == s.ParentSpanID && spans[i].TraceID == s.TraceID {
				return false
			}
		}
	}
	if s.Kind == trace.SpanKindServer {
		return true
	}
	// ReceiveMessage is a CONSUMER span too, of a call.
	for _, kv := range s.Attributes {
		switch kv.Key {
		case "rpc.system", "rpc.system.name":
			return false
		case "messaging.operation.type", "messaging.operation":
			if kv.Value.AsString() == "receive" {
				return false
			}
		}
	}
	return true
}

// isOf reports whether the function span s is of this invocation. One that says which
// is of that. Otherwise it is if none has come yet: a fast function's span may be here
// before the event, and then this is the invocation before.
func (inv *invocation) isOf(s *mapping.Span) bool {
	if v, ok := lookup(s.Attributes, keyInvocationID, keyExecution); ok {
		return v.AsString() == inv.requestID
	}
	return s.TraceID == inv.header.Root || !inv.seen && s.StartTime >= inv.read.UnixNano()
}

// describe completes the function span of the invocation.
func (inv *invocation) describe(b *batch.Batch, s *mapping.Span) {
	h := inv.header
	if s.ParentSpanID.IsValid() && h.Root.IsValid() {
		s.FunctionSegment = mapping.FunctionSegmentOwn
		if h.Sampled == propagator.SamplingYes && h.Root == s.TraceID {
			s.FunctionSegment = mapping.FunctionSegmentPlatform
		}
	}
	if h.Root.IsValid() && h.Root != s.TraceID && h.Parent.IsValid() && !linked(s.Links, h) {
		first := len(b.Links)
		b.Links = append(append(b.Links, s.Links...), mapping.Link{TraceID: h.Root, SpanID: h.Parent})
		s.Links = batch.Since(b.Links, first)
	}
	addAttribute(b, s, keyColdStart.Bool(inv.cold))
	if _, ok := lookup(s.Attributes, keyExecution); !ok {
		addAttribute(b, s, keyInvocationID.String(inv.requestID))
	}
	if inv.arn == "" {
		return
	}
	if _, ok := lookup(s.Attributes, keyResourceID, keyResourceIDOld); !ok {
		addAttribute(b, s, keyInvokedARN.String(inv.arn))
	}
	if account := accountOf(inv.arn); account != "" {
		addAttribute(b, s, keyAccount.String(account))
	}
}

// addAttribute adds to s what it does not have.
func addAttribute(b *batch.Batch, s *mapping.Span, kv attribute.KeyValue) {
	if _, ok := lookup(s.Attributes, kv.Key); ok {
		return
	}
	first := len(b.Attributes)
	b.Attributes = append(append(b.Attributes, s.Attributes...), kv) // of few attributes a copy, once an invocation
	s.Attributes = batch.Since(b.Attributes, first)
}

// accountOf returns the account of arn:aws:lambda:region:account:function:name.
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

func lookup(attrs []attribute.KeyValue, keys ...attribute.Key) (attribute.Value, bool) {
	for i := range attrs {
		for _, key := range keys {
			if attrs[i].Key == key {
				return attrs[i].Value, true
			}
		}
	}
	return attribute.Value{}, false
}

func linked(links []mapping.Link, h propagator.Header) bool {
	for i := range links {
		if links[i].TraceID == h.Root && links[i].SpanID == h.Parent {
			return true
		}
	}
	return false
}
