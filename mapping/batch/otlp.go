package batch

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Bits of a span's flags that say where its parent ran.
//
// Source: https://github.com/open-telemetry/opentelemetry-proto (SpanFlags)
const (
	flagHasRemote = 0x100
	flagIsRemote  = 0x200
)

// ParentOrigin reads OTLP's Span.flags.
func ParentOrigin(flags uint32) mapping.ParentOrigin {
	switch {
	case flags&flagHasRemote == 0:
		return mapping.ParentUnknown
	case flags&flagIsRemote == 0:
		return mapping.ParentLocal
	}
	return mapping.ParentRemote
}

var kinds = [...]trace.SpanKind{
	trace.SpanKindUnspecified, trace.SpanKindInternal, trace.SpanKindServer,
	trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer,
}

// Kind reads OTLP's SpanKind, whose numbers are not those of the Go API. One that is
// not known is the default, as for any reader that is older than the writer.
func Kind(n int32) trace.SpanKind {
	if n < 0 || int(n) >= len(kinds) {
		return trace.SpanKindUnspecified
	}
	return kinds[n]
}

// Status reads OTLP's StatusCode, whose numbers are not those of the Go API.
func Status(n int32) codes.Code {
	switch n {
	case 1:
		return codes.Ok
	case 2:
		return codes.Error
	}
	return codes.Unset
}

// Nanoseconds reads a time; those after the year 2262 become the last moment that
// fits.
func Nanoseconds(t uint64) int64 { return int64(min(t, math.MaxInt64)) }

// List makes a list. One whose elements are all of one simple type becomes a value
// of that type, as the SDK's attributes are. It keeps no reference to elements.
func List(elements []attribute.Value) attribute.Value {
	if len(elements) == 0 {
		return attribute.SliceValue()
	}
	kind := elements[0].Type()
	for i := range elements {
		if elements[i].Type() != kind {
			return attribute.SliceValue(elements...)
		}
	}
	switch kind {
	case attribute.STRING:
		return attribute.StringSliceValue(collect(elements, attribute.Value.AsString))
	case attribute.BOOL:
		return attribute.BoolSliceValue(collect(elements, attribute.Value.AsBool))
	case attribute.INT64:
		return attribute.Int64SliceValue(collect(elements, attribute.Value.AsInt64))
	case attribute.FLOAT64:
		return attribute.Float64SliceValue(collect(elements, attribute.Value.AsFloat64))
	}
	return attribute.SliceValue(elements...)
}

func collect[T any](list []attribute.Value, as func(attribute.Value) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = as(v)
	}
	return out
}
