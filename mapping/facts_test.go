package mapping_test

import (
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// An attribute keeps its key, and a fact of the same key gets an underscore,
// however many attributes there are and however often that one is said.
func TestFactBesideAttributeOfItsKey(t *testing.T) {
	for _, others := range []int{0, 5, 40} {
		for said := range 3 {
			s := mapping.Span{
				Name: "work", TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, ParentSpanID: trace.SpanID{2},
				StartTime: 1, EndTime: 2, ScopeName: "scope",
			}
			for i := range others {
				s.Attributes = append(s.Attributes, attribute.Int(fmt.Sprintf("order.%d", i), i))
			}
			for i := range said {
				s.Attributes = append(s.Attributes, attribute.Int("otel.scope.name", i))
			}
			docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
			if err != nil {
				t.Fatal(err)
			}
			d, err := segment.Parse(docs[0])
			if err != nil {
				t.Fatal(err)
			}
			got := d.Metadata["default"]
			fact, attr := "otel.scope.name", any(nil)
			if said > 0 {
				fact, attr = "otel.scope.name_", float64(said-1)
			}
			if got[fact] != "scope" || said > 0 && got["otel.scope.name"] != attr {
				t.Errorf("%d others, said %d times: %s", others, said, docs[0])
			}
		}
	}
}
