package xray

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/xray/strategy/exception"
)

// AddAnnotation adds an annotation, which X-Ray indexes: a string, a number or a
// bool. Of another value it returns an error.
func (seg *Segment) AddAnnotation(key string, value any) error {
	if seg == nil || SdkDisabled() {
		return nil
	}
	seg.Lock()
	defer seg.Unlock()
	if seg.Dummy {
		return nil
	}
	switch value.(type) {
	case bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
	default:
		return fmt.Errorf("failed to add annotation key: %q value: %q to subsegment %q. value must be of type string, number or boolean", key, value, seg.Name)
	}
	if seg.foreign {
		lambdaxray.Annotate(seg.own(), key, value)
		return nil
	}
	if seg.Annotations == nil {
		seg.Annotations = map[string]any{}
	}
	seg.Annotations[key] = value
	return nil
}

// AddMetadata adds metadata in namespace "default": any value that has JSON. Of an
// error it is the text.
func (seg *Segment) AddMetadata(key string, value any) error {
	return seg.AddMetadataToNamespace("default", key, value)
}

// AddMetadataToNamespace adds metadata in a namespace. Namespaces that begin with
// AWS. are X-Ray's own.
func (seg *Segment) AddMetadataToNamespace(namespace string, key string, value any) error {
	if seg == nil || SdkDisabled() {
		return nil
	}
	seg.Lock()
	defer seg.Unlock()
	if seg.Dummy {
		return nil
	}
	if seg.foreign {
		lambdaxray.Metadata(seg.own(), namespace, key, json.RawMessage(encode(value)))
		return nil
	}
	if seg.Metadata == nil {
		seg.Metadata = map[string]map[string]any{}
	}
	if seg.Metadata[namespace] == nil {
		seg.Metadata[namespace] = map[string]any{}
	}
	seg.Metadata[namespace][key] = value
	return nil
}

// AddError adds an error to the cause and makes the segment a fault. It returns
// nil.
func (seg *Segment) AddError(err error) error {
	if seg == nil || err == nil || SdkDisabled() {
		return nil
	}
	seg.Lock()
	defer seg.Unlock()
	seg.addError(err)
	return nil
}

func (seg *Segment) addError(err error) {
	x := seg.formatting().ExceptionFromError(err)
	if seg.foreign {
		addException(seg.span, x)
		seg.span.SetStatus(codes.Error, "")
		return
	}
	seg.Fault = true
	if seg.Dummy {
		return
	}
	cause := seg.GetCause()
	cause.WorkingDirectory, _ = os.Getwd()
	cause.Exceptions = append(cause.Exceptions, x)
}

func (seg *Segment) formatting() exception.FormattingStrategy {
	top := seg.ParentSegment
	if top == nil {
		top = seg
	}
	if top.Configuration != nil && top.Configuration.ExceptionFormattingStrategy != nil {
		return top.Configuration.ExceptionFormattingStrategy
	}
	return current().exceptions
}

// own returns a context with the segment's span, for those who take the span from
// there.
func (seg *Segment) own() context.Context {
	return trace.ContextWithSpan(context.Background(), seg.span)
}

// encode returns the JSON of a metadata value: of an error its text, which
// encoding/json does not see, and of what has no JSON what fmt prints.
func encode(value any) []byte {
	if err, ok := value.(error); ok {
		_, marshals := value.(json.Marshaler)
		_, text := value.(encoding.TextMarshaler)
		if !marshals && !text {
			value = err.Error()
		}
	}
	b, err := json.Marshal(value)
	if err != nil {
		b, _ = json.Marshal(fmt.Sprintf("%+v", value)) // a string: cannot fail
	}
	return b
}
