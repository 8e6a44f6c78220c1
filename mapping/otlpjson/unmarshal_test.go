package otlpjson

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// compare is how spans are compared: resources are opaque and have a test of
// their own, attribute values compare as they are.
var compare = cmp.Options{
	cmpopts.IgnoreFields(mapping.Span{}, "Resource"),
	cmp.Comparer(func(a, b attribute.Value) bool { return a.Type() == b.Type() && a.String() == b.String() }),
	cmpopts.EquateEmpty(),
}

// minimal is a document with one span that has the given members too.
func minimal(members string) string {
	return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"` + members + `}]}]}]}`
}

func minimalSpan(change func(*mapping.Span)) []mapping.Span {
	s := mapping.Span{
		TraceID: trace.TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		SpanID:  trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8},
	}
	change(&s)
	return []mapping.Span{s}
}

func TestUnmarshal(t *testing.T) {
	span := func(change func(*mapping.Span)) []mapping.Span { return minimalSpan(change) }
	plain := span(func(*mapping.Span) {})[0]
	for _, c := range []struct {
		name, data string
		want       []mapping.Span
	}{
		{"nothing", "", nil},
		{"no spans", "{}", nil},
		{"other signals", `{"resourceMetrics":[{}]} {"resourceLogs":[]}`, nil},
		{"null everywhere", `{"resourceSpans":[{"resource":null,"scopeSpans":null},{"scopeSpans":[{"scope":null,"spans":null}]}]}`, nil},
		{"names are exact", `{"resource_spans":[{}],"ResourceSpans":3}`, nil},
		{"nulls are defaults", minimal(`,"name":null,"kind":null,"flags":null,"status":null,"attributes":null,"events":null,"links":null,"startTimeUnixNano":null,"parentSpanId":null`), []mapping.Span{plain}},
		{"unknown members", minimal(`,"futureText":"a=b","future":{"x":[1]}`), []mapping.Span{plain}},
		{"every field", minimal(`,"parentSpanId":"A1a2a3a4a5a6a7a8","name":"n","kind":2,"flags":769,"traceState":"a=b",
			"startTimeUnixNano":"1793534400123456789","endTimeUnixNano":"1793534400123456790",
			"attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":1,
			"events":[{"name":"e","timeUnixNano":"5","attributes":[{"key":"a","value":{"boolValue":true}}],"droppedAttributesCount":4}],"droppedEventsCount":2,
			"links":[{"traceId":"000000000000000000000000000000ff","spanId":"00000000000000ff","traceState":"c=d","attributes":[{"key":"l","value":{"intValue":"7"}}],"droppedAttributesCount":5}],"droppedLinksCount":3,
			"status":{"code":2,"message":"m"}`),
			span(func(s *mapping.Span) {
				s.TraceState = "a=b"
				s.ParentSpanID, s.Name, s.Kind, s.Parent = trace.SpanID{0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8}, "n", trace.SpanKindServer, mapping.ParentRemote
				s.StartTime, s.EndTime = 1793534400123456789, 1793534400123456790
				s.Attributes, s.DroppedAttributes = []attribute.KeyValue{attribute.String("k", "v")}, 1
				s.Events, s.DroppedEvents = []mapping.Event{{Name: "e", Time: 5, Attributes: []attribute.KeyValue{attribute.Bool("a", true)}, Dropped: 4}}, 2
				s.Links, s.DroppedLinks = []mapping.Link{{TraceID: trace.TraceID{15: 0xff}, SpanID: trace.SpanID{7: 0xff}, TraceState: "c=d", Attributes: []attribute.KeyValue{attribute.Int64("l", 7)}, Dropped: 5}}, 3
				s.Status, s.StatusMessage = codes.Error, "m"
			})},
		{"numbers as numbers", minimal(`,"startTimeUnixNano":1793534400123456789,"endTimeUnixNano":1.7935344e18,"flags":"256","droppedAttributesCount":"3"`),
			span(func(s *mapping.Span) {
				s.StartTime, s.EndTime, s.Parent, s.DroppedAttributes = 1793534400123456789, 1793534400000000000, mapping.ParentLocal, 3
			})},
		{"a flag alone", minimal(`,"flags":512`), []mapping.Span{plain}},
		{"enums by name", minimal(`,"kind":"SPAN_KIND_CONSUMER","status":{"code":"STATUS_CODE_OK"}`),
			span(func(s *mapping.Span) { s.Kind, s.Status = trace.SpanKindConsumer, codes.Ok })},
		{"enums of the future", minimal(`,"kind":17,"status":{"code":-1}`), []mapping.Span{plain}},
		{"several documents", minimal("") + minimal(`,"name":"b"`) + "\n\n" + minimal(`,"name":"c"`) + "\r\n",
			[]mapping.Span{plain, span(func(s *mapping.Span) { s.Name = "b" })[0], span(func(s *mapping.Span) { s.Name = "c" })[0]}},
		{"scope", `{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"s","version":"1"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"}]}]}]}`,
			span(func(s *mapping.Span) { s.ScopeName, s.ScopeVersion = "s", "1" })},
		{"zero ids are for the mapper to judge", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000000","spanId":"0000000000000000"}]}]}]}`,
			[]mapping.Span{{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Unmarshal([]byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, compare); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestUnmarshalKindsAndStatuses(t *testing.T) {
	kinds := []trace.SpanKind{trace.SpanKindUnspecified, trace.SpanKindInternal, trace.SpanKindServer, trace.SpanKindClient, trace.SpanKindProducer, trace.SpanKindConsumer}
	for i, want := range kinds {
		got, err := Unmarshal([]byte(minimal(`,"kind":` + string(rune('0'+i)))))
		if err != nil || got[0].Kind != want {
			t.Errorf("kind %d is %v, %v; want %v", i, got[0].Kind, err, want)
		}
	}
	for i, want := range []codes.Code{codes.Unset, codes.Ok, codes.Error} {
		got, err := Unmarshal([]byte(minimal(`,"status":{"code":` + string(rune('0'+i)) + `}`)))
		if err != nil || got[0].Status != want {
			t.Errorf("status %d is %v, %v; want %v", i, got[0].Status, err, want)
		}
	}
}

func TestUnmarshalValues(t *testing.T) {
	for _, c := range []struct {
		value string
		want  attribute.Value
	}{
		{`{}`, attribute.Value{}},
		{`null`, attribute.Value{}},
		{`{"stringValue":null}`, attribute.Value{}},
		{`{"futureValue":1}`, attribute.Value{}},
		{`{"stringValue":""}`, attribute.StringValue("")},
		{`{"stringValue":"a\u0000\ud800b"}`, attribute.StringValue("a\x00\ufffdb")},
		{`{"boolValue":false}`, attribute.BoolValue(false)},
		{`{"intValue":"-9223372036854775808"}`, attribute.Int64Value(math.MinInt64)},
		{`{"intValue":9223372036854775807}`, attribute.Int64Value(math.MaxInt64)},
		{`{"doubleValue":0.1}`, attribute.Float64Value(0.1)},
		{`{"doubleValue":"-1.5e3"}`, attribute.Float64Value(-1500)},
		{`{"doubleValue":"NaN"}`, attribute.Float64Value(math.NaN())},
		{`{"doubleValue":"Infinity"}`, attribute.Float64Value(math.Inf(1))},
		{`{"doubleValue":"-Infinity"}`, attribute.Float64Value(math.Inf(-1))},
		{`{"bytesValue":"+/8="}`, attribute.ByteSliceValue([]byte{0xfb, 0xff})},
		{`{"bytesValue":"-_8"}`, attribute.ByteSliceValue([]byte{0xfb, 0xff})},
		{`{"arrayValue":{}}`, attribute.SliceValue()},
		{`{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}`, attribute.StringSliceValue([]string{"a", "b"})},
		{`{"arrayValue":{"values":[{"intValue":1},{"intValue":"2"}]}}`, attribute.Int64SliceValue([]int64{1, 2})},
		{`{"arrayValue":{"values":[{"doubleValue":1}]}}`, attribute.Float64SliceValue([]float64{1})},
		{`{"arrayValue":{"values":[{"boolValue":true}]}}`, attribute.BoolSliceValue([]bool{true})},
		{`{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1},{}]}}`, attribute.SliceValue(attribute.StringValue("a"), attribute.Int64Value(1), attribute.Value{})},
		{`{"arrayValue":{"values":[{"arrayValue":{"values":[{"boolValue":true}]}}]}}`, attribute.SliceValue(attribute.BoolSliceValue([]bool{true}))},
		{`{"kvlistValue":{}}`, attribute.MapValue()},
		{`{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"intValue":1}}]}}}]}}`, attribute.MapValue(attribute.Map("a", attribute.Int("b", 1)))},
	} {
		got, err := Unmarshal([]byte(minimal(`,"attributes":[{"key":"k","value":` + c.value + `}]`)))
		if err != nil {
			t.Errorf("%s: %v", c.value, err)
			continue
		}
		want := minimalSpan(func(s *mapping.Span) { s.Attributes = []attribute.KeyValue{{Key: "k", Value: c.want}} })
		if diff := cmp.Diff(want, got, compare); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.value, diff)
		}
	}
}

func TestUnmarshalErrors(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       string // the error without its prefix
		spans      int    // read all the same
	}{
		{"no JSON", `{"resourceSpans":[`, "document 1, from byte 0 on: no JSON: unexpected EOF", 0},
		{"no JSON after a document", minimal("") + " x", "document 2, from byte 123 on: no JSON: invalid character 'x' looking for beginning of value", 1},
		{"no object", "[]", "want an object, have a list", 0},
		{"null", "null", "want an object with resourceSpans, have nothing", 0},
		{"second document", minimal("") + `{"resourceSpans":3}`, "document 2.resourceSpans: want a list, have 3", 1},
		{
			"ids",
			`{"resourceSpans":[{"scopeSpans":[{},{"spans":[{},{"traceId":"xyz"},{"traceId":"0102030405060708090a0b0c0d0e0f1g"},{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":7}]}]}]}`,
			`resourceSpans[0].scopeSpans[1].spans[0].traceId: want 32 hex digits, have nothing
resourceSpans[0].scopeSpans[1].spans[1].traceId: want 32 hex digits, have "xyz"
resourceSpans[0].scopeSpans[1].spans[2].traceId: want 32 hex digits, have "0102030405060708090a0b0c0d0e0f1g"
resourceSpans[0].scopeSpans[1].spans[3].spanId: want 16 hex digits, have 7`, 0,
		},
		{"parent", minimal(`,"parentSpanId":"1"`), `resourceSpans[0].scopeSpans[0].spans[0].parentSpanId: want 16 hex digits, have "1"`, 0},
		{"parent that is no text", minimal(`,"parentSpanId":7`), `resourceSpans[0].scopeSpans[0].spans[0].parentSpanId: want 16 hex digits, have 7`, 0},
		{"id that is null", minimal(`,"spanId":null`), `resourceSpans[0].scopeSpans[0].spans[0].spanId: want 16 hex digits, have nothing`, 0},
		{"id of no digits", minimal(`,"spanId":"01020304050607:@"`), `resourceSpans[0].scopeSpans[0].spans[0].spanId: want 16 hex digits, have "01020304050607:@"`, 0},
		{"time that is an object", minimal(`,"startTimeUnixNano":{}`), `resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano: want an integer from 0 to 9223372036854775807, have an object`, 0},
		{"time before", minimal(`,"startTimeUnixNano":"-1"`), `resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano: want an integer from 0 to 9223372036854775807, have "-1"`, 0},
		{"time after", minimal(`,"endTimeUnixNano":9223372036854775808`), `resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano: want an integer from 0 to 9223372036854775807, have 9223372036854775808`, 0},
		{"kind", minimal(`,"kind":"SERVER"`), `resourceSpans[0].scopeSpans[0].spans[0].kind: want a number or one of ["SPAN_KIND_UNSPECIFIED" "SPAN_KIND_INTERNAL" "SPAN_KIND_SERVER" "SPAN_KIND_CLIENT" "SPAN_KIND_PRODUCER" "SPAN_KIND_CONSUMER"], have "SERVER"`, 0},
		{"status", minimal(`,"status":[]`), `resourceSpans[0].scopeSpans[0].spans[0].status: want an object, have a list`, 0},
		{"event", minimal(`,"events":[{},{"name":3}]`), `resourceSpans[0].scopeSpans[0].spans[0].events[1].name: want a string, have 3`, 0},
		{"link", minimal(`,"links":[{}]`), `resourceSpans[0].scopeSpans[0].spans[0].links[0].traceId: want 32 hex digits, have nothing`, 0},
		{"attributes", minimal(`,"attributes":{"a":1}`), `resourceSpans[0].scopeSpans[0].spans[0].attributes: want a list, have an object`, 0},
		{"attribute", minimal(`,"attributes":["a"]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0]: want an object, have "a"`, 0},
		{"key", minimal(`,"attributes":[{"key":true}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].key: want a string, have true`, 0},
		{"plain value", minimal(`,"attributes":[{"key":"a","value":"b"}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value: want an object, have "b"`, 0},
		{"string", minimal(`,"attributes":[{"value":{"stringValue":1}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.stringValue: want a string, have 1`, 0},
		{"bool", minimal(`,"attributes":[{"value":{"boolValue":"true"}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.boolValue: want true or false, have "true"`, 0},
		{"int", minimal(`,"attributes":[{"value":{"intValue":1.5}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue: want an integer from -9223372036854775808 to 9223372036854775807, have 1.5`, 0},
		{"double", minimal(`,"attributes":[{"value":{"doubleValue":"0x1p4"}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.doubleValue: want a number, "NaN", "Infinity" or "-Infinity", have "0x1p4"`, 0},
		{"bytes", minimal(`,"attributes":[{"value":{"bytesValue":"*"}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue: want base64, have "*"`, 0},
		{"nested", minimal(`,"attributes":[{"value":{"arrayValue":{"values":[{},{"kvlistValue":{"values":[{"value":{"intValue":"x"}}]}}]}}}]`), `resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.arrayValue.values[1].kvlistValue.values[0].value.intValue: want an integer from -9223372036854775808 to 9223372036854775807, have "x"`, 0},
		{"resource", `{"resourceSpans":[{"resource":1},3,` + minimal("")[len(`{"resourceSpans":[`):], "resourceSpans[0].resource: want an object, have 1\nresourceSpans[1]: want an object, have 3", 1},
		{"scope", `{"resourceSpans":[{"scopeSpans":[{"scope":{"name":1}}]}]}`, "resourceSpans[0].scopeSpans[0].scope.name: want a string, have 1", 0},
		{"a long value", minimal(`,"name":{},"kind":"` + strings.Repeat("x", 100) + `"`), "resourceSpans[0].scopeSpans[0].spans[0].name: want a string, have an object", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Unmarshal([]byte(c.data))
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff("otlpjson: "+c.want, err.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(got) != c.spans {
				t.Errorf("%d spans, want %d", len(got), c.spans)
			}
		})
	}
}

func TestUnmarshalSharesResources(t *testing.T) {
	const id = `{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708"}`
	spans, err := Unmarshal([]byte(`{"resourceSpans":[
		{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a"}}]},"scopeSpans":[{"spans":[` + id + `,` + id + `]},{"spans":[` + id + `]}]},
		{"scopeSpans":[{"spans":[` + id + `]}]}]}`))
	if err != nil || len(spans) != 4 {
		t.Fatalf("%d spans, %v", len(spans), err)
	}
	if spans[0].Resource == nil || spans[0].Resource != spans[1].Resource || spans[0].Resource != spans[2].Resource {
		t.Error("the spans of one entry have several resources")
	}
	if spans[3].Resource == nil || spans[0].Resource == spans[3].Resource {
		t.Error("the spans of two entries share a resource")
	}
}

// A value nested as deeply as JSON allows neither overflows nor stalls.
func TestUnmarshalDepth(t *testing.T) {
	const depth = 3000
	value := strings.Repeat(`{"arrayValue":{"values":[`, depth) + `{"intValue":"x"}` + strings.Repeat(`]}}`, depth)
	_, err := Unmarshal([]byte(minimal(`,"attributes":[{"key":"k","value":` + value + `}]`)))
	if err == nil || !strings.Contains(err.Error(), ".intValue: want an integer") {
		t.Errorf("error %.200v", err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	files, err := filepath.Glob("../testdata/golden/*/spans.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(minimal("") + "\n" + minimal(`,"attributes":[{"key":"k","value":{"bytesValue":"AA"}}]`)))
	f.Add([]byte(minimal(`,"flags":768,"links":[{}],"events":[{"timeUnixNano":1e3}],"status":{"code":2}`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		spans, err := Unmarshal(data)
		for i := range spans {
			if spans[i].Resource == nil {
				t.Errorf("span %d has no resource", i)
			}
			if spans[i].StartTime < 0 || spans[i].EndTime < 0 {
				t.Errorf("span %d has a negative time", i)
			}
		}
		if err == nil {
			return
		}
		if !strings.HasPrefix(err.Error(), "otlpjson: ") {
			t.Errorf("error %q", err)
		}
		// What is no JSON at all says so.
		if dec := json.NewDecoder(bytes.NewReader(data)); dec.Decode(new(any)) != nil && len(spans) > 0 {
			t.Errorf("%d spans from what is no JSON", len(spans))
		}
	})
}
