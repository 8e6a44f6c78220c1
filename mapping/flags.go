package mapping

import (
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdaxray/lambdaxray/mapping/internal/stack"
)

// flags are what X-Ray colours a node by: error is the client's fault (4xx),
// throttle an error too (429), fault the server's (5xx).
type flags struct{ error, throttle, fault bool }

// appendFlags writes error, throttle and fault, each only when true.
func (e *encoder) appendFlags(dst []byte) []byte {
	x := e.outcome()
	if e.fields.have&blockFlags != 0 {
		x = e.asSaid(x)
	}
	if x.error {
		dst = append(dst, `,"error":true`...)
	}
	if x.throttle {
		dst = append(dst, `,"throttle":true`...)
	}
	if x.fault {
		dst = append(dst, `,"fault":true`...)
	}
	return dst
}

// outcome is what the span itself says. AWS's throttling codes come first, as most
// are under HTTP 400; then the HTTP status of 400 or more; then the code of the remote
// procedure call; then the span's status, and an exception that nobody caught.
func (e *encoder) outcome() flags {
	failed := e.span.Status == codes.Error
	status := e.status
	if status == 0 && failed {
		status = e.databaseStatus()
	}
	switch {
	case status == 429, (failed || status >= 400) && e.namespace == namespaceAWS && e.throttled():
		return flags{error: true, throttle: true}
	case status >= 400 && status < 500:
		return flags{error: true}
	case status >= 500:
		return flags{fault: true}
	}
	switch e.rpcClass() {
	case rpcThrottle:
		return flags{error: true, throttle: true}
	case rpcError:
		return flags{error: true}
	case rpcFault:
		return flags{fault: true}
	}
	return flags{fault: failed || e.span.Status == codes.Unset && e.panicked()}
}

// databaseStatus is the HTTP status with which a database answered that speaks HTTP, 0
// if it is another one's or none.
//
// Source: https://opentelemetry.io/docs/specs/semconv/db/cosmosdb/, …/db/elasticsearch/
func (e *encoder) databaseStatus() int64 {
	switch e.fields.text(slotDBSystem) {
	case "azure.cosmosdb", "cosmosdb", "elasticsearch", "opensearch", "couchdb":
	default:
		return 0
	}
	for i := range e.span.Attributes {
		kv := &e.span.Attributes[i]
		if kv.Key != "db.response.status_code" && kv.Key != "db.cosmosdb.status_code" {
			continue
		}
		if kv.Value.Type() == attribute.INT64 {
			return kv.Value.AsInt64()
		}
		if n, err := strconv.ParseInt(kv.Value.AsString(), 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// panicked reports whether the span has recorded an exception that left it: marked as
// escaped, or a Go panic, which the SDK records without a status.
func (e *encoder) panicked() bool {
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		if ev.Name != "exception" {
			continue
		}
		for j := range ev.Attributes {
			switch kv := &ev.Attributes[j]; kv.Key {
			case "exception.escaped":
				if kv.Value.Type() == attribute.BOOL && kv.Value.AsBool() || kv.Value.AsString() == "true" {
					return true
				}
			case "exception.stacktrace":
				if stack.IsPanic(kv.Value.AsString()) {
					return true
				}
			}
		}
	}
	return false
}

// asSaid is x as aws.xray.error, aws.xray.fault and aws.xray.throttle have it. If
// one of them is true, they alone decide; if one is false, that flag goes. A
// throttled call is an error, with or without aws.xray.error.
func (e *encoder) asSaid(x flags) flags {
	isError, noError := e.spendSaid(slotXRayError)
	isThrottle, noThrottle := e.spendSaid(slotXRayThrottle)
	isFault, noFault := e.spendSaid(slotXRayFault)
	if isError || isThrottle || isFault {
		return flags{error: isError || isThrottle, throttle: isThrottle, fault: isFault}
	}
	return flags{
		error:    x.error && !noError,
		throttle: x.throttle && !noThrottle && !noError,
		fault:    x.fault && !noFault,
	}
}

// spendSaid reads the boolean of a slot and spends it.
func (e *encoder) spendSaid(s slot) (yes, no bool) {
	v, ok := e.fields.flag(s)
	if ok {
		e.fields.spend(s)
	}
	return ok && v, ok && !v
}
