package lambdaevent_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// BenchmarkParse: 1 KB to 6 MB. "body last" and "SQS" are as AWS sends them and
// end early; the others are read to the end.
func BenchmarkParse(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"1KB", 1 << 10}, {"100KB", 100 << 10}, {"6MB", 6 << 20}} {
		for _, shape := range []struct {
			name   string
			event  func(int) []byte
			source lambdaevent.Source
		}{
			{"body last", bodyLast, lambdaevent.SourceAPIGatewayV2},
			{"plain body first", plainBody, lambdaevent.SourceAPIGatewayV2},
			{"JSON body first", jsonBody, lambdaevent.SourceAPIGatewayV2},
			{"SQS", sqsBatch, lambdaevent.SourceSQS},
			{"unknown JSON", unknownJSON, lambdaevent.SourceUnknown},
			{"no JSON", func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }, lambdaevent.SourceUnknown},
		} {
			event := shape.event(size.bytes)
			b.Run(size.name+"/"+shape.name, func(b *testing.B) {
				if got := lambdaevent.Parse(event).Source; got != shape.source {
					b.Fatalf("source %v, want %v", got, shape.source)
				}
				b.SetBytes(int64(len(event)))
				b.ReportAllocs()
				for b.Loop() {
					lambdaevent.Parse(event)
				}
			})
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, name := range []string{"apigateway_v1", "apigateway_v2", "alb"} {
		event := readEvent(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e := lambdaevent.Parse(event)
				if r := e.Request(); r.Method == "" {
					b.Fatal("no method")
				}
			}
		})
	}
}

func BenchmarkMessages(b *testing.B) {
	event := sqsBatch(100 << 10)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		for m := range lambdaevent.Parse(event).Messages() {
			if h, ok := m.Header(); !ok || !h.Root.IsValid() {
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
