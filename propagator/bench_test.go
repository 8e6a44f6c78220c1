package propagator_test

import (
	"context"
	"net/http"
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
