package lambdaxray

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Attributes that the Collector's X-Ray exporter introduced and package mapping
// reads: which attributes are annotations, and the JSON object of a metadata
// namespace.
const (
	keyAnnotations = attribute.Key("aws.xray.annotations")
	prefixMetadata = "aws.xray.metadata."
)

// updates orders those who extend an attribute of a span: the SDK keeps the last
// value of a key and has no way to add to one. One lock for all spans, since it
// is held for a microsecond.
var updates sync.Mutex

// Annotate sets an attribute of the span in ctx and makes it an annotation, which
// X-Ray indexes for filter expressions. The value is a string, a number or a
// bool; any other is formatted as fmt.Sprint does.
//
// Keys are made of letters, digits and underscores; other characters become
// underscores. X-Ray indexes about 50 annotations a trace, of at most 1000
// characters each; what exceeds that becomes metadata.
//
// Without a recording span it does nothing. It is safe for concurrent use.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html#api-segmentdocuments-annotations
func Annotate(ctx context.Context, key string, value any) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() || key == "" {
		return
	}
	annotation := attribute.KeyValue{Key: attribute.Key(key), Value: valueOf(value)}
	updates.Lock()
	defer updates.Unlock()
	keys := current(span, keyAnnotations).AsStringSlice()
	if slices.Contains(keys, key) {
		span.SetAttributes(annotation)
		return
	}
	// Clipped: the list may share its array with the attribute that is there.
	span.SetAttributes(annotation, keyAnnotations.StringSlice(append(slices.Clip(keys), key)))
}

// Metadata adds a value of any kind that encoding/json takes to the span in ctx,
// under key in a namespace of its metadata; "" is the namespace "default". X-Ray
// stores metadata and does not index it. Calls on one span add up; of a repeated
// key the last counts.
//
// A value that has no JSON goes to OpenTelemetry's error handler and is left
// out. Without a recording span it does nothing. It is safe for concurrent use.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html#api-segmentdocuments-annotations
func Metadata(ctx context.Context, namespace, key string, value any) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() || key == "" {
		return
	}
	if namespace == "" {
		namespace = "default"
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		otel.Handle(fmt.Errorf("lambdaxray: metadata %s.%s: %w", namespace, key, err))
		return
	}
	updates.Lock()
	defer updates.Unlock()
	attr := attribute.Key(prefixMetadata + namespace)
	members := map[string]json.RawMessage{}
	if object := current(span, attr).AsString(); object != "" {
		// Not an object if somebody else set it; it is theirs to lose then.
		_ = json.Unmarshal([]byte(object), &members)
	}
	if members == nil { // null
		members = map[string]json.RawMessage{}
	}
	members[key] = encoded
	object, err := json.Marshal(members)
	if err != nil {
		otel.Handle(fmt.Errorf("lambdaxray: metadata %s.%s: %w", namespace, key, err))
		return
	}
	span.SetAttributes(attr.String(string(object)))
}

// current returns the value an attribute of span has now.
func current(span trace.Span, key attribute.Key) attribute.Value {
	if s, ok := span.(sdktrace.ReadOnlySpan); ok {
		for _, a := range s.Attributes() {
			if a.Key == key {
				return a.Value
			}
		}
	}
	return attribute.Value{}
}

// valueOf returns the attribute value that keeps the type as an annotation can
// have it.
func valueOf(value any) attribute.Value {
	switch v := value.(type) {
	case string:
		return attribute.StringValue(v)
	case bool:
		return attribute.BoolValue(v)
	case int:
		return attribute.IntValue(v)
	case int8:
		return attribute.IntValue(int(v))
	case int16:
		return attribute.IntValue(int(v))
	case int32:
		return attribute.IntValue(int(v))
	case int64:
		return attribute.Int64Value(v)
	case uint8:
		return attribute.IntValue(int(v))
	case uint16:
		return attribute.IntValue(int(v))
	case uint32:
		return attribute.Int64Value(int64(v))
	case uint:
		return valueOf(uint64(v))
	case uint64:
		if v > math.MaxInt64 { // no attribute is that large
			return attribute.Float64Value(float64(v))
		}
		return attribute.Int64Value(int64(v))
	case float32:
		return attribute.Float64Value(float64(v))
	case float64:
		return attribute.Float64Value(v)
	default:
		return attribute.StringValue(fmt.Sprint(v))
	}
}
