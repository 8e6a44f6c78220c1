package mapping

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// vocabulary has the values that lead into a block; any other value of these keys
// means nothing to the mapper.
var vocabulary = map[slot][]string{
	slotRPCSystem:       {"aws-api", "grpc", "connectrpc"},
	slotDBSystem:        {"postgresql", "redis", "mongodb", "dynamodb", "aws.dynamodb"},
	slotMessagingSystem: {"aws_sqs", "kafka", "rabbitmq", "AmazonSQS"},
	slotSpanKind:        {"LOCAL_ROOT"},
}

// unsaid are the keys whose attributes are read and not written: what they say has
// come true, or must not go out.
var unsaid = map[slot]bool{slotAnnotations: true, slotURLQuery: true, slotURLFragment: true, slotRPCSystem: true, slotSpanKind: true}

// TestAttributeLandsOnce holds for random spans that every attribute is in the
// document once: in a typed field (the name among them), as an annotation, or as
// metadata. The values are short and legal, so that no field cuts them, and differ,
// so that none repeats another.
func TestAttributeLandsOnce(t *testing.T) {
	const seeds = 5_000
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 1))
		span := randomSpan(r)
		m := New()
		if r.IntN(4) == 0 {
			m = New(WithAllAnnotations())
		}
		docs, err := m.AppendDocuments(nil, []Span{span})
		if err != nil || len(docs) != 1 {
			t.Fatalf("seed %d: %d documents, %v", seed, len(docs), err)
		}
		checkOnce(t, seed, &span, docs[0])
		if t.Failed() {
			return
		}
	}
}

func randomSpan(r *rand.Rand) Span {
	s := Span{
		Name: "operation", TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, ParentSpanID: trace.SpanID{2},
		Kind: trace.SpanKind(1 + r.IntN(5)), StartTime: 1, EndTime: 2,
		Status: codes.Code(r.IntN(3)), FunctionSegment: FunctionSegment(r.IntN(3)), Parent: ParentOrigin(r.IntN(3)),
		Resource: randomResources[r.IntN(len(randomResources))],
	}
	if r.IntN(3) == 0 {
		s.ParentSpanID = trace.SpanID{}
	}
	seen := map[slot]bool{}
	for i := range r.IntN(12) {
		a := attributeTable[r.IntN(len(attributeTable))]
		if seen[a.slot] { // two generations are another test's
			continue
		}
		seen[a.slot] = true
		s.Attributes = append(s.Attributes, attribute.KeyValue{Key: attribute.Key(a.key), Value: randomValue(r, a.slot, i)})
	}
	return s
}

var randomResources = []*Resource{
	nil,
	NewResource([]attribute.KeyValue{attribute.String("cloud.platform", "aws_lambda"), attribute.String("faas.name", "orders")}),
	NewResource([]attribute.KeyValue{attribute.String("service.name", "shop")}),
}

func randomValue(r *rand.Rand, s slot, i int) attribute.Value {
	token := token(i)
	if r.IntN(10) == 0 { // of a type that means nothing to most
		return attribute.Int64SliceValue([]int64{int64(7000 + i)})
	}
	if r.IntN(10) == 0 {
		return attribute.IntValue(7000 + i)
	}
	if words := vocabulary[s]; words != nil {
		return attribute.StringValue(words[r.IntN(len(words))])
	}
	switch s {
	case slotHTTPStatus:
		return attribute.IntValue(200 + i)
	case slotServerPort, slotNetPeerPort, slotResponseSize, slotAWSRetries, slotResend, slotMessageCount:
		return attribute.IntValue(7000 + i)
	case slotColdStart, slotXRayError, slotXRayFault, slotXRayThrottle, slotInProgress:
		return attribute.BoolValue(r.IntN(2) == 0)
	case slotURLFull, slotHTTPTarget:
		return attribute.StringValue("https://" + token + "/p")
	case slotURLPath:
		return attribute.StringValue("/" + token)
	case slotDBConnection:
		return attribute.StringValue("postgresql://" + token + "/d")
	}
	return attribute.StringValue(token)
}

// token is a value that is found again.
func token(i int) string { return fmt.Sprintf("tok%02dx", i) }

func checkOnce(t *testing.T, seed uint64, s *Span, doc []byte) {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	metadata, annotations := takeOut(d)
	typed, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, kv := range s.Attributes {
		key := string(kv.Key)
		entry := attributeTable[tableIndex(key)]
		text := kv.Value.String()
		if i := strings.Index(text, "tok"); i >= 0 {
			text = text[i : i+len(token(0))]
		}
		places := []string{}
		if kv.Value.Type() == attribute.STRING && strings.Contains(string(typed), text) || kv.Value.Type() == attribute.INT64 && (strings.Contains(string(typed), ":"+text) || strings.Contains(string(typed), `:"`+text+`"`)) {
			places = append(places, "typed")
		}
		for name, members := range map[string]map[string]any{"metadata": metadata, "annotations": annotations} {
			if _, ok := members[key]; ok {
				places = append(places, name)
			}
		}
		if kv.Value.Type() == attribute.BOOL || unsaid[entry.slot] {
			continue
		}
		if vocabulary[entry.slot] != nil && len(places) == 0 {
			continue // said by the namespace or the name
		}
		if entry.slot == slotDBConnection && len(places) == 2 {
			continue // the name has its host, metadata the rest
		}
		slices.Sort(places)
		if len(places) != 1 {
			t.Errorf("seed %d: %s is in %v of %s", seed, key, places, doc)
		}
	}
}

// takeOut removes annotations and the metadata of namespace default from a
// document and its subsegments, and returns them.
func takeOut(d map[string]any) (metadata, annotations map[string]any) {
	metadata, annotations = map[string]any{}, map[string]any{}
	if m, ok := d["metadata"].(map[string]any); ok {
		if byDefault, ok := m["default"].(map[string]any); ok {
			metadata = byDefault
		}
	}
	if a, ok := d["annotations"].(map[string]any); ok {
		annotations = a
	}
	delete(d, "metadata")
	delete(d, "annotations")
	subsegments, _ := d["subsegments"].([]any)
	for _, s := range subsegments {
		m, a := takeOut(s.(map[string]any))
		for k, v := range m {
			metadata[k] = v
		}
		for k, v := range a {
			annotations[k] = v
		}
	}
	return metadata, annotations
}
