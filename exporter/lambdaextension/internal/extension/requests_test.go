package extension

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Nothing that comes in makes a client try again, and what is wrong is said once.
func TestRequestsThatAreWrong(t *testing.T) {
	b := newBench(t, nil)
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = zw.Write([]byte(request()))
	_ = zw.Close()
	for _, c := range []struct {
		name, path, contentType, encoding string
		body                              []byte
		want                              int
	}{
		{"protobuf", "/v1/traces", "application/x-protobuf", "", []byte{0x0a, 0x7f}, 400},
		{"JSON", "/v1/traces", "application/json", "", []byte(`{"resourceSpans":[`), 400},
		{"JSON of no spans", "/v1/traces", "application/json", "", []byte(`[]`), 400},
		{"gzip", "/v1/traces", "application/json", "gzip", []byte("no gzip"), 400},
		{"gzip that ends early", "/v1/traces", "application/json", "gzip", zipped.Bytes()[:20], 400},
		{"good gzip after it", "/v1/traces", "application/json", "gzip", zipped.Bytes(), 200},
		{"zstd", "/v1/traces", "application/json", "zstd", []byte("x"), 415},
		{"text", "/v1/traces", "text/plain", "", []byte("x"), 415},
		{"elsewhere", "/v2/traces", "application/json", "", []byte("{}"), 404},
		{"nothing", "/v1/traces", "application/x-protobuf", "", nil, 200},
		{"metrics", "/v1/metrics", "application/x-protobuf", "", []byte("anything"), 200},
		{"logs", "/v1/logs", "application/json; charset=utf-8", "", []byte("anything"), 200},
	} {
		status, answer := b.send(c.path, c.contentType, c.encoding, c.body)
		if status != c.want || status >= 400 && answer == "" {
			t.Errorf("%s: %d %q, want %d", c.name, status, answer, c.want)
		}
		if c.name == "JSON" {
			var s struct {
				Code    int
				Message string
			}
			if err := json.Unmarshal([]byte(answer), &s); err != nil || s.Code != 3 || !strings.Contains(s.Message, "unexpected EOF") {
				t.Errorf("%s", answer)
			}
		}
	}
	if n := strings.Count(b.log.String(), "metrics are taken"); n != 1 {
		t.Errorf("metrics are mentioned %d times:\n%s", n, &b.log)
	}
}

// What is good of a request goes out, and the client hears of the rest.
func TestPartialSuccess(t *testing.T) {
	b := newBench(t, nil)
	status, answer := b.post(function(""), `{"name":"bad"}`, span("0000000000000000", functionID, 1, "zero", ""))
	if status != 200 || !strings.Contains(answer, `"rejectedSpans":"2"`) || !strings.Contains(answer, "traceId") {
		t.Errorf("%d %s", status, answer)
	}
	if docs := b.documents(); len(docs) != 1 {
		t.Errorf("%d documents", len(docs))
	}
}

// What is compressed may not become more than 64 MiB.
func TestTooLargeCompressed(t *testing.T) {
	b := newBench(t, nil)
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 65 {
		_, _ = zw.Write(zeros)
	}
	_ = zw.Close()
	if status, answer := b.send("/v1/traces", "application/json", "gzip", bomb.Bytes()); status != 400 || !strings.Contains(answer, "more than 67108864 bytes") {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := b.post(function("")); status != 200 {
		t.Errorf("after it: %d", status)
	}
}

// gRPC over h2c: an answer with its status in the trailers, whatever was sent.
func TestGRPC(t *testing.T) {
	b := newBench(t, nil)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces([]byte(request(function(""))))
	if err != nil {
		t.Fatal(err)
	}
	good, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	_, _ = zw.Write(good)
	_ = zw.Close()
	frame := func(flag byte, m []byte) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(m))), m...)
	}
	const traces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	for _, c := range []struct {
		name, path string
		body       []byte
		want       string
	}{
		{"plain", traces, frame(0, good), "0"},
		{"gzip", traces, frame(1, zipped.Bytes()), "0"},
		{"empty", traces, frame(0, nil), "0"},
		{"no frame", traces, []byte{0, 0}, "3"},
		{"a short frame", traces, frame(0, good)[:20], "3"},
		{"a flag of the future", traces, frame(2, good), "3"},
		{"bad gzip", traces, frame(1, good), "3"},
		{"bad message", traces, frame(0, []byte{0x0a, 0x7f}), "3"},
		{"metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", frame(0, nil), "0"},
		{"another service", "/grpc.health.v1.Health/Check", frame(0, nil), "12"},
	} {
		req, err := http.NewRequest("POST", b.server.URL+c.path, bytes.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Grpc-Encoding", "gzip")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if got := resp.Trailer.Get("Grpc-Status"); resp.StatusCode != 200 || resp.ProtoMajor != 2 || got != c.want {
			t.Errorf("%s: %s, grpc-status %q %q, want %s", c.name, resp.Status, got, resp.Trailer.Get("Grpc-Message"), c.want)
		}
	}
	if docs := b.documents(); len(docs) != 2 {
		t.Errorf("%d documents, want 2", len(docs))
	}
}

func TestManyAtOnce(t *testing.T) {
	b := newBench(t, nil)
	b.Invoke(invoke("1", header))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			id := fmt.Sprintf("%016x", i+1)
			if status, answer := b.post(span(id, parent, 2, "orders", "")); status != 200 {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
	wg.Wait()
	if docs := b.documents(); len(docs) != 100 {
		t.Errorf("%d documents, want 100", len(docs))
	}
}
