package lambdaxray

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// maxLinks is the SDK's default limit of links a span. A batch has up to 10,000
// messages, and X-Ray takes 20 linked traces a segment.
const maxLinks = 128

// relate returns ctx with the function span's parent, and the span contexts of
// the event that it is to be linked to.
func (t *tracing) relate(ctx context.Context, event *lambdaevent.Event) (context.Context, []trace.Link) {
	platform := trace.SpanContextFromContext(ctx)
	if event.Source.Batch() {
		if !t.wants(EventMessages) {
			return ctx, nil
		}
		links, one := senders(event)
		if t.config.context == EventContextParent && one && links[0].SpanContext.TraceID() != platform.TraceID() {
			return trace.ContextWithRemoteSpanContext(ctx, links[0].SpanContext), nil
		}
		return ctx, links
	}
	if !t.wants(EventTraceContext) {
		return ctx, nil
	}
	carrier := carrierOf(ctx, event)
	if !platform.TraceID().IsValid() {
		return sentContext.Extract(ctx, carrier), nil
	}
	sender := senderOf(carrier, platform.TraceID())
	switch {
	case !sender.IsValid():
		return ctx, nil
	case t.config.context == EventContextParent:
		// The processor links the span to the tracing header's segment.
		return trace.ContextWithRemoteSpanContext(ctx, sender), nil
	}
	return ctx, []trace.Link{{SpanContext: sender}}
}

// carrierOf returns where the sender put its trace context: into the event, or, if it
// called Invoke, into the client context, as OpenTelemetry's instrumentation of
// the AWS SDK for JavaScript does.
func carrierOf(ctx context.Context, event *lambdaevent.Event) propagation.TextMapCarrier {
	if event.Source == lambdaevent.SourceUnknown {
		lc, _ := lambdacontext.FromContext(ctx)
		if lc != nil && len(lc.ClientContext.Custom) > 0 {
			custom := propagation.MapCarrier(lc.ClientContext.Custom)
			if senderOf(custom, trace.TraceID{}).IsValid() {
				return custom
			}
		}
	}
	return event.Carrier()
}

// sentContext is what senders put into events: a tracing header, which wins if it
// names a span, or a traceparent.
var sentContext = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagator.XRay{})

// senderOf returns the span context in carrier that is of another trace than
// own, a tracing header's before a traceparent's. An API Gateway adds a header of
// the invocation's own trace to what the client sends.
func senderOf(carrier propagation.TextMapCarrier, own trace.TraceID) trace.SpanContext {
	for _, p := range [...]propagation.TextMapPropagator{propagator.XRay{}, propagation.TraceContext{}} {
		sc := trace.SpanContextFromContext(p.Extract(context.Background(), carrier))
		if sc.IsValid() && sc.TraceID() != own {
			return sc
		}
	}
	return trace.SpanContext{}
}

// senders returns a link to the sender of each message of a batch, and whether all
// of them have one and the same.
func senders(event *lambdaevent.Event) (links []trace.Link, one bool) {
	one = true
	for m := range event.Messages() {
		sc := senderOf(m.Carrier(), trace.TraceID{})
		if !sc.IsValid() {
			one = false
			continue
		}
		// A producer that sends a batch gives all its messages one context.
		if len(links) > 0 && links[len(links)-1].SpanContext.Equal(sc) {
			continue
		}
		if links = append(links, trace.Link{SpanContext: sc}); len(links) == maxLinks {
			break
		}
	}
	return links, one && len(links) == 1
}

// appendEvent adds what the event says about the trigger and the request.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/ and
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
func (s *functionSpan) appendEvent(attrs []attribute.KeyValue, event *lambdaevent.Event) []attribute.KeyValue {
	trigger := event.Trigger()
	if s.wants(EventTrigger) {
		attrs = append(attrs, semconv.FaaSTriggerKey.String(trigger))
	}
	if trigger != "http" || !s.wants(EventHTTP) {
		return attrs
	}
	s.http = event.Source.RespondsHTTP()
	s.status = event.Source.ImpliedStatus()
	request := event.Request()
	host, port := request.Host, ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host, port = host[:i], host[i+1:]
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	attrs = appendStrings(attrs, []keyString{
		{semconv.HTTPRequestMethodKey, request.Method},
		{semconv.HTTPRouteKey, request.Route},
		{semconv.URLPathKey, request.Path},
		{semconv.URLSchemeKey, request.Scheme},
		{semconv.ClientAddressKey, request.ClientIP},
		{semconv.UserAgentOriginalKey, request.UserAgent},
		{semconv.ServerAddressKey, host},
	})
	if n, err := strconv.ParseUint(port, 10, 16); err == nil {
		attrs = append(attrs, semconv.ServerPort(int(n)))
	}
	return attrs
}
