package compare

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// otlpSink is an OTLP server for gRPC and HTTP on one port. It counts.
type otlpSink struct {
	tracepb.UnimplementedTraceServiceServer
	addr  string
	bytes atomic.Int64

	mu              sync.Mutex
	spans, requests int
}

func newOTLPSink(b *testing.B) *otlpSink {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &otlpSink{addr: l.Addr().String()}
	g := grpc.NewServer()
	tracepb.RegisterTraceServiceServer(g, s)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			g.ServeHTTP(w, r)
			return
		}
		s.serveHTTP(w, r)
	})}
	go server.Serve(countingListener{l, &s.bytes})
	b.Cleanup(func() { server.Close() })
	return s
}

func (s *otlpSink) Export(_ context.Context, req *tracepb.ExportTraceServiceRequest) (*tracepb.ExportTraceServiceResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans += otlpSpans(req)
	s.requests++
	return &tracepb.ExportTraceServiceResponse{}, nil
}

func (s *otlpSink) serveHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	req := new(tracepb.ExportTraceServiceRequest)
	if err == nil {
		err = proto.Unmarshal(body, req)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.Export(r.Context(), req)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (s *otlpSink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans, s.requests = 0, 0
	s.bytes.Store(0)
}

func (s *otlpSink) received() (spans, bytes, requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spans, int(s.bytes.Load()), s.requests
}

// countingListener counts what its connections read.
type countingListener struct {
	net.Listener
	n *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.n}, err
}

type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}
