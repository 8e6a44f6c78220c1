package propagator

import (
	"context"
	"os"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// headerName in the spelling of http.Header, so that its Get needs no conversion.
const headerName = "X-Amzn-Trace-Id"

// XRay is the propagator of the X-Amzn-Trace-Id header. The zero value works.
//
// Extract finds the header whatever the case of the carrier's keys. A carrier whose
// Get ignores case may say so with a method IgnoresCase; it is then asked once. A
// header without a readable Root leaves the context as it was, as propagators must.
// One with a Root only makes new spans roots in that trace, unless the context
// already has a valid span context.
//
// Inject writes the current span as Parent together with the fields that Extract
// found and does not know, Lineage among them. Without a span it passes the
// extracted header through.
type XRay struct{}

var _ propagation.TextMapPropagator = XRay{}

// Inject writes the tracing header of ctx into the carrier.
func (XRay) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	h, _ := HeaderFromContext(ctx)
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		h = h.WithSpanContext(sc)
	}
	if h.Root.IsValid() && carrier != nil {
		carrier.Set(headerName, h.String())
	}
}

// Extract returns ctx with the carrier's tracing header and its span context.
func (XRay) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	if h, ok := headerFromCarrier(carrier); ok {
		return contextWith(ctx, h)
	}
	return ctx
}

// Fields returns the header's name.
func (XRay) Fields() []string { return []string{headerName} }

// Lambda is the propagator that the semantic conventions call xray-lambda. The zero
// value works.
//
// Extract takes the first header with a Parent from the carrier, the context value
// under "x-amzn-trace-id" (set by aws-lambda-go) and the environment variable
// _X_AMZN_TRACE_ID; if none has a Parent, the first header there is. A header from
// the carrier without Lineage gets the invocation's, which is where Lambda counts;
// even of an invocation's header whose Root is unreadable, Lineage goes on. The
// carrier may be nil. Inject is [XRay]'s.
//
// Source: https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/
type Lambda struct{}

var _ propagation.TextMapPropagator = Lambda{}

// Inject writes the tracing header of ctx into the carrier.
func (Lambda) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	XRay{}.Inject(ctx, carrier)
}

// Extract returns ctx with the tracing header of the carrier or the invocation.
func (Lambda) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	h, ok := headerFromCarrier(carrier)
	platform, fromPlatform := HeaderFromLambda(ctx)
	switch {
	case ok && (h.Parent.IsValid() || !platform.Parent.IsValid()):
		return contextWith(ctx, h.withLineageOf(platform))
	case platform.Root.IsValid():
		return contextWith(ctx, platform)
	case fromPlatform && platform.Lineage() != "":
		return ContextWithHeader(ctx, Header{}.withLineageOf(platform))
	default:
		return ctx
	}
}

// Fields returns the header's name.
func (Lambda) Fields() []string { return []string{headerName} }

// HeaderFromLambda returns the tracing header that Lambda gave the invocation of
// ctx: the context value, or the environment's if that is absent or has no readable
// Root. It reports false if there is neither, as outside an invocation. A header
// that is there and has no readable Root is one all the same, with the decision it
// has: who takes it for none would trace every request.
func HeaderFromLambda(ctx context.Context) (Header, bool) {
	// aws-lambda-go sets the value under this plain string key.
	value, _ := ctx.Value("x-amzn-trace-id").(string)
	fromContext, ok := parseIfAny(value)
	if fromContext.Root.IsValid() {
		return fromContext, true
	}
	fromEnv, inEnv := parseIfAny(os.Getenv("_X_AMZN_TRACE_ID"))
	if ok && !fromEnv.Root.IsValid() {
		return fromContext, true
	}
	return fromEnv, inEnv
}

// parseIfAny reports false for a value of blanks, which is no header. It spares
// the error's allocation.
func parseIfAny(value string) (Header, bool) {
	if trim(value) == "" {
		return Header{}, false
	}
	h, _ := ParseHeader(value)
	return h, true
}

func contextWith(ctx context.Context, h Header) context.Context {
	ctx = ContextWithHeader(ctx, h)
	sc := h.SpanContext()
	if !sc.IsValid() && trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

func headerFromCarrier(carrier propagation.TextMapCarrier) (Header, bool) {
	if carrier == nil {
		return Header{}, false
	}
	h, _ := parseIfAny(carrierGet(carrier))
	return h, h.Root.IsValid()
}

// carrierGet looks the header up whatever the case of its key. The scan over all
// keys allocates, so the usual spellings go first.
func carrierGet(carrier propagation.TextMapCarrier) string {
	if value := carrier.Get(headerName); value != "" {
		return value
	}
	switch carrier.(type) {
	case propagation.HeaderCarrier, interface{ IgnoresCase() }:
		return "" // their Get ignores case
	}
	if value := carrier.Get("x-amzn-trace-id"); value != "" {
		return value
	}
	for _, key := range carrier.Keys() {
		if strings.EqualFold(key, headerName) {
			if value := carrier.Get(key); value != "" {
				return value
			}
		}
	}
	return ""
}
