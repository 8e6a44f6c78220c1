package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// BenchmarkCollector sends batches through a Collector component, from pdata to
// the answer of X-Ray's API on loopback, all on one core: what a Collector's
// core does in spans/s. The API's side of the calls is in it, for both.
func BenchmarkCollector(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	in := readInput(b, traceInput)
	for _, n := range []int{6, 300} {
		td := repeatTraces(pdata(b, in), n)
		for _, c := range []component{lambdaxrayComponent(), awsxray()} {
			b.Run(fmt.Sprintf("spans=%d/impl=%s", n, c.impl), func(b *testing.B) { benchmarkComponent(b, c, td) })
		}
	}
}

func benchmarkComponent(b *testing.B, c component, td ptrace.Traces) {
	api := new(countingAPI)
	server := httptest.NewServer(api)
	defer server.Close()
	traces := c.start(b, server.URL, nil)
	consume := func() {
		if err := traces.ConsumeTraces(b.Context(), td); err != nil {
			b.Fatal(err)
		}
	}
	check(b, api, td.SpanCount(), consume)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		consume()
	}
	b.StopTimer()
	calls, bytes := api.counts()
	spans := float64(b.N * td.SpanCount())
	b.ReportMetric(spans/b.Elapsed().Seconds(), "spans/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/spans, "ns/span")
	b.ReportMetric(float64(bytes)/spans, "wire-B/span")
	b.ReportMetric(float64(calls)/float64(b.N), "calls/op")
}

// sustained is the rate of BenchmarkCollectorSustained: 300 spans every 15 ms
// are 20,000 a second.
const (
	sustainedSpans = 300
	sustainedEvery = 15 * time.Millisecond
)

// BenchmarkCollectorSustained gives a component 20,000 spans a second and shows
// the heap at its highest and the share of one core. Give it seconds:
// -benchtime 200x is 3 s.
func BenchmarkCollectorSustained(b *testing.B) {
	td := repeatTraces(pdata(b, readInput(b, traceInput)), sustainedSpans)
	for _, c := range []component{lambdaxrayComponent(), awsxray()} {
		b.Run("impl="+c.impl, func(b *testing.B) {
			api := new(countingAPI)
			server := httptest.NewServer(api)
			defer server.Close()
			traces := c.start(b, server.URL, nil)
			consume := func() {
				if err := traces.ConsumeTraces(b.Context(), td); err != nil {
					b.Fatal(err)
				}
			}
			check(b, api, td.SpanCount(), consume)
			runtime.GC()
			heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			var peak uint64
			before := processTime(b)
			ticks := time.NewTicker(sustainedEvery)
			defer ticks.Stop()
			b.ResetTimer()
			for b.Loop() {
				<-ticks.C
				consume()
				metrics.Read(heap)
				peak = max(peak, heap[0].Value.Uint64())
			}
			b.StopTimer()
			b.ReportMetric(float64(peak)/1e6, "peak-heap-MB")
			b.ReportMetric(100*(processTime(b)-before).Seconds()/b.Elapsed().Seconds(), "core-%")
			b.ReportMetric(float64(b.N*td.SpanCount())/b.Elapsed().Seconds(), "spans/s")
		})
	}
}

// processTime is the processor time that this process has used.
func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// check consumes once and makes sure that all spans arrive.
func check(b *testing.B, api *countingAPI, spans int, consume func()) {
	b.Helper()
	api.parse.Store(true)
	consume()
	api.parse.Store(false)
	if api.spans != spans {
		b.Fatalf("%d spans arrived, want %d", api.spans, spans)
	}
	api.counts()
}

// countingAPI answers every PutTraceSegments call and counts.
type countingAPI struct {
	parse atomic.Bool

	mu                  sync.Mutex
	spans, bytes, total int
}

func (a *countingAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var text bytes.Buffer
	var out io.Writer = io.Discard
	parse := a.parse.Load()
	if parse {
		out = &text
	}
	n, err := io.Copy(out, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bytes += int(n)
	a.total++
	if parse {
		var call struct{ TraceSegmentDocuments []string }
		_ = json.Unmarshal(text.Bytes(), &call) // no documents: the count is wrong
		for _, d := range call.TraceSegmentDocuments {
			a.spans += strings.Count(d, `"start_time":`)
		}
	}
	io.WriteString(w, "{}")
}

// counts returns the calls and bytes since it was last called.
func (a *countingAPI) counts() (calls, bytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls, bytes = a.total, a.bytes
	a.total, a.bytes = 0, 0
	return calls, bytes
}
