package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// load sends spans at a steady rate over OTLP. A trace has six spans of two
// services, and each service sends its own.
type load struct {
	conn   *grpc.ClientConn
	client coltracepb.TraceServiceClient

	traces, spans int // sent
	took          time.Duration
}

func newLoad(endpoint string) (*load, error) {
	conn, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	return &load{conn: conn, client: coltracepb.NewTraceServiceClient(conn)}, nil
}

func (l *load) close() { _ = l.conn.Close() }

const (
	spansOfTrace    = 6
	tracesOfRequest = 50
)

// run sends for so long.
func (l *load) run(ctx context.Context, rate int, length time.Duration) error {
	every := time.Second * tracesOfRequest * spansOfTrace / time.Duration(rate)
	began := time.Now()
	for n := 0; time.Duration(n)*every < length; n++ {
		select {
		case <-time.After(time.Until(began.Add(time.Duration(n) * every))):
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, request := range requests() {
			if err := l.send(ctx, request); err != nil {
				return err
			}
		}
		l.traces += tracesOfRequest
		l.spans += tracesOfRequest * spansOfTrace
	}
	l.took = time.Since(began)
	return nil
}

// send sends a request until it is taken: who refuses it says when that is worth it.
func (l *load) send(ctx context.Context, request *coltracepb.ExportTraceServiceRequest) error {
	for {
		answer, err := l.client.Export(ctx, request)
		if err == nil {
			if n := answer.GetPartialSuccess().GetRejectedSpans(); n > 0 {
				return fmt.Errorf("%d spans rejected: %s", n, answer.GetPartialSuccess().GetErrorMessage())
			}
			return nil
		}
		switch status.Code(err) {
		case codes.Unavailable, codes.ResourceExhausted:
		default:
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// requests are those of the two services with the spans of new traces.
func requests() [2]*coltracepb.ExportTraceServiceRequest {
	var caller, called []*tracepb.Span
	for range tracesOfRequest {
		trace := newTraceID()
		span := func(kind tracepb.Span_SpanKind, parent []byte, name string) *tracepb.Span {
			id := newSpanID()
			now := uint64(time.Now().UnixNano())
			return &tracepb.Span{
				TraceId: trace[:], SpanId: id[:], ParentSpanId: parent, Kind: kind, Name: name,
				StartTimeUnixNano: now, EndTimeUnixNano: now + 1_000_000,
				Attributes: []*commonpb.KeyValue{text("order.id", "o-1"), text("server.address", "prices.example.com")},
			}
		}
		root := span(tracepb.Span_SPAN_KIND_SERVER, nil, "POST /orders")
		call := span(tracepb.Span_SPAN_KIND_CLIENT, root.SpanId, "GET")
		caller = append(caller, root, call, span(tracepb.Span_SPAN_KIND_INTERNAL, root.SpanId, "check"),
			span(tracepb.Span_SPAN_KIND_INTERNAL, root.SpanId, "price"))
		price := span(tracepb.Span_SPAN_KIND_SERVER, call.SpanId, "GET /price")
		called = append(called, price, span(tracepb.Span_SPAN_KIND_INTERNAL, price.SpanId, "look up"))
	}
	return [2]*coltracepb.ExportTraceServiceRequest{request("orders", caller), request("prices", called)}
}

func request(service string, spans []*tracepb.Span) *coltracepb.ExportTraceServiceRequest {
	return &coltracepb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{text("service.name", service)}},
		ScopeSpans: []*tracepb.ScopeSpans{{Spans: spans}},
	}}}
}

func text(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}
