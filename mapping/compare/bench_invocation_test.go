package compare

import (
	"context"
	"encoding/base64"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping"
)

const (
	invocationSpans = 7
	traceHeader     = "Root=1-6ae729c0-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"
)

// BenchmarkInvocation makes the seven spans of one invocation (1 SERVER, 4
// CLIENT of which one has an error, 2 INTERNAL) and sends them to a loopback
// socket before it returns. impl=sdk is OpenTelemetry's SDK with a processor
// that does nothing: the floor of all that use it.
//
// wire-B/op is what arrives at the socket, headers of IP, UDP and TCP not
// counted.
func BenchmarkInvocation(b *testing.B) {
	b.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	b.Setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
	b.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/01/[$LATEST]0123456789abcdef0123456789abcdef")
	b.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
	b.Setenv("AWS_REGION", "eu-west-1")
	for _, p := range peers {
		b.Run("impl="+p.impl, func(b *testing.B) {
			s := newSink(b, p.stream)
			invoke := p.start(b, s.addr)
			invoke() // connections are made
			s.reset()
			invoke()
			spans, bytes, datagrams := s.received(b)
			if p.impl != "sdk" && spans != invocationSpans {
				b.Fatalf("%d spans arrived, want %d", spans, invocationSpans)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				invoke()
			}
			b.ReportMetric(float64(bytes), "wire-B/op")
			if !p.stream {
				b.ReportMetric(float64(datagrams), "datagrams/op")
			}
		})
	}
}

// sink is what a peer sends to: a socket for datagrams, or an OTLP server.
type sink struct {
	addr string
	udp  net.PacketConn
	otlp *otlpSink
}

func newSink(b *testing.B, stream bool) *sink {
	if stream {
		o := newOTLPSink(b)
		return &sink{addr: o.addr, otlp: o}
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &sink{addr: conn.LocalAddr().String(), udp: conn}
}

func (s *sink) reset() {
	if s.otlp != nil {
		s.otlp.reset()
		return
	}
	for s.read(make([]byte, 1<<16)) > 0 {
	}
}

// read returns the size of the next datagram, 0 if there is none. Peers write
// before they return, and loopback delivers at once: there is nothing to wait
// for.
func (s *sink) read(buf []byte) int {
	s.udp.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	n, _, err := s.udp.ReadFrom(buf)
	if err != nil {
		return 0
	}
	return n
}

// received returns what came since reset. Once the benchmark runs nobody reads
// the datagrams: the kernel drops them, which costs the sender the same.
func (s *sink) received(b *testing.B) (spans, bytes, datagrams int) {
	if s.otlp != nil {
		return s.otlp.received()
	}
	buf := make([]byte, 1<<16)
	for n := s.read(buf); n > 0; n = s.read(buf) {
		spans += datagramSpans(b, buf[:n])
		bytes += n
		datagrams++
	}
	return spans, bytes, datagrams
}

// datagramSpans counts the spans in a datagram: a segment document, or OTLP in
// base64 after the daemon's header line.
func datagramSpans(b *testing.B, data []byte) int {
	b.Helper()
	_, body, _ := strings.Cut(string(data), "\n")
	if encoded, ok := strings.CutPrefix(body, "T1S"); ok {
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			b.Fatal(err)
		}
		var req tracepb.ExportTraceServiceRequest
		if err := proto.Unmarshal(raw, &req); err != nil {
			b.Fatal(err)
		}
		return otlpSpans(&req)
	}
	doc, err := mapping.ParseDocument([]byte(body))
	if err != nil {
		b.Fatal(err)
	}
	return documentSpans(doc)
}

func documentSpans(d *mapping.Document) int {
	n := 1
	for _, s := range d.Subsegments {
		n += documentSpans(s)
	}
	return n
}

func otlpSpans(req *tracepb.ExportTraceServiceRequest) int {
	n := 0
	for _, rs := range req.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			n += len(ss.Spans)
		}
	}
	return n
}

// TestInvocationDocuments holds what lambdaxray sends in the benchmark to X-Ray's
// rules.
func TestInvocationDocuments(t *testing.T) {
	d := xraytest.NewDaemon(t)
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	startLambdaxray(t, d.Addr())()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	docs, err := d.Wait(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := xraytest.CheckDocument(docs[0]); err != nil {
		t.Error(err)
	}
	if doc, err := mapping.ParseDocument(docs[0]); err != nil || documentSpans(doc) != invocationSpans {
		t.Errorf("want one document of %d spans (%v):\n%s", invocationSpans, err, docs[0])
	}
}
