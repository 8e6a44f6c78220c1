//go:build !race

// The race detector makes sync.Pool forget at random.

package mapping_test

import (
	"testing"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// Mapping allocates nothing once its scratch has grown.
func TestAllocations(t *testing.T) {
	for _, name := range []string{"lambda_trace_current_conventions", "lambda_trace_older_conventions", "go_instrumentation_2026_10", "exception_go", "http_status"} {
		spans := goldenSpans(t, name)
		m := mapping.New()
		docs, err := m.AppendDocuments(nil, spans)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { docs, _ = m.AppendDocuments(docs[:0], spans) }); n != 0 {
			t.Errorf("%s: %v allocations a batch, want 0", name, n)
		}
	}
}
