package awsxraylambdaexporter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// indexed_attributes and index_all_attributes mean what they mean in awsxray: a
// resource's attribute is otel.resource and its key, and keys keep their dots.
func TestAnnotations(t *testing.T) {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "shop")
	rs.Resource().Attributes().PutStr("deployment.environment", "prod")
	s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetTraceID(pcommon.TraceID{1})
	s.SetSpanID(pcommon.SpanID{1})
	s.SetKind(ptrace.SpanKindServer)
	s.SetName("GET /orders")
	s.SetStartTimestamp(1_800_000_000_000_000_000)
	s.SetEndTimestamp(1_800_000_001_000_000_000)
	s.Attributes().PutStr("order.id", "o-1")
	s.Attributes().PutStr("tenant", "t")
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   map[string]any
	}{
		{"none", func(*Config) {}, nil},
		{"by name", func(c *Config) {
			c.IndexedAttributes = []string{"order.id", "", "otel.resource.deployment.environment", "otel.resource.absent"}
		}, map[string]any{"order.id": "o-1", "otel.resource.deployment.environment": "prod"}},
		{"all", func(c *Config) { c.IndexAllAttributes = true }, map[string]any{
			"order.id": "o-1", "tenant": "t", "otel.resource.deployment.environment": "prod", "otel.resource.service.name": "shop",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			isolate(t)
			x := newFakeXRay(t)
			if err := start(t, testConfig(x.url, tc.change)).ConsumeTraces(t.Context(), td); err != nil {
				t.Fatal(err)
			}
			d, err := segment.Parse([]byte(x.taken()[0]))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, d.Annotations); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
		})
	}
}
