package xray

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

const sampled = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5"

// invocation is the context that aws-lambda-go gives a handler.
func invocation(t *testing.T, header string) context.Context {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "checkout")
	//lint:ignore SA1029 aws-lambda-go's key
	return context.WithValue(t.Context(), LambdaTraceHeaderKey, header)
}

func TestLambdaSubsegment(t *testing.T) {
	f := start(t)
	ctx := invocation(t, sampled)
	if err := AddAnnotation(ctx, "a", 1); !errors.Is(err, ErrRetrieveSegment) {
		t.Errorf("AddAnnotation without a segment: %v", err)
	}
	if got := TraceID(ctx); got != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("TraceID %q", got)
	}
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { sent = r.Header.Get("X-Amzn-Trace-Id") }))
	defer server.Close()
	var seg *Segment
	err := Capture(ctx, "work", func(ctx context.Context) error {
		seg = GetSegment(ctx)
		req, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
		resp, err := Client(nil).Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d := f.document()
	if d.Type != "subsegment" || d.ParentID != "53995c3f42cd8ad8" || d.TraceID != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("%+v", d)
	}
	if seg.ParentID != "53995c3f42cd8ad8" || seg.ParentSegment.Facade == false {
		t.Errorf("segment %+v", seg)
	}
	call := d.child(t, server.Listener.Addr().String())
	if call.Namespace != "remote" || call.HTTP.Response.Status != 200 {
		t.Errorf("%+v", call)
	}
	want := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + call.ID + ";Sampled=1;Lineage=a87bd80c:1|68fd508a:5"
	if sent != want {
		t.Errorf("sent %q, want %q", sent, want)
	}
}

func TestLambdaNotSampled(t *testing.T) {
	for name, header := range map[string]string{
		"no":        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
		"undecided": "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1",
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			_, seg := BeginSubsegment(invocation(t, header), "work")
			if seg.Sampled || !seg.Dummy || seg.ID != "0000000000000000" {
				t.Errorf("%+v", seg)
			}
			if seg.TraceID != "1-5759e988-bd862e3fe1be46a994272793" {
				t.Errorf("TraceID %q", seg.TraceID)
			}
			seg.Close(nil)
			f.documents(0)
		})
	}
}

// A segment begun in a function would be a second node; it is a subsegment.
func TestLambdaSegment(t *testing.T) {
	f := start(t)
	ctx := invocation(t, sampled)
	_, seg := BeginSegment(ctx, "main")
	seg.Close(nil)
	if d := f.document(); d.Type != "subsegment" || d.Name != "main" || d.ParentID != "53995c3f42cd8ad8" {
		t.Errorf("%+v", d)
	}
}

func TestLambdaHandler(t *testing.T) {
	f := start(t)
	ctx := invocation(t, sampled)
	h := Handler(NewFixedSegmentNamer("api"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, seg := BeginSubsegment(r.Context(), "inside")
		seg.Close(nil)
		w.WriteHeader(404)
	}))
	r := httptest.NewRequest("GET", "/orders?id=7", nil).WithContext(ctx)
	r.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	d := f.document()
	if d.Type != "subsegment" || d.Name != "api" || !d.Error || d.HTTP.Request.URL != "http://example.com/orders" || d.HTTP.Response.Status != 404 {
		t.Errorf("%+v", d)
	}
	d.child(t, "inside")
}

func TestBothAPIs(t *testing.T) {
	f := start(t)
	h := lambdaxray.WrapHandler(func(ctx context.Context) error {
		return Capture(ctx, "old", func(ctx context.Context) error {
			ctx, span := otel.Tracer("test").Start(ctx, "new", trace.WithSpanKind(trace.SpanKindClient))
			defer span.End()
			if err := AddAnnotation(ctx, "on", "new"); err != nil {
				t.Error(err)
			}
			if seg := GetSegment(ctx); seg.ID != span.SpanContext().SpanID().String() || seg.TraceID != TraceID(ctx) {
				t.Errorf("segment %+v of span %v", seg, span.SpanContext())
			}
			_, seg := BeginSubsegment(ctx, "older")
			seg.Close(nil)
			return nil
		})
	}, lambdaxray.WithTracerProvider(provider()))
	if _, err := h.Invoke(invocation(t, sampled), []byte("null")); err != nil {
		t.Fatal(err)
	}
	outer := f.document()
	inner := outer.child(t, "old").child(t, "new")
	if inner.Annotations["on"] != "new" {
		t.Errorf("%+v", inner)
	}
	inner.child(t, "older")
}
