// Package otlpsink is the other end of the functions that send OTLP.
package otlpsink

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

// Sink is an OTLP server for gRPC and HTTP on one port. It counts.
type Sink struct {
	tracepb.UnimplementedTraceServiceServer
	addr  string
	bytes atomic.Int64

	mu    sync.Mutex
	spans int
}

// New starts one on loopback.
func New(b *testing.B) *Sink {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &Sink{addr: l.Addr().String()}
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

// Addr returns host:port.
func (s *Sink) Addr() string { return s.addr }

// Export counts what comes over gRPC.
func (s *Sink) Export(_ context.Context, req *tracepb.ExportTraceServiceRequest) (*tracepb.ExportTraceServiceResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans += Spans(req)
	return &tracepb.ExportTraceServiceResponse{}, nil
}

func (s *Sink) serveHTTP(w http.ResponseWriter, r *http.Request) {
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

// Reset starts the counts anew.
func (s *Sink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spans = 0
	s.bytes.Store(0)
}

// Received returns the counts.
func (s *Sink) Received(*testing.B) (spans, bytes, datagrams int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spans, int(s.bytes.Load()), 0
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

// Spans counts the spans of a request.
func Spans(req *tracepb.ExportTraceServiceRequest) int {
	n := 0
	for _, rs := range req.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			n += len(ss.Spans)
		}
	}
	return n
}
