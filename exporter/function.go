package exporter

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Keys of the semantic conventions.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
const (
	keyColdStart  = attribute.Key("faas.coldstart")
	keyInvokedARN = attribute.Key("aws.lambda.invoked_arn")
	keyResourceID = attribute.Key("cloud.resource_id")
)

// describeFunction completes the function span b.spans[i]: cold start, owner,
// link, and the spans of initialization it carries. It works on the copy in the
// batch, because to ask a span in the SDK for its attributes costs two
// allocations.
func (p *Processor) describeFunction(b *batch, i int, inv *tree) {
	span := &b.spans[i]
	span.FunctionSegment = inv.owner

	cold := inv.first && p.config.coldStart()
	if v, ok := lookup(span.Attributes, keyColdStart); ok {
		cold = v.AsBool()
	} else {
		b.addAttributes(span, keyColdStart.Bool(cold))
	}
	if inv.link.SpanID.IsValid() && !linked(span.Links, inv.link) {
		first := len(b.links)
		b.links = append(append(b.links, span.Links...), inv.link)
		span.Links = b.links[first:len(b.links):len(b.links)]
	}
	if inv.first || inv.initial != nil {
		p.addInitialization(b, i, inv, cold)
	}
}

func lookup(attrs []attribute.KeyValue, key attribute.Key) (attribute.Value, bool) {
	for i := range attrs {
		if attrs[i].Key == key {
			return attrs[i].Value, true
		}
	}
	return attribute.Value{}, false
}

func linked(links []mapping.Link, to mapping.Link) bool {
	for i := range links {
		if links[i].TraceID == to.TraceID && links[i].SpanID == to.SpanID {
			return true
		}
	}
	return false
}
