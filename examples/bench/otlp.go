package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/proto" // the codec's name
	"google.golang.org/grpc/mem"
)

// The protocols of OTLP, as the table names them.
var protocols = []string{"HTTP protobuf", "HTTP JSON", "gRPC"}

// request is an export of seven spans, in both encodings.
type request struct {
	protobuf, json []byte
	traceID        [16]byte
}

const requestSpans = 7

// newRequest reads the golden case at path, a function span with five beneath, and
// adds one that runs around nothing.
func newRequest(path string) (request, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return request{}, err
	}
	td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(data)
	if err != nil {
		return request{}, err
	}
	spans := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	function := spans.At(0)
	s := spans.AppendEmpty()
	s.SetTraceID(function.TraceID())
	s.SetParentSpanID(function.SpanID())
	s.SetSpanID([8]byte{7})
	s.SetName("check order")
	s.SetKind(ptrace.SpanKindInternal)
	s.SetStartTimestamp(function.StartTimestamp())
	s.SetEndTimestamp(function.EndTimestamp())
	if n := td.SpanCount(); n != requestSpans {
		return request{}, fmt.Errorf("%s has %d spans, want %d", path, n-1, requestSpans-1)
	}
	r := request{traceID: function.TraceID()}
	if r.protobuf, err = (&ptrace.ProtoMarshaler{}).MarshalTraces(td); err != nil {
		return r, err
	}
	r.json, err = (&ptrace.JSONMarshaler{}).MarshalTraces(td)
	return r, err
}

// body returns the request in a trace of its own: the same spans once more would be
// the same document, which a batch holds once.
func (r request) body(protocol string) []byte {
	id := r.traceID
	for i := 4; i < len(id); i++ { // behind the time
		id[i] = byte(rand.Uint32())
	}
	if protocol == "HTTP JSON" {
		return bytes.ReplaceAll(r.json, hex.AppendEncode(nil, r.traceID[:]), hex.AppendEncode(nil, id[:]))
	}
	return bytes.ReplaceAll(r.protobuf, r.traceID[:], id[:])
}

// client sends requests to a server, each over a connection that it keeps.
type client struct {
	server *running
	http   http.Client
	grpc   *grpc.ClientConn
}

func newClient(s *running) (*client, error) {
	conn, err := grpc.NewClient("passthrough:///"+s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return &client{server: s, http: http.Client{Transport: &http.Transport{}}, grpc: conn}, err
}

func (c *client) close() {
	c.http.CloseIdleConnections()
	c.grpc.Close()
}

// export sends a body and takes the answer.
func (c *client) export(ctx context.Context, protocol string, body []byte) error {
	if protocol == "gRPC" {
		return c.grpc.Invoke(ctx, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", body, new([]byte), grpc.ForceCodecV2(rawCodec{}))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.server.http+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", map[string]string{"HTTP protobuf": "application/x-protobuf", "HTTP JSON": "application/json"}[protocol])
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, answer)
	}
	return err
}

// rawCodec sends messages that are encoded.
type rawCodec struct{}

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (rawCodec) Name() string { return "proto" }
