package propagator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/propagator"
)

const (
	otherRoot   = "Root=1-67891234-56789012345678901234abcd"
	otherParent = "Parent=1112131415161718"
)

// lambdaContext is a context as aws-lambda-go makes it.
func lambdaContext(header string) context.Context {
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	return context.WithValue(context.Background(), "x-amzn-trace-id", header)
}

// current is a span of this process in the trace of the header cases.
var current = trace.NewSpanContext(trace.SpanContextConfig{
	TraceID: traceID, SpanID: trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8}, TraceFlags: trace.FlagsSampled,
})

func inject(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagator.XRay{}.Inject(ctx, carrier)
	return carrier["X-Amzn-Trace-Id"]
}

func TestXRayExtract(t *testing.T) {
	for _, tt := range headerCases {
		t.Run(tt.name, func(t *testing.T) {
			ctx := propagator.XRay{}.Extract(context.Background(), propagation.MapCarrier{"X-Amzn-Trace-Id": tt.in})
			want := trace.NewSpanContext(trace.SpanContextConfig{
				TraceID: traceID, SpanID: tt.parent, Remote: true,
			})
			if tt.sampled == propagator.SamplingYes {
				want = want.WithTraceFlags(trace.FlagsSampled)
			}
			if got := trace.SpanContextFromContext(ctx); !got.Equal(want) {
				t.Errorf("span context %+v, want %+v", got, want)
			}
			if tt.parent.IsValid() {
				return // then there is a span, and it becomes the Parent
			}
			if got := inject(ctx); got != tt.out {
				t.Errorf("passed through as %q, want %q", got, tt.out)
			}
		})
	}
}

// TestXRayThroughHTTP sends every case to a server whose handler calls a second one.
func TestXRayThroughHTTP(t *testing.T) {
	type received struct {
		sc     trace.SpanContext
		header propagator.Header
	}
	last := make(chan received, 1)
	downstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := propagator.XRay{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		h, _ := propagator.HeaderFromContext(ctx)
		last <- received{trace.SpanContextFromContext(ctx), h}
	}))
	defer downstream.Close()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagator.XRay{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx = trace.ContextWithSpanContext(ctx, current)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, downstream.URL, nil)
		if err == nil {
			propagator.XRay{}.Inject(ctx, propagation.HeaderCarrier(req.Header))
			var res *http.Response
			if res, err = http.DefaultClient.Do(req); err == nil {
				err = res.Body.Close()
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	}))
	defer upstream.Close()

	for _, tt := range headerCases {
		if tt.name == "fields no header may carry" {
			continue // net/http refuses to send them
		}
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, upstream.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("x-amzn-trace-id", tt.in)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Fatal(res.Status)
			}
			got := <-last
			if !got.sc.Equal(current.WithRemote(true)) {
				t.Errorf("downstream's parent is %+v, want %+v", got.sc, current)
			}
			sent, err := propagator.ParseHeader(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if want := sent.WithSpanContext(current); got.header != want {
				t.Errorf("downstream got %q, want %q", got.header, want)
			}
		})
	}
}

func TestXRayExtractLeavesContext(t *testing.T) {
	valid := trace.ContextWithRemoteSpanContext(context.Background(), current)
	for _, tt := range []struct {
		name    string
		carrier propagation.TextMapCarrier
	}{
		{"no carrier", nil},
		{"no header", propagation.MapCarrier{"Traceparent": "x"}},
		{"empty header", propagation.HeaderCarrier{"X-Amzn-Trace-Id": {""}}},
		{"garbage", propagation.MapCarrier{"X-Amzn-Trace-Id": "garbage"}},
		{"blank header", propagation.MapCarrier{"X-Amzn-Trace-Id": " "}},
		{"bad root", propagation.MapCarrier{"X-Amzn-Trace-Id": "Root=1;" + parent + ";Sampled=1;Lineage=a:1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (propagator.XRay{}).Extract(valid, tt.carrier); got != valid {
				t.Error("context changed")
			}
		})
	}
	t.Run("bad parent", func(t *testing.T) {
		ctx := propagator.XRay{}.Extract(context.Background(), propagation.MapCarrier{"X-Amzn-Trace-Id": otherRoot + ";Parent=1;k=v"})
		if got := inject(ctx); got != otherRoot+";k=v" {
			t.Errorf("passed through as %q", got)
		}
	})
	t.Run("root only", func(t *testing.T) {
		ctx := propagator.XRay{}.Extract(valid, propagation.MapCarrier{"X-Amzn-Trace-Id": otherRoot})
		if got := trace.SpanContextFromContext(ctx); !got.Equal(current.WithRemote(true)) {
			t.Errorf("span context %+v, want the one that was there", got)
		}
	})
}

func TestXRayKeysInAnyCase(t *testing.T) {
	const in = root + ";" + parent + ";Sampled=1"
	for _, carrier := range []propagation.TextMapCarrier{
		propagation.MapCarrier{"X-Amzn-Trace-Id": in},
		propagation.MapCarrier{"x-amzn-trace-id": in},
		propagation.MapCarrier{"X-AMZN-TRACE-ID": in, "x-amzn-trace-id": ""},
		propagation.HeaderCarrier(http.Header{"X-Amzn-Trace-Id": {in}}),
	} {
		ctx := propagator.XRay{}.Extract(context.Background(), carrier)
		if got := trace.SpanContextFromContext(ctx); got.SpanID() != spanID {
			t.Errorf("%v: got %+v", carrier, got)
		}
	}
}

func TestXRayInject(t *testing.T) {
	bg := context.Background()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want string
	}{
		{"nothing", bg, ""},
		{"zero header", propagator.ContextWithHeader(bg, propagator.Header{}), ""},
		{"a span", trace.ContextWithSpanContext(bg, current), root + ";Parent=0102030405060708;Sampled=1"},
		{
			"a span that is not sampled", trace.ContextWithSpanContext(bg, current.WithTraceFlags(0)),
			root + ";Parent=0102030405060708;Sampled=0",
		},
		{
			"a span of another trace keeps Lineage",
			trace.ContextWithSpanContext(extracted(otherRoot+";"+otherParent+";Sampled=0;Lineage=a:1;k=v"), current),
			root + ";Parent=0102030405060708;Sampled=1;Lineage=a:1;k=v",
		},
		{"root only", extracted(root + ";k=v"), root + ";k=v"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inject(tt.ctx); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			carrier := http.Header{}
			propagator.Lambda{}.Inject(tt.ctx, propagation.HeaderCarrier(carrier))
			if got := carrier.Get("X-Amzn-Trace-Id"); got != tt.want {
				t.Errorf("Lambda: got %q, want %q", got, tt.want)
			}
			propagator.XRay{}.Inject(tt.ctx, nil) // must not panic
		})
	}
}

func extracted(header string) context.Context {
	return propagator.XRay{}.Extract(context.Background(), propagation.MapCarrier{"X-Amzn-Trace-Id": header})
}

// TestRootOnlyStartsRootInTrace shows what the SDK makes of a header without Parent.
func TestRootOnlyStartsRootInTrace(t *testing.T) {
	tp := sdktrace.NewTracerProvider()
	defer func() { _ = tp.Shutdown(context.Background()) }()
	ctx, span := tp.Tracer("test").Start(extracted(root+";Lineage=a:1"), "root")
	defer span.End()
	if got := span.SpanContext(); got.TraceID() != traceID || !got.IsSampled() {
		t.Errorf("span is %+v, want a sampled one in the trace", got)
	}
	if got := span.(sdktrace.ReadOnlySpan).Parent(); got.HasSpanID() {
		t.Errorf("span has parent %+v, want none", got)
	}
	want := root + ";Parent=" + span.SpanContext().SpanID().String() + ";Sampled=1;Lineage=a:1"
	if got := inject(ctx); got != want {
		t.Errorf("injected %q, want %q", got, want)
	}
}

func TestLambdaExtract(t *testing.T) {
	const (
		full      = root + ";" + parent + ";Sampled=1"
		otherFull = otherRoot + ";" + otherParent + ";Sampled=0"
	)
	for _, tt := range []struct {
		name              string
		carrier, ctx, env string
		want              string // the header in the context, "" if none
	}{
		{name: "nothing"},
		{name: "carrier first", carrier: full, ctx: otherFull, env: otherFull, want: full},
		{name: "context before environment", ctx: full, env: otherFull, want: full},
		{name: "environment", env: full, want: full},
		{name: "garbage in the carrier", carrier: "garbage", ctx: full, want: full},
		{name: "garbage in the context", ctx: "garbage", env: full, want: full},
		{name: "garbage everywhere", carrier: "garbage", ctx: "garbage", env: "garbage"},
		{name: "empty parent", ctx: root + ";Parent=;Sampled=0", want: root},
		{name: "bad parent", ctx: root + ";Parent=x;Sampled=0;Lineage=a:1", want: root + ";Lineage=a:1"},
		{name: "root only in the carrier, invocation has a parent", carrier: otherRoot, ctx: full, want: full},
		{name: "root only in the carrier, nothing else", carrier: root, want: root},
		{name: "root only in both", carrier: root, ctx: otherRoot + ";Lineage=a:1", want: root + ";Lineage=a:1"},
		{name: "Lineage of the invocation", carrier: full, ctx: otherFull + ";Lineage=a:1;k=v", want: full + ";Lineage=a:1"},
		{name: "Lineage of its own", carrier: full + ";Lineage=b:2", ctx: otherFull + ";Lineage=a:1", want: full + ";Lineage=b:2"},
		{name: "pass-through", ctx: root + ";Lineage=a:1", want: root + ";Lineage=a:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("_X_AMZN_TRACE_ID", tt.env)
			carrier := propagation.MapCarrier{}
			if tt.carrier != "" {
				carrier["X-Amzn-Trace-Id"] = tt.carrier
			}
			ctx := propagator.Lambda{}.Extract(lambdaContext(tt.ctx), carrier)
			h, ok := propagator.HeaderFromContext(ctx)
			if ok != (tt.want != "") || h.String() != tt.want {
				t.Errorf("got %q, %t; want %q", h, ok, tt.want)
			}
			if got := trace.SpanContextFromContext(ctx); !got.Equal(h.SpanContext()) && ok {
				t.Errorf("span context %+v does not agree with %q", got, h)
			}
		})
	}
	t.Run("Lineage of a header without a readable root", func(t *testing.T) {
		for _, header := range []string{"Root=;Sampled=1;Lineage=a:1;k=v", "Lineage=a:1"} {
			ctx := propagator.Lambda{}.Extract(lambdaContext(header), nil)
			if sc := trace.SpanContextFromContext(ctx); sc.HasTraceID() {
				t.Errorf("%q gives %+v", header, sc)
			}
			if got := inject(ctx); got != "" {
				t.Errorf("%q goes out without a span as %q", header, got)
			}
			want := root + ";Parent=0102030405060708;Sampled=1;Lineage=a:1"
			if got := inject(trace.ContextWithSpanContext(ctx, current)); got != want {
				t.Errorf("%q goes out as %q, want %q", header, got, want)
			}
		}
	})
	t.Run("no carrier", func(t *testing.T) {
		ctx := propagator.Lambda{}.Extract(lambdaContext(full), nil)
		if got := trace.SpanContextFromContext(ctx); got.SpanID() != spanID {
			t.Errorf("got %+v", got)
		}
	})
}

func TestHeaderFromLambda(t *testing.T) {
	t.Setenv("_X_AMZN_TRACE_ID", otherRoot)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want string
	}{
		{"context", lambdaContext(root), root},
		{"context without value", context.Background(), otherRoot},
		{"empty value", lambdaContext(""), otherRoot},
		{"extracted headers do not count", extracted(root), otherRoot},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, ok := propagator.HeaderFromLambda(tt.ctx)
			if !ok || h.String() != tt.want {
				t.Errorf("got %q, %t; want %q", h, ok, tt.want)
			}
		})
	}
	// A header that is there and unreadable is one.
	for _, tt := range []struct {
		name, ctx, env string
		sampled        propagator.Sampling
	}{
		{"garbage in the context", "garbage", "", propagator.SamplingUnset},
		{"garbage in the environment", "", "garbage", propagator.SamplingUnset},
		{"the context's first", "Root=1;Sampled=0", "garbage;Sampled=1", propagator.SamplingNo},
		{"empty root", "Root=;" + parent + ";Sampled=1", "", propagator.SamplingYes},
		{"the environment's, blank context", " ", "Root=;Sampled=0", propagator.SamplingNo},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("_X_AMZN_TRACE_ID", tt.env)
			h, ok := propagator.HeaderFromLambda(lambdaContext(tt.ctx))
			if !ok || h.Sampled != tt.sampled || h.Root.IsValid() || h.Parent.IsValid() {
				t.Errorf("got %+v, %t", h, ok)
			}
		})
	}
	t.Setenv("_X_AMZN_TRACE_ID", " ")
	if h, ok := propagator.HeaderFromLambda(context.Background()); ok || h != (propagator.Header{}) {
		t.Errorf("outside Lambda: got %q, %t", h, ok)
	}
}

func TestFields(t *testing.T) {
	want := []string{"X-Amzn-Trace-Id"}
	if diff := cmp.Diff(want, propagator.XRay{}.Fields()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, propagator.Lambda{}.Fields()); diff != "" {
		t.Error(diff)
	}
}
