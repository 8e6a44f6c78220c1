package lambdaxray

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Capture runs f in a span beneath the one in ctx, which becomes a custom
// subsegment of that name. An error of f is recorded with the errors it wraps,
// and returned as it is; a panic is recorded with its Go stack and goes on.
//
// The span is made by the provider of the span in ctx, or by the global one.
func Capture(ctx context.Context, name string, f func(ctx context.Context) error) error {
	return capture(ctx, name, f)
}

func capture(ctx context.Context, name string, f func(ctx context.Context) error, opts ...trace.SpanStartOption) error {
	ctx, span := tracerOf(ctx).Start(ctx, name, opts...)
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		if value != nil {
			recordPanic(span, value)
		} else {
			span.SetStatus(codes.Error, "runtime.Goexit was called")
		}
		span.End()
		if value != nil {
			panic(value)
		}
	}()
	err := f(ctx)
	returned = true
	if err != nil {
		recordError(span, err)
	}
	span.End()
	return err
}

// tracerOf returns a tracer of the provider that made the span in ctx. A remote
// span context has none.
func tracerOf(ctx context.Context) trace.Tracer {
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() && !span.SpanContext().IsRemote() {
		return span.TracerProvider().Tracer(packagePath)
	}
	return otel.Tracer(packagePath)
}

// Attributes that the Collector's X-Ray exporter introduced and package mapping
// reads: which attributes are annotations, and the JSON object of a metadata
// namespace.
const (
	keyAnnotations = attribute.Key("aws.xray.annotations")
	prefixMetadata = "aws.xray.metadata."
)

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
	defer lockSpan(span)()
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
// out. Where the SDK limits the length of attributes
// (OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT) and a namespace is full, a further value
// becomes an attribute of its own, namespace.key, which the SDK may cut. Without a
// recording span it does nothing. It is safe for concurrent use.
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
	attr := attribute.Key(prefixMetadata + namespace)
	defer lockSpan(span)()
	before := current(span, attr).AsString()
	object := withMember(before, key, encoded)
	span.SetAttributes(attr.String(object))
	if after := current(span, attr).AsString(); after != object && after != "" { // cut
		if before == "" {
			before = "{}"
		}
		span.SetAttributes(attr.String(before), attribute.String(namespace+"."+key, string(encoded)))
	}
}

// withMember returns the JSON object with one more member. It copies what is there:
// what a thousand calls cost is a thousand copies, not decodings.
func withMember(object, key string, value []byte) string {
	name, _ := json.Marshal(key) // strings always have JSON
	if !strings.HasPrefix(object, "{") || !strings.HasSuffix(object, "}") {
		object = "{}" // not an object if somebody else set it; it is theirs to lose then
	}
	if strings.Contains(object, string(name)+":") {
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(object), &members); err == nil && members[key] != nil {
			members[key] = value
			if text, err := json.Marshal(members); err == nil {
				return string(text)
			}
		}
	}
	var text strings.Builder
	text.Grow(len(object) + len(name) + len(value) + len(",:"))
	text.WriteString(object[:len(object)-1])
	if object != "{}" {
		text.WriteByte(',')
	}
	text.Write(name)
	text.WriteByte(':')
	text.Write(value)
	text.WriteByte('}')
	return text.String()
}

// updates order those who extend an attribute of a span: the SDK keeps the last value
// of a key and has no way to add to one. Spans share them by chance only.
var updates [64]sync.Mutex

func lockSpan(span trace.Span) (unlock func()) {
	id := span.SpanContext().SpanID()
	mu := &updates[id[len(id)-1]%byte(len(updates))]
	mu.Lock()
	return mu.Unlock
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
