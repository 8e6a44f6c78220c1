package compare

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter"
)

// component is a Collector exporter under comparison.
type component struct {
	impl    string
	factory exporter.Factory
	config  map[string]any // beside endpoint and region
}

func awsxray() component {
	return component{impl: "awsxrayexporter", factory: awsxrayexporter.NewFactory()}
}

// lambdaxrayComponent has its queue off: awsxrayexporter has none, and what a
// call of ConsumeTraces costs is then seen when it returns.
func lambdaxrayComponent() component {
	return component{
		impl:    "lambdaxray",
		factory: awsxraylambdaexporter.NewFactory(),
		config:  map[string]any{"sending_queue": map[string]any{"enabled": false}},
	}
}

// lambdaxrayDefault is as its factory has it, with queue and batches.
func lambdaxrayDefault() component {
	return component{impl: "lambdaxray", factory: awsxraylambdaexporter.NewFactory()}
}

// start runs the component as a Collector does, from its configuration, with
// X-Ray's endpoint at url.
func (c component) start(t testing.TB, url string, config map[string]any) exporter.Traces {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	conf := confmap.NewFromStringMap(map[string]any{"endpoint": url, "region": "eu-west-1"})
	for _, m := range []map[string]any{c.config, config} {
		if err := conf.Merge(confmap.NewFromStringMap(m)); err != nil {
			t.Fatal(err)
		}
	}
	cfg := c.factory.CreateDefaultConfig()
	if err := conf.Unmarshal(cfg); err != nil {
		t.Fatalf("%s: %v", c.impl, err)
	}
	traces, err := c.factory.CreateTraces(t.Context(), exportertest.NewNopSettings(c.factory.Type()), cfg)
	if err != nil {
		t.Fatalf("%s: %v", c.impl, err)
	}
	if err := traces.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatalf("%s: %v", c.impl, err)
	}
	t.Cleanup(func() {
		if err := traces.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: %v", c.impl, err)
		}
	})
	return traces
}

// documents returns what the component sends to X-Ray for an input.
func (c component) documents(t testing.TB, in input) [][]byte {
	t.Helper()
	var mu sync.Mutex
	var docs [][]byte
	// Not xraytest's API: it takes only what X-Ray would, and a document that
	// X-Ray refuses is a difference to look at as well.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct{ TraceSegmentDocuments []string }
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil || r.URL.Path != "/TraceSegments" {
			http.Error(w, "not a PutTraceSegments call", http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, d := range call.TraceSegmentDocuments {
			docs = append(docs, []byte(d))
		}
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	traces := c.start(t, server.URL, in.options.config(c))
	if err := traces.ConsumeTraces(t.Context(), pdata(t, in)); err != nil {
		t.Fatalf("%s: %s: %v", c.impl, in.name, err)
	}
	mu.Lock()
	defer mu.Unlock()
	return docs
}

// config is a golden case's options as the component's configuration.
func (o options) config(c component) map[string]any {
	m := map[string]any{"index_all_attributes": o.AllAnnotations}
	if len(o.Annotations) > 0 {
		m["indexed_attributes"] = o.Annotations
	}
	if c.impl != "lambdaxray" {
		return m
	}
	if o.Budget > 0 {
		m["document_budget"] = o.Budget
	}
	if o.FunctionSegment != "" {
		m["function_segment"] = o.FunctionSegment
	}
	return m
}

func pdata(t testing.TB, in input) ptrace.Traces {
	t.Helper()
	td, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(in.otlp)
	if err != nil {
		t.Fatalf("%s: %v", in.name, err)
	}
	return td
}
