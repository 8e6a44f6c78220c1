package awsxraylambdaexporter

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

const golden = "../../mapping/testdata/golden"

// readTraces reads the spans of a golden case.
func readTraces(t testing.TB, name string) ptrace.Traces {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden, name, "spans.json"))
	if err != nil {
		t.Fatal(err)
	}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(data)
	if err != nil {
		t.Fatal(err)
	}
	return td
}

// fakeXRay is X-Ray's API with the documents it took.
type fakeXRay struct {
	*xraytest.API
	url string

	mu   sync.Mutex
	docs []string
}

func newFakeXRay(t testing.TB, opts ...xraytest.APIOption) *fakeXRay {
	t.Helper()
	f := &fakeXRay{}
	f.API = xraytest.NewAPI(append(opts, xraytest.WithKeep(0), xraytest.WithDocumentFunc(func(doc []byte) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.docs = append(f.docs, string(doc))
	}))...)
	f.url = f.Start(t)
	return f
}

// taken returns the documents taken so far, sorted.
func (f *fakeXRay) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(slices.Values(f.docs))
}

// spanIDs returns the ids of the spans in the documents taken so far, without
// those of segments made for a call; each once.
func (f *fakeXRay) spanIDs(t testing.TB) []string {
	t.Helper()
	ids := map[string]bool{}
	var walk func(d *segment.Document)
	walk = func(d *segment.Document) {
		ids[d.ID] = true
		for _, s := range d.Subsegments {
			walk(s)
		}
	}
	for _, doc := range f.taken() {
		d, err := segment.Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		walk(d)
	}
	out := make([]string, 0, len(ids))
	for id := range ids {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// isolate keeps the machine's AWS configuration out of a test.
func isolate(t testing.TB) {
	for k, v := range map[string]string{
		"AWS_ACCESS_KEY_ID":           "key",
		"AWS_SECRET_ACCESS_KEY":       "secret",
		"AWS_SESSION_TOKEN":           "",
		"AWS_REGION":                  "",
		"AWS_DEFAULT_REGION":          "",
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             "testdata/none",
		"AWS_SHARED_CREDENTIALS_FILE": "testdata/none",
		"AWS_EC2_METADATA_DISABLED":   "true",
		"HTTP_PROXY":                  "",
		"HTTPS_PROXY":                 "",
	} {
		t.Setenv(k, v)
	}
}

// testConfig sends to the fake without a queue, so that ConsumeTraces returns
// what became of a request.
func testConfig(url string, changes ...func(*Config)) *Config {
	c := NewFactory().CreateDefaultConfig().(*Config)
	c.AWS.Region = "eu-central-1"
	c.AWS.Endpoint = url
	c.AWS.LocalMode = true
	c.AWS.MaxRetries = 0
	c.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	c.Retry.Enabled = false
	c.Retry.InitialInterval = time.Millisecond
	c.Retry.MaxInterval = 10 * time.Millisecond
	for _, change := range changes {
		change(c)
	}
	return c
}

// startExporter makes and starts an exporter through the public factory. It is
// shut down with the test, or by the test: a second Shutdown is none.
func startExporter(t testing.TB, set exporter.Settings, c *Config, host component.Host) (_ exporter.Traces, shutdown func()) {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	e, err := NewFactory().CreateTraces(t.Context(), set, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	shutdown = sync.OnceFunc(func() {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(shutdown)
	return e, shutdown
}

func start(t testing.TB, c *Config) exporter.Traces {
	t.Helper()
	e, _ := startExporter(t, exportertest.NewNopSettings(NewFactory().Type()), c, componenttest.NewNopHost())
	return e
}
