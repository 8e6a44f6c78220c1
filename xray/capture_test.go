package xray

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/lambdaxray/lambdaxray/xray/header"
	"github.com/lambdaxray/lambdaxray/xray/strategy/sampling"
)

func TestCapturePanic(t *testing.T) {
	f := start(t)
	ctx, seg := BeginSegment(context.Background(), "svc")
	func() {
		defer func() {
			if p := recover(); p != "no luck" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = Capture(ctx, "risky", func(context.Context) error { panic("no luck") })
	}()
	seg.Close(nil)
	c := f.document().child(t, "risky")
	x := c.Cause.Exceptions[0]
	if !c.Fault || x.Type != "panic" || x.Message != "no luck" || !strings.HasPrefix(x.Stack[0].Label, "TestCapturePanic.") {
		t.Errorf("%+v", c.Cause)
	}
}

func TestCaptureAsync(t *testing.T) {
	f := start(t)
	ctx, seg := BeginSegment(context.Background(), "svc")
	var wg sync.WaitGroup
	wg.Add(1)
	CaptureAsync(ctx, "later", func(context.Context) error { defer wg.Done(); return nil })
	wg.Wait()
	for GetSegment(ctx).RemoveSubsegment(nil) { // nothing to remove
		t.Fatal("removed nothing")
	}
	seg.Close(nil)
	docs := f.documents(len(mustWait(f)))
	names := ""
	for _, d := range docs {
		names += d.Name + " "
		for _, c := range d.Subsegments {
			names += c.Name + " "
		}
	}
	if !strings.Contains(names, "svc") || !strings.Contains(names, "later") {
		t.Errorf("documents %s", names)
	}
}

// mustWait waits until later is there: in the segment's document, or after it in
// one of its own.
func mustWait(f *fixture) [][]byte {
	for {
		raw, err := f.Wait(f.t.Context(), 1)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, r := range raw {
			if strings.Contains(string(r), "later") {
				return raw
			}
		}
		if _, err := f.Wait(f.t.Context(), 2); err != nil {
			f.t.Fatal(err)
		}
	}
}

func TestContextMissing(t *testing.T) {
	t.Setenv("AWS_XRAY_CONTEXT_MISSING", "RUNTIME_ERROR")
	start(t)
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(string), "lost") {
			t.Errorf("recovered %v", p)
		}
	}()
	BeginSubsegment(context.Background(), "lost")
}

func TestContextMissingIsInert(t *testing.T) {
	t.Setenv("AWS_XRAY_CONTEXT_MISSING", "IGNORE_ERROR")
	f := start(t)
	ctx, seg := BeginSubsegment(context.Background(), "lost")
	if seg == nil || GetSegment(ctx) != nil {
		t.Errorf("%v in %v", seg, ctx)
	}
	_ = seg.AddAnnotation("a", 1)
	seg.GetHTTP().GetRequest().Method = "GET"
	seg.Close(errors.New("x"))
	var none *Segment
	none.Close(nil)
	if err := none.AddMetadata("a", 1); err != nil {
		t.Error(err)
	}
	f.documents(0)
}

func TestDisabled(t *testing.T) {
	f := start(t)
	t.Setenv("AWS_XRAY_SDK_DISABLED", "TRUE")
	ctx, seg := BeginSegment(context.Background(), "svc")
	if err := Capture(ctx, "x", func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	if !SdkDisabled() || seg.DownstreamHeader().String() != "" {
		t.Errorf("%+v", seg)
	}
	seg.Close(nil)
	f.documents(0)
}

func TestNewSegmentFromHeader(t *testing.T) {
	f := start(t)
	r := httptest.NewRequest("GET", "http://shop.example/cart", nil)
	r.Header.Set("X-Forwarded-For", "10.0.0.1, 10.0.0.2")
	h := header.FromString(sampled)
	ctx, seg := NewSegmentFromHeader(context.Background(), "shop", r, h)
	HttpCaptureRequest(seg, r)
	seg.Lock()
	seg.GetHTTP().GetResponse().Status = 503
	seg.Fault = true
	seg.Unlock()
	if !RequestWasTraced(ctx) || seg.TraceID != h.TraceID || seg.ParentID != h.ParentID {
		t.Errorf("%+v", seg)
	}
	seg.Close(nil)
	d := f.document()
	if d.Name != "shop" || d.ParentID != h.ParentID || d.TraceID != h.TraceID || d.Type != "" || !d.Fault {
		t.Errorf("%+v", d)
	}
	if q := d.HTTP.Request; q.ClientIP != "10.0.0.1" || !q.XForwardedFor || q.Method != "GET" || q.URL != "http://shop.example/cart" {
		t.Errorf("%+v", q)
	}
}

func TestHandlerResponseHeader(t *testing.T) {
	f := start(t)
	h := Handler(NewDynamicSegmentNamer("other", "*.example.com"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "www.example.com"
	r.Header.Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("x-amzn-trace-id"); got != "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1" {
		t.Errorf("response header %q", got)
	}
	if d := f.document(); d.Name != "www.example.com" || !d.Error || !d.Throttle {
		t.Errorf("%+v", d)
	}
}

type decision bool

func (d decision) ShouldTrace(*sampling.Request) *sampling.Decision {
	return &sampling.Decision{Sample: bool(d)}
}

func TestSamplingStrategy(t *testing.T) {
	f := start(t)
	for _, yes := range []bool{true, false} {
		if err := Configure(Config{SamplingStrategy: decision(yes)}); err != nil {
			t.Fatal(err)
		}
		_, seg := BeginSegment(context.Background(), "svc")
		if seg.Sampled != yes {
			t.Errorf("sampled %v, want %v", seg.Sampled, yes)
		}
		seg.Close(nil)
	}
	f.document()
}

// A segment that turns out not to be worth it.
func TestSampledWritten(t *testing.T) {
	f := start(t)
	ctx, seg := BeginSegment(context.Background(), "svc")
	_, sub := BeginSubsegment(ctx, "sub")
	sub.Close(nil)
	seg.Sampled = false
	seg.Close(nil)
	_, seg = BeginSegment(context.Background(), "next")
	seg.Close(nil)
	if d := f.document(); d.Name != "next" {
		t.Errorf("%+v", d)
	}
}

func TestWithoutSampling(t *testing.T) {
	f := start(t)
	ctx, seg := BeginSegment(context.Background(), "svc")
	sctx, sub := BeginSubsegmentWithoutSampling(ctx, "quiet")
	if got := sub.DownstreamHeader().SamplingDecision; got != header.NotSampled {
		t.Errorf("downstream %q", got)
	}
	_, inner := BeginSubsegment(sctx, "inner")
	inner.Close(nil)
	sub.Close(nil)
	seg.Close(nil)
	if d := f.document(); len(d.Subsegments) != 0 {
		t.Errorf("%+v", d)
	}
}

type collector struct{ docs []string }

func (c *collector) RefreshEmitterWithAddress(*net.UDPAddr) {}
func (c *collector) Emit(seg *Segment) {
	b, _ := json.Marshal(seg)
	c.docs = append(c.docs, string(b))
}

func TestEmitter(t *testing.T) {
	f := start(t)
	c := &collector{}
	ctx, err := ContextWithConfig(context.Background(), Config{Emitter: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, seg := BeginSegment(ctx, "svc")
	_ = Capture(ctx, "sub", func(context.Context) error { return errors.New("x") })
	seg.Close(nil)
	if len(c.docs) != 1 || !strings.Contains(c.docs[0], `"name":"sub"`) || !strings.Contains(c.docs[0], `"name":"svc"`) {
		t.Errorf("emitted %q", c.docs)
	}
	f.documents(0)
}

func TestDetachContext(t *testing.T) {
	f := start(t)
	ctx, cancel := context.WithCancel(context.Background())
	ctx, seg := BeginSegment(ctx, "svc")
	detached := DetachContext(ctx)
	cancel()
	if detached.Err() != nil || GetSegment(detached) != seg {
		t.Error("not detached")
	}
	// As programs do by hand.
	_, sub := BeginSubsegment(context.WithValue(context.Background(), ContextKey, seg), "sub")
	sub.Close(nil)
	seg.Close(nil)
	f.document().child(t, "sub")
}
