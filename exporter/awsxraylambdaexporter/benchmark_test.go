package awsxraylambdaexporter

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// BenchmarkExport is the way of a request from ConsumeTraces to X-Ray's answer:
// the component as its factory makes it, the AWS SDK's client and signature, and
// a server on loopback that reads a call and takes all of it. The server runs in
// the same process and is measured too.
func BenchmarkExport(b *testing.B) {
	for _, traces := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("traces=%d", traces), func(b *testing.B) {
			isolate(b)
			td := repeated(b, traces)
			td.MarkReadOnly()

			x := newFakeXRay(b) // once, to see that the documents are right
			if err := start(b, testConfig(x.url)).ConsumeTraces(b.Context(), td); err != nil {
				b.Fatal(err)
			}
			if got := len(x.spanIDs(b)); got != td.SpanCount() {
				b.Fatalf("%d spans at X-Ray, want %d", got, td.SpanCount())
			}

			e := start(b, testConfig(discard(b)))
			b.ReportAllocs()
			for b.Loop() {
				if err := e.ConsumeTraces(b.Context(), td); err != nil {
					b.Fatal(err)
				}
			}
			perSpan(b, td.SpanCount())
		})
	}
}

// BenchmarkPrinted gives every configuration that the README and the examples print
// 20,000 spans a second, in requests of 6 and of 300: none may refuse a span. An
// operation is a request of 6 spans, or of 300.
func BenchmarkPrinted(b *testing.B) {
	isolate(b)
	for name, c := range printedConfigs(b) {
		for _, n := range []int{1, 50} {
			b.Run(fmt.Sprintf("config=%s/spans=%d", name, n*6), func(b *testing.B) {
				arrived := &arrivals{}
				server := httptest.NewServer(arrived)
				defer server.Close()
				c.AWS.Endpoint, c.AWS.RoleARN = server.URL, ""
				host := newDisk()
				if c.persistent() {
					onDisk(c)
				}
				e, shutdown := startExporter(b, exportertest.NewNopSettings(NewFactory().Type()), c, host)
				template := repeated(b, n)
				every := time.Second * time.Duration(template.SpanCount()) / 20_000
				refused, made := 0, 0
				began := time.Now()
				for b.Loop() {
					td := ptrace.NewTraces()
					template.CopyTo(td)
					for _, rs := range td.ResourceSpans().All() {
						for _, ss := range rs.ScopeSpans().All() {
							for _, s := range ss.Spans().All() {
								s.SetTraceID(pcommon.TraceID(own(s.TraceID(), made)))
							}
						}
					}
					time.Sleep(time.Until(began.Add(time.Duration(made) * every)))
					if err := e.ConsumeTraces(b.Context(), td); err != nil {
						refused += td.SpanCount()
					}
					made++
				}
				rate := float64(made*template.SpanCount()) / time.Since(began).Seconds()
				for end := time.Now().Add(10 * time.Second); int(arrived.spans.Load()) < made*template.SpanCount()-refused && time.Now().Before(end); {
					time.Sleep(time.Millisecond) // a queue on disk keeps what it still has at the end
				}
				shutdown()
				if refused > 0 || int(arrived.spans.Load()) != made*template.SpanCount() {
					b.Errorf("%d spans in, %d refused, %d arrived", made*template.SpanCount(), refused, arrived.spans.Load())
				}
				b.ReportMetric(rate, "spans/s")
				b.ReportMetric(float64(refused), "refused")
			})
		}
	}
}

// arrivals counts spans, and answers as slowly as X-Ray does.
type arrivals struct{ spans atomic.Int64 }

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a.spans.Add(int64(bytes.Count(text, []byte("_time")) / 2))
	time.Sleep(30 * time.Millisecond)
	_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[]}`)
}

// BenchmarkMap is the part of it that is this exporter's own: pdata to
// documents.
func BenchmarkMap(b *testing.B) {
	for _, traces := range []int{1, 10, 1000} {
		b.Run(fmt.Sprintf("traces=%d", traces), func(b *testing.B) {
			td := repeated(b, traces)
			c, m := newConverter(maxSpans), mapping.New()
			want, err := m.AppendDocuments(nil, c.convert(td).Spans)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				batch := c.convert(td)
				batch.Docs, _ = m.AppendDocuments(batch.Docs[:0], batch.Spans)
				c.pool.Put(batch)
			}
			perSpan(b, td.SpanCount())
			batch := c.convert(td)
			batch.Docs, _ = m.AppendDocuments(batch.Docs[:0], batch.Spans)
			if diff := cmp.Diff(want, batch.Docs); diff != "" {
				b.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

func perSpan(b *testing.B, spans int) {
	n := float64(b.N) * float64(spans)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/span")
	b.ReportMetric(n/b.Elapsed().Seconds(), "spans/s")
}

// repeated returns the reference trace of 6 spans n times, each with ids of its
// own.
func repeated(b *testing.B, n int) ptrace.Traces {
	b.Helper()
	one := readTraces(b, "lambda_trace_current_conventions")
	td := ptrace.NewTraces()
	for i := range n {
		for _, rs := range one.ResourceSpans().All() {
			to := td.ResourceSpans().AppendEmpty()
			rs.CopyTo(to)
			for _, ss := range to.ScopeSpans().All() {
				for _, s := range ss.Spans().All() {
					s.SetTraceID(pcommon.TraceID(own(s.TraceID(), i)))
					s.SetSpanID(own8(s.SpanID(), i))
					if !s.ParentSpanID().IsEmpty() {
						s.SetParentSpanID(own8(s.ParentSpanID(), i))
					}
				}
			}
		}
	}
	return td
}

func own(id [16]byte, i int) [16]byte {
	binary.LittleEndian.PutUint64(id[8:], scatter(id[8:], i))
	return id
}

func own8(id [8]byte, i int) pcommon.SpanID {
	binary.LittleEndian.PutUint64(id[:], scatter(id[:], i))
	return id
}

// scatter makes an id that looks as random as the SDKs' are.
func scatter(id []byte, i int) uint64 {
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(id), uint64(i))).Uint64()
}

// discard is a server that takes everything.
func discard(b *testing.B) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"UnprocessedTraceSegments":[]}`)
	}))
	b.Cleanup(s.Close)
	return s.URL
}
