package mapping

import "go.opentelemetry.io/otel/codes"

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

// outcome is what the span itself says. The HTTP status decides where there is
// one of 400 or more; then the gRPC code; then the span's status, with AWS's
// throttling codes recognised.
func (e *encoder) outcome() flags {
	failed := e.span.Status == codes.Error
	switch {
	case e.status == 429, failed && e.namespace == namespaceAWS && e.throttled():
		return flags{error: true, throttle: true}
	case e.status >= 400 && e.status < 500:
		return flags{error: true}
	case e.status >= 500:
		return flags{fault: true}
	}
	switch code := e.grpcClass(); {
	case code == grpcThrottle:
		return flags{error: true, throttle: true}
	case code == grpcError:
		return flags{error: true}
	case code == grpcFault, failed:
		return flags{fault: true}
	}
	return flags{}
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
