package mapping_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// JSON in aws.xray.metadata.<ns> that is no object, is broken, or has a name that X-Ray
// or the mapper writes stays text in default.
func TestReservedNamespaces(t *testing.T) {
	for _, c := range []struct {
		namespace, text string
		want            map[string]map[string]any // nil: the text in default
	}{
		{"order", `{"id": 1}`, map[string]map[string]any{"order": {"id": 1.0}}},
		{"", `{"id": 1}`, nil},
		{"list", `[1]`, nil},
		{"broken", `{"id": `, nil},
		{"otel.x", `{"id": 1}`, nil},
		{"AWS.x", `{"id": 1}`, nil},
		{"default", `{"id": 1}`, map[string]map[string]any{"default": {"id": 1.0}}},
		{"default", `{}`, nil},
		{"default", `[]`, nil},
		{"default", `{"AWS.x": 1}`, nil},
		{"default", `{"otel.x": 1}`, nil},
		{"default", `{"lambdaxray.x": 1}`, nil},
	} {
		key := "aws.xray.metadata." + c.namespace
		if c.want == nil {
			c.want = map[string]map[string]any{"default": {key: c.text}}
		}
		d := documents(t, mapping.New(), []mapping.Span{testSpan(1, 99, attribute.String(key, c.text))})[0]
		if diff := cmp.Diff(c.want, d.Metadata); diff != "" {
			t.Errorf("%s of %s: -want +got\n%s", key, c.text, diff)
		}
	}
}
