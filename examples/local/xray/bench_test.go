package xray

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// benchTraces and benchDocuments are what the targets in the README are about.
const (
	benchTraces    = 100_000
	benchDocuments = 5
)

// benchDocument returns a document of 0.6 kB, one of five of a trace: an API, a
// function with its service segment, what the function sent, and another service.
func benchDocument(trace, n int) string {
	start := 1_700_000_000 + float64(trace)*0.05
	at := func(s float64) string { return strconv.FormatFloat(start+s, 'f', 6, 64) }
	id := func(k int) string { return fmt.Sprintf("%08x%08x", trace, k) }
	head := fmt.Sprintf(`{"trace_id":"1-%08x-%024x",`, int(start), trace)
	spread := 0.01 * float64(1+trace%37)
	fault, status := "", 200
	if trace%50 == 0 {
		fault, status = `"fault":true,`, 502
	}
	switch n {
	case 0:
		return head + fmt.Sprintf(`"name":"shop.example.com/prod","id":%q,"start_time":%s,"end_time":%s,%s"origin":"AWS::ApiGateway::Stage","resource_arn":"arn:aws:apigateway:eu-west-1::/restapis/abcdef/stages/prod","http":{"request":{"method":"POST","url":"https://shop.example.com/prod/orders/%d","client_ip":"203.0.113.7","user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},"response":{"status":%d,"content_length":0}},"aws":{"api_gateway":{"account_id":"123456789012","rest_api_id":"abcdef","stage":"prod","request_id":"0f9a62c1-52a6-4a8b-9e64-%012d"}},"subsegments":[{"id":%q,"name":"Lambda","start_time":%s,"end_time":%s,"namespace":"aws","aws":{"function_name":"orders","region":"eu-west-1","operation":"Invoke"}}]}`,
			id(1), at(0), at(spread+0.05), fault, trace%500, status, trace, id(2), at(0.01), at(spread+0.04))
	case 1:
		return head + fmt.Sprintf(`"name":"orders","id":%q,"parent_id":%q,"start_time":%s,"end_time":%s,"origin":"AWS::Lambda","resource_arn":"arn:aws:lambda:eu-west-1:123456789012:function:orders","http":{"response":{"status":200}},"aws":{"request_id":"79104e8c-b1c2-4d7e-8b7e-%012d","function_arn":"arn:aws:lambda:eu-west-1:123456789012:function:orders","resource_names":["orders"]}}`,
			id(3), id(2), at(0.011), at(spread+0.039), trace)
	case 2:
		return head + fmt.Sprintf(`"name":"orders","id":%q,"parent_id":%q,"start_time":%s,"end_time":%s,%s"origin":"AWS::Lambda::Function","resource_arn":"arn:aws:lambda:eu-west-1:123456789012:function:orders","aws":{"function_arn":"arn:aws:lambda:eu-west-1:123456789012:function:orders","account_id":"123456789012","resource_names":["orders"],"cloudwatch_logs":[{"log_group":"/aws/lambda/orders"}]}}`,
			id(4), id(3), at(0.012), at(spread+0.038), fault)
	case 3:
		return head + fmt.Sprintf(`"type":"subsegment","name":"orders","id":%q,"parent_id":%q,"start_time":%s,"end_time":%s,%s"annotations":{"ColdStart":false,"Service":"orders","customer":"customer-%d","items":%d},"metadata":{"default":{"faas.trigger":"http","host.arch":"arm64","telemetry.sdk.language":"go","note":"the quick brown fox jumps over the lazy dog, %d times"}},"subsegments":[{"id":%q,"name":"DynamoDB","start_time":%s,"end_time":%s,"namespace":"aws","http":{"response":{"status":200}},"aws":{"operation":"PutItem","region":"eu-west-1","request_id":"SQ5M8K1EVV%022d","table_name":"orders"}},{"id":%q,"name":"prices.example.com","start_time":%s,"end_time":%s,"namespace":"remote","http":{"request":{"method":"GET","url":"https://prices.example.com/prices/%d"},"response":{"status":200}}}]}`,
			id(5), id(4), at(0.013), at(spread+0.037), fault, trace%1000, trace%9, trace, id(6), at(0.014), at(0.02), trace, id(7), at(0.02), at(spread+0.03), trace%100)
	}
	return head + fmt.Sprintf(`"name":"prices","id":%q,"parent_id":%q,"start_time":%s,"end_time":%s,"origin":"AWS::ECS::Container","http":{"request":{"method":"GET","url":"https://prices.example.com/prices/%d","client_ip":"10.0.0.%d"},"response":{"status":200,"content_length":42}},"service":{"version":"1.4.2"},"aws":{"ecs":{"container":"prices-%d"},"xray":{"sdk":"X-Ray for Go","sdk_version":"2.0.1"}},"annotations":{"region":"eu-west-1"}}`,
		id(8), id(7), at(0.021), at(spread+0.029), trace%100, trace%250, trace%20)
}

var filled = sync.OnceValue(func() *Store {
	s := NewStore(WithMaxBytes(1 << 30))
	for trace := range benchTraces {
		for n := range benchDocuments {
			if err := s.Put([]byte(benchDocument(trace, n))); err != nil {
				panic(err)
			}
		}
	}
	return s
})

// resident returns the process's resident memory in MB; Linux only.
func resident() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1000
		}
	}
	return 0
}

// BenchmarkPut is the way of a document into a store that has others.
func BenchmarkPut(b *testing.B) {
	docs := make([][]byte, 50_000)
	size := 0
	for i := range docs {
		docs[i] = []byte(benchDocument(i/benchDocuments, i%benchDocuments))
		size += len(docs[i])
	}
	b.SetBytes(int64(size / len(docs)))
	b.ReportAllocs()
	var s *Store
	for i := 0; b.Loop(); i++ {
		if i%len(docs) == 0 {
			s = NewStore()
		}
		if err := s.Put(docs[i%len(docs)]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
}

// BenchmarkStore asks a store of 100,000 traces over HTTP.
func BenchmarkStore(b *testing.B) {
	s := filled()
	s.sum(0, 0)
	runtime.GC()
	mb := resident()
	server := httptest.NewServer(NewPageHandler(s, PageOptions{}))
	defer server.Close()
	api := httptest.NewServer(NewAPI(s, http.NotFoundHandler()))
	defer api.Close()
	if n := s.Health().Traces; n != benchTraces {
		b.Fatalf("%d traces", n)
	}
	get := func(b *testing.B, path, want string) {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), want) {
			b.Fatalf("%s: %d %v, no %s in\n%.2000s", path, resp.StatusCode, err, want, body)
		}
	}
	for _, test := range []struct{ name, path, want string }{
		{"graph", "/api/graph", `"traces":100000`},
		{"traces", "/api/traces", `"total":100000`},
		{"graph filtered", "/api/graph?filter=" + url.QueryEscape(`service("orders") { fault }`), `"traces":2000`},
		{"traces filtered", "/api/traces?filter=" + url.QueryEscape(`annotation.customer = "customer-7" AND responsetime > 0.1`), `"total":`},
		{"traces by url", "/api/traces?sort=url", `"total":100000`},
		{"trace", fmt.Sprintf("/api/trace/1-%08x-%024x", 1_700_000_000+2500, 50_000), `"segments"`},
		{"complete", "/api/complete?filter=annotation.cu", `customer`},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				get(b, test.path, test.want)
			}
			b.ReportMetric(mb, "resident-MB")
		})
	}
	b.Run("TraceSummaries", func(b *testing.B) {
		for b.Loop() {
			resp, err := http.Post(api.URL+"/TraceSummaries", "application/json", strings.NewReader(`{"StartTime":1700000000,"EndTime":1800000000}`))
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !strings.Contains(string(body), `"TracesProcessedCount":100000`) {
				b.Fatalf("%.500s %v", body, err)
			}
		}
	})
}

// BenchmarkWriterBesideQueries measures how long a document waits at worst while the
// map and the list are asked for all the time.
func BenchmarkWriterBesideQueries(b *testing.B) {
	s := filled()
	server := httptest.NewServer(NewPageHandler(s, PageOptions{}))
	defer server.Close()
	var stop atomic.Bool
	var done sync.WaitGroup
	done.Go(func() {
		for !stop.Load() {
			for _, path := range []string{"/api/graph", "/api/traces"} {
				resp, err := http.Get(server.URL + path)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}
	})
	var waits []time.Duration
	for i := 0; b.Loop(); i++ {
		doc := []byte(benchDocument(benchTraces+i/benchDocuments, i%benchDocuments))
		start := time.Now()
		if err := s.Put(doc); err != nil {
			b.Fatal(err)
		}
		waits = append(waits, time.Since(start))
	}
	stop.Store(true)
	done.Wait()
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)-1].Microseconds())/1e3, "worst-ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1e3, "p99-ms")
}
