package awsxraylambdaexporter

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter/internal/metadatatest"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

const (
	traces   = 10 // of a request
	requests = 6
	spans    = 3 // of a trace
	all      = traces * requests * spans
)

// request makes one with traces of a SERVER span, a CLIENT and an INTERNAL span
// below it: one document each.
func request(n int) ptrace.Traces {
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "orders")
	list := rs.ScopeSpans().AppendEmpty().Spans()
	for i := range traces {
		var traceID pcommon.TraceID
		binary.BigEndian.PutUint64(traceID[8:], uint64(n*traces+i+1))
		for j, kind := range []ptrace.SpanKind{ptrace.SpanKindServer, ptrace.SpanKindClient, ptrace.SpanKindInternal} {
			s := list.AppendEmpty()
			s.SetTraceID(traceID)
			s.SetSpanID(spanID(n, i, j))
			if j > 0 {
				s.SetParentSpanID(spanID(n, i, 0))
			}
			s.SetKind(kind)
			s.SetName(fmt.Sprintf("span %d", j))
			s.SetStartTimestamp(pcommon.Timestamp(1_800_000_000_000_000_000 + j))
			s.SetEndTimestamp(s.StartTimestamp() + 1_000_000)
		}
	}
	return td
}

// spanID is that of span j of trace i of request n.
func spanID(n, i, j int) (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], uint64((n*traces+i)*spans+j+1))
	return id
}

// spanIDs are those of whole requests.
func spanIDs(requests ...int) []string {
	var ids []string
	for _, n := range requests {
		for i := range traces {
			for j := range spans {
				ids = append(ids, spanID(n, i, j).String())
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// Whatever X-Ray does, every span is delivered, or counted with its reason as
// dropped.
func TestFaults(t *testing.T) {
	isolate(t)
	refused := spanID(2, 4, 0).String()
	until := func(calls int, f xraytest.Fault) func(int, *http.Request) *xraytest.Fault {
		return func(call int, _ *http.Request) *xraytest.Fault {
			if call < calls {
				return &f
			}
			return nil
		}
	}
	only := func(id string) func(string) bool { return func(got string) bool { return got == id } }
	half := func(id string) bool { return id[15]%2 == 0 }
	const forever = 1 << 30

	for _, tc := range []struct {
		name    string
		fault   func(call int, r *http.Request) *xraytest.Fault
		change  func(*Config)
		dropped map[string]int64 // reason -> spans
		again   bool             // spans were sent again
	}{
		{name: "nothing"},
		{name: "200 with unprocessed ids", fault: until(8, xraytest.Fault{Unprocessed: half}), again: true},
		{name: "200 with unprocessed ids, sent again by xrayapi", fault: until(2, xraytest.Fault{Unprocessed: half}),
			change: func(c *Config) { c.AWS.MaxRetries = 2 }},
		{name: "200 with an id that is refused", fault: until(forever, xraytest.Fault{ErrorType: "InvalidName", Unprocessed: only(refused)}),
			dropped: map[string]int64{"InvalidName": spans}},
		{name: "200 with all ids refused", fault: until(forever, xraytest.Fault{ErrorType: "InvalidSegment", Unprocessed: func(string) bool { return true }}),
			dropped: map[string]int64{"InvalidSegment": all}},
		{name: "429 for a while", fault: until(20, xraytest.Fault{Status: 429}), again: true},
		{name: "429 for good", fault: until(forever, xraytest.Fault{Status: 429}),
			change: func(c *Config) { c.Retry.MaxElapsedTime = 50 * time.Millisecond }, again: true,
			dropped: map[string]int64{"ThrottledException": all}},
		{name: "500s", fault: until(20, xraytest.Fault{Status: 500}), again: true},
		{name: "503s", fault: until(20, xraytest.Fault{Status: 503}), again: true},
		{name: "connection reset", fault: until(20, xraytest.Fault{Reset: true}), again: true},
		{name: "slow answers", fault: until(4, xraytest.Fault{Delay: 300 * time.Millisecond}),
			change: func(c *Config) { c.Timeout.Timeout = 50 * time.Millisecond }, again: true},
		{name: "400 on one batch",
			fault: func(call int, _ *http.Request) *xraytest.Fault {
				if call == 3 {
					return &xraytest.Fault{Status: 400}
				}
				return nil
			},
			dropped: map[string]int64{"InvalidRequestException": traces * spans}},
		{name: "expired credentials", fault: until(10, xraytest.Fault{Status: 403, ErrorType: "ExpiredTokenException"}), again: true},
		{name: "no permission", fault: until(forever, xraytest.Fault{Status: 403, ErrorType: "AccessDeniedException"}),
			change: func(c *Config) { c.Retry.MaxElapsedTime = 50 * time.Millisecond }, again: true,
			dropped: map[string]int64{"AccessDeniedException": all}},
		{name: "no permission, and told not to wait for it", fault: until(forever, xraytest.Fault{Status: 403, ErrorType: "AccessDeniedException"}),
			change: func(c *Config) { c.AWS.DropDenied = true }, dropped: map[string]int64{"AccessDeniedException": all}},
		{name: "no retries", fault: until(forever, xraytest.Fault{Status: 503}),
			change: func(c *Config) { c.Retry.Enabled = false }, dropped: map[string]int64{"ServiceUnavailableException": all}},
		{name: "one at a time, one document after the other, some refused", change: func(c *Config) { c.AWS.NumWorkers = 1 },
			fault: func(call int, _ *http.Request) *xraytest.Fault {
				switch {
				case call%3 == 0:
					return &xraytest.Fault{Status: 500}
				case call%3 == 1 && call < 20:
					return &xraytest.Fault{Unprocessed: half}
				}
				return nil
			}, again: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := newFakeXRay(t, xraytest.WithFault(tc.fault))
			tel := componenttest.NewTelemetry()
			t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
			c := testConfig(x.url)
			c.Queue = configoptional.Some(exporterhelper.NewDefaultQueueConfig())
			c.Retry.Enabled = true
			c.Retry.MaxElapsedTime = 0 // for ever
			if tc.change != nil {
				tc.change(c)
			}
			e, shutdown := startExporter(t, metadatatest.NewSettings(tel), c, componenttest.NewNopHost())
			for n := range requests {
				td := request(n)
				td.MarkReadOnly()
				if err := e.ConsumeTraces(t.Context(), td); err != nil {
					t.Fatal(err)
				}
			}
			await(t, func() bool {
				return sum(tel, "otelcol_exporter_sent_spans")+sum(tel, "otelcol_exporter_send_failed_spans") == all
			})
			dropped := byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped")
			returned := byReason(tel, "otelcol_exporter_awsxraylambda_spans_returned")
			shutdown()

			if diff := cmp.Diff(tc.dropped, dropped); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
			if again := len(returned) > 0; again != tc.again {
				t.Errorf("returned to be sent again: %v, want %v", returned, tc.again)
			}
			delivered := x.spanIDs(t)
			lost := int64(0)
			for _, n := range dropped {
				lost += n
			}
			if int64(len(delivered))+lost != all {
				t.Errorf("%d spans delivered and %d counted as lost, want %d together", len(delivered), lost, all)
			}
			if len(dropped) == 0 {
				if diff := cmp.Diff(spanIDs(0, 1, 2, 3, 4, 5), delivered); diff != "" {
					t.Errorf("spans delivered (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// await polls a metric: what retry_on_failure does in the background has no
// channel to wait on.
func await(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("timed out")
		}
		time.Sleep(time.Millisecond)
	}
}

// sum adds up the data points of a counter; 0 if there is none yet.
func sum(tel *componenttest.Telemetry, name string) (total int64) {
	for _, p := range points(tel, name) {
		total += p.Value
	}
	return total
}

func points(tel *componenttest.Telemetry, name string) []metricdata.DataPoint[int64] {
	m, err := tel.GetMetric(name)
	if err != nil {
		return nil // nothing counted yet
	}
	return m.Data.(metricdata.Sum[int64]).DataPoints
}

func byReason(tel *componenttest.Telemetry, name string) map[string]int64 {
	var out map[string]int64
	for _, p := range points(tel, name) {
		if p.Value == 0 {
			continue
		}
		reason, _ := p.Attributes.Value("reason")
		if out == nil {
			out = map[string]int64{}
		}
		out[reason.AsString()] += p.Value
	}
	return out
}

// The process stops while X-Ray is down and the persistent queue is full: what
// the queue took, the next process delivers; what it did not take, the sender
// was told, and it is counted.
func TestStoppedWithFullQueue(t *testing.T) {
	isolate(t)
	host := newDisk()
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { _ = tel.Shutdown(t.Context()) })
	config := func(url string) *Config {
		c := testConfig(url)
		q := exporterhelper.NewDefaultQueueConfig()
		q.StorageID = &diskID
		q.QueueSize = 3
		q.NumConsumers = 2
		c.Queue = configoptional.Some(q)
		c.Retry.Enabled = true
		c.Retry.MaxElapsedTime = 0
		return c
	}

	down := newFakeXRay(t, xraytest.WithFault(func(int, *http.Request) *xraytest.Fault { return &xraytest.Fault{Status: 503} }))
	e, shutdown := startExporter(t, metadatatest.NewSettings(tel), config(down.url), host)
	var accepted []int
	refused := int64(0)
	for n := range requests {
		if err := e.ConsumeTraces(t.Context(), request(n)); err != nil {
			refused += traces * spans
			continue
		}
		accepted = append(accepted, n)
	}
	if refused == 0 || len(accepted) == 0 {
		t.Fatalf("the queue took %d requests of %d, want some", len(accepted), requests)
	}
	await(t, func() bool { return down.Stats().Calls["/TraceSegments"] > 3 })
	shutdown()
	if n := down.Stats().Documents; n != 0 {
		t.Fatalf("X-Ray took %d documents while it was down", n)
	}
	if n := sum(tel, "otelcol_exporter_enqueue_failed_spans"); n != refused {
		t.Errorf("%d spans counted as not queued, want %d", n, refused)
	}

	up := newFakeXRay(t)
	_, shutdown = startExporter(t, metadatatest.NewSettings(tel), config(up.url), host)
	await(t, func() bool { return up.Stats().Documents >= traces*len(accepted) })
	shutdown()
	if diff := cmp.Diff(spanIDs(accepted...), up.spanIDs(t)); diff != "" {
		t.Errorf("spans delivered (-want +got):\n%s", diff)
	}
	if dropped := byReason(tel, "otelcol_exporter_awsxraylambda_spans_dropped"); dropped != nil {
		t.Errorf("dropped %v, want none", dropped)
	}
}

// Only the traces with a document that was not taken are sent again.
func TestPartialRetry(t *testing.T) {
	isolate(t)
	missing := spanID(0, 4, 0).String()
	x := newFakeXRay(t, xraytest.WithFault(func(call int, _ *http.Request) *xraytest.Fault {
		if call == 1 {
			return &xraytest.Fault{Unprocessed: func(id string) bool { return id == missing }}
		}
		return nil
	}))
	c := testConfig(x.url)
	c.Retry.Enabled = true
	if err := start(t, c).ConsumeTraces(t.Context(), request(0)); err != nil {
		t.Fatal(err)
	}
	if got := x.Stats(); got.Documents != traces || got.Unprocessed != 1 || got.Calls["/TraceSegments"] != 2 {
		t.Errorf("stats %+v, want %d documents taken, one after a second call", got, traces)
	}
}
