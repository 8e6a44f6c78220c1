package compare

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
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

// BenchmarkCollectorByDefault sends about 30,000 spans an operation through
// components as their factories have them, all on one core, and ends when X-Ray
// has every span. What it compares: lambdaxray batches across requests by default,
// awsxrayexporter makes a call or more of every request and has no batching of its
// own. With "batched" the batch processor's work is done for both: they get what
// it makes of the same spans at its default of 8192. The processor time a span
// holds on a busy machine too; its reciprocal is what one core does.
func BenchmarkCollectorByDefault(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	in := readInput(b, traceInput)
	for _, shape := range []struct {
		name            string
		spans, requests int
	}{{"spans=6", 6, 5000}, {"spans=300", 300, 100}, {"batched", 8190, 4}} {
		request := repeatTraces(pdata(b, in), shape.spans)
		for _, c := range []component{lambdaxrayDefault(), awsxray()} {
			b.Run(fmt.Sprintf("%s/impl=%s", shape.name, c.impl), func(b *testing.B) {
				benchmarkDefault(b, c, request, shape.requests)
			})
		}
	}
}

func benchmarkDefault(b *testing.B, c component, request ptrace.Traces, requests int) {
	api := &countingAPI{count: true}
	server := httptest.NewServer(api)
	defer server.Close()
	traces := c.start(b, server.URL, nil)
	var (
		spans = request.SpanCount() * requests // of an operation
		made  int
		used  time.Duration
	)
	for b.Loop() {
		b.StopTimer()
		list := make([]ptrace.Traces, requests)
		for i := range list { // new ones: the queue keeps them, and batches take them apart
			list[i] = ptrace.NewTraces()
			request.CopyTo(list[i])
			rename(list[i], made*requests+i)
		}
		made++
		runtime.GC()
		b.StartTimer()
		before := processTime(b)
		for _, td := range list {
			if err := traces.ConsumeTraces(b.Context(), td); err != nil {
				b.Fatal(err)
			}
		}
		for api.arrived.Load() < int64(made*spans) {
			time.Sleep(time.Millisecond)
		}
		used += processTime(b) - before
	}
	calls, _ := api.counts()
	total := float64(made * spans)
	b.ReportMetric(float64(used.Nanoseconds())/total, "cpu-ns/span")
	b.ReportMetric(total/used.Seconds(), "spans/cpu-s")
	b.ReportMetric(total/float64(calls), "spans/call")
}

// rename gives the traces of a request ids of their own: a span that comes twice
// is one.
func rename(td ptrace.Traces, n int) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				id := s.TraceID()
				binary.BigEndian.PutUint32(id[4:], uint32(n))
				s.SetTraceID(id)
			}
		}
	}
}

// sustained is the rate of BenchmarkCollectorSustained: 300 spans every 15 ms
// are 20,000 a second.
const (
	sustainedSpans = 300
	sustainedEvery = 15 * time.Millisecond
)

// BenchmarkCollectorSustained gives a component 20,000 spans a second, all on
// one core, and shows the memory at its highest, of the heap and of the process,
// and the share of the core. A component that falls behind has fewer spans/s.
// The fake API and the binary, the same for all, are in these numbers. Give it
// seconds: -benchtime 200x is 3 s.
func BenchmarkCollectorSustained(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
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
			debug.FreeOSMemory()
			heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			var peakHeap, peakResident uint64
			before := processTime(b)
			began, n := time.Now(), time.Duration(0)
			b.ResetTimer()
			for b.Loop() {
				n++
				time.Sleep(time.Until(began.Add(n * sustainedEvery)))
				consume()
				metrics.Read(heap)
				peakHeap = max(peakHeap, heap[0].Value.Uint64())
				peakResident = max(peakResident, resident(b))
			}
			b.StopTimer()
			b.ReportMetric(float64(peakHeap)/1e6, "peak-heap-MB")
			b.ReportMetric(float64(peakResident)/1e6, "peak-resident-MB")
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

// resident is the memory of this process that is in RAM, in bytes.
func resident(b *testing.B) uint64 {
	f, err := os.Open("/proc/self/statm")
	if err != nil {
		b.Skip("no /proc:", err)
	}
	defer f.Close()
	var pages uint64
	if _, err := fmt.Fscan(f, new(uint64), &pages); err != nil {
		b.Fatal(err)
	}
	return pages * uint64(os.Getpagesize())
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
	parse   atomic.Bool
	count   bool         // spans, of every call
	arrived atomic.Int64 // spans

	mu                  sync.Mutex
	spans, bytes, total int
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (a *countingAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(text)
	text.Reset()
	var out io.Writer = io.Discard
	parse := a.parse.Load()
	if parse || a.count {
		out = text
	}
	n, err := io.Copy(out, r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if a.count { // start_time and end_time; what begins with a rare byte is found fast
		a.arrived.Add(int64(bytes.Count(text.Bytes(), []byte("_time")) / 2))
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
