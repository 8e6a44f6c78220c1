package propagator_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

func BenchmarkParseHeader(b *testing.B) {
	for _, tt := range headerCases {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if h, err := propagator.ParseHeader(tt.in); err != nil || h.Root != traceID {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHeaderAppend(b *testing.B) {
	const in = root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1"
	h, err := propagator.ParseHeader(in)
	if err != nil {
		b.Fatal(err)
	}
	buf := h.Append(make([]byte, 0, 256))
	if string(buf) != in {
		b.Fatalf("got %q", buf)
	}
	b.ReportAllocs()
	for b.Loop() {
		buf = h.Append(buf[:0])
	}
}

// The propagators side by side; contrib's drops the Lineage.
var propagators = []struct {
	name string
	p    propagation.TextMapPropagator
}{
	{"lambdaxray", propagator.XRay{}},
	{"contrib", xray.Propagator{}},
}

func BenchmarkExtract(b *testing.B) {
	const in = root + ";" + parent + ";Sampled=1;Lineage=a87bd80c:1"
	carrier := propagation.HeaderCarrier(http.Header{"X-Amzn-Trace-Id": {in}})
	for _, bb := range propagators {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ctx := bb.p.Extract(context.Background(), carrier)
				if trace.SpanContextFromContext(ctx).SpanID() != spanID {
					b.Fatal("not extracted")
				}
			}
		})
	}
}

func BenchmarkInject(b *testing.B) {
	ctx := trace.ContextWithSpanContext(extracted(root+";"+parent+";Sampled=1;Lineage=a87bd80c:1"), current)
	carrier := propagation.HeaderCarrier(http.Header{})
	for _, bb := range propagators {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.p.Inject(ctx, carrier)
			}
			if carrier.Get("X-Amzn-Trace-Id") == "" {
				b.Fatal("not injected")
			}
		})
	}
}

// BenchmarkParseEvent: 1 KB to 6 MB. "body last" and "SQS" are as AWS sends them and
// end early; the others are read to the end.
func BenchmarkParseEvent(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"1KB", 1 << 10}, {"100KB", 100 << 10}, {"6MB", 6 << 20}} {
		for _, shape := range []struct {
			name   string
			event  func(int) []byte
			source propagator.Source
		}{
			{"body last", bodyLast, propagator.SourceAPIGatewayV2},
			{"plain body first", plainBody, propagator.SourceAPIGatewayV2},
			{"JSON body first", jsonBody, propagator.SourceAPIGatewayV2},
			{"SQS", sqsBatch, propagator.SourceSQS},
			{"unknown JSON", unknownJSON, propagator.SourceUnknown},
			{"no JSON", func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }, propagator.SourceUnknown},
		} {
			event := shape.event(size.bytes)
			b.Run(size.name+"/"+shape.name, func(b *testing.B) {
				if got := propagator.ParseEvent(event).Source; got != shape.source {
					b.Fatalf("source %v, want %v", got, shape.source)
				}
				b.SetBytes(int64(len(event)))
				b.ReportAllocs()
				for b.Loop() {
					propagator.ParseEvent(event)
				}
			})
		}
	}
}

func BenchmarkEventHTTP(b *testing.B) {
	for _, name := range []string{"apigateway_v1", "apigateway_v2", "alb"} {
		event := readEvent(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e := propagator.ParseEvent(event)
				if h := e.HTTP(); h.Method == "" {
					b.Fatal("no method")
				}
			}
		})
	}
}

func BenchmarkEventMessages(b *testing.B) {
	event := sqsBatch(100 << 10)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		for m := range propagator.ParseEvent(event).Messages() {
			if h, ok := m.Header(); !ok || h.Root != traceID {
				b.Fatal("no header")
			}
		}
	}
}

func bodyLast(size int) []byte {
	event := []byte(`{"version":"2.0","routeKey":"GET /orders/{id}","rawPath":"/orders/7","rawQueryString":"",` +
		`"headers":{"host":"api.example.com"},"requestContext":{"domainName":"api.example.com",` +
		`"http":{"method":"GET","path":"/orders/7"}},"body":"`)
	return append(event, strings.Repeat("x", size)+`","isBase64Encoded":false}`...)
}

func plainBody(size int) []byte {
	return bytes.Replace(minimalV2, []byte("BODY"), bytes.Repeat([]byte("aGVsbG8h"), size/8), 1)
}

func jsonBody(size int) []byte {
	const row = `{\"sku\":\"tea-01\",\"count\":2,\"note\":\"leave at the door\"},`
	return bytes.Replace(minimalV2, []byte("BODY"), []byte("["+strings.Repeat(row, size/len(row))+"]"), 1)
}

var minimalV2 = []byte(`{"version":"2.0","routeKey":"GET /orders/{id}","rawPath":"/orders/7","rawQueryString":"",` +
	`"body":"BODY","headers":{"host":"api.example.com"},` +
	`"requestContext":{"domainName":"api.example.com","http":{"method":"GET","path":"/orders/7"}}}`)

func sqsBatch(size int) []byte {
	const record = `{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","body":"BODY","attributes":{"ApproximateReceiveCount":"1",` +
		`"AWSTraceHeader":"` + root + `;` + parent + `;Sampled=1"},"messageAttributes":{},"eventSource":"aws:sqs",` +
		`"eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:orders"}`
	records := make([]string, 10)
	for i := range records {
		records[i] = strings.Replace(record, "BODY", strings.Repeat("x", size/len(records)), 1)
	}
	return []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
}

func unknownJSON(size int) []byte {
	const row = `{"sku":"tea-01","count":2,"price":[1,20],"note":"leave at the door"},`
	return []byte(`{"rows":[` + strings.Repeat(row, size/len(row)) + `{}]}`)
}
