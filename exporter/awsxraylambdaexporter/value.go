package awsxraylambdaexporter

import (
	"encoding/binary"
	"math"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/batch"
)

// setValue sets dst to an attribute's value. Simple ones cost nothing: a string
// stays where pdata has it. Lists, maps and bytes allocate, so those made before
// are looked up in lists; key is scratch, returned to be used again.
func setValue(dst *attribute.Value, v pcommon.Value, lists *batch.Cache[attribute.Value], key []byte) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		*dst = attribute.StringValue(v.Str())
		return key
	case pcommon.ValueTypeBool:
		*dst = attribute.BoolValue(v.Bool())
		return key
	case pcommon.ValueTypeInt:
		*dst = attribute.Int64Value(v.Int())
		return key
	case pcommon.ValueTypeDouble:
		*dst = attribute.Float64Value(v.Double())
		return key
	case pcommon.ValueTypeEmpty:
		*dst = attribute.Value{}
		return key
	}
	key = appendKey(key[:0], v)
	found, ok := lists.Get(key)
	if !ok {
		found = complexValue(v)
		lists.Put(key, found)
	}
	*dst = found
	return key
}

// complexValue makes a value that shares no memory with v.
func complexValue(v pcommon.Value) attribute.Value {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return attribute.StringValue(strings.Clone(v.Str()))
	case pcommon.ValueTypeBool:
		return attribute.BoolValue(v.Bool())
	case pcommon.ValueTypeInt:
		return attribute.Int64Value(v.Int())
	case pcommon.ValueTypeDouble:
		return attribute.Float64Value(v.Double())
	case pcommon.ValueTypeBytes:
		return attribute.ByteSliceValue(v.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		return listValue(v.Slice())
	case pcommon.ValueTypeMap:
		return attribute.MapValue(ownAttributes(v.Map())...)
	}
	return attribute.Value{}
}

// ownAttributes converts m to attributes that share no memory with it.
func ownAttributes(m pcommon.Map) []attribute.KeyValue {
	out := make([]attribute.KeyValue, 0, m.Len())
	for k, v := range m.All() {
		out = append(out, attribute.KeyValue{Key: attribute.Key(strings.Clone(k)), Value: complexValue(v)})
	}
	return out
}

func listValue(s pcommon.Slice) attribute.Value {
	elements := make([]attribute.Value, s.Len())
	for i := range elements {
		elements[i] = complexValue(s.At(i))
	}
	return batch.List(elements)
}

// appendKey writes a content so that equal keys are equal contents: the type of
// each value, the length of what has one, the bytes.
func appendKey(dst []byte, v pcommon.Value) []byte {
	dst = append(dst, byte(v.Type()))
	switch v.Type() {
	case pcommon.ValueTypeStr:
		dst = appendKeyText(dst, v.Str())
	case pcommon.ValueTypeBool:
		if v.Bool() {
			return append(dst, 1)
		}
		return append(dst, 0)
	case pcommon.ValueTypeInt:
		dst = binary.AppendVarint(dst, v.Int())
	case pcommon.ValueTypeDouble:
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v.Double()))
	case pcommon.ValueTypeBytes:
		b := v.Bytes()
		dst = binary.AppendUvarint(dst, uint64(b.Len()))
		for i := range b.Len() {
			dst = append(dst, b.At(i))
		}
	case pcommon.ValueTypeSlice:
		s := v.Slice()
		dst = binary.AppendUvarint(dst, uint64(s.Len()))
		for i := range s.Len() {
			dst = appendKey(dst, s.At(i))
		}
	case pcommon.ValueTypeMap:
		dst = appendMapKey(dst, v.Map())
	}
	return dst
}

func appendMapKey(dst []byte, m pcommon.Map) []byte {
	dst = binary.AppendUvarint(dst, uint64(m.Len()))
	for k, v := range m.All() {
		dst = appendKey(appendKeyText(dst, k), v)
	}
	return dst
}

func appendKeyText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
