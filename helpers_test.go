package lambdaxray_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

// inSpan runs f in a span and returns that and what was made beneath it, in the
// order in which they ended.
func inSpan(t testing.TB, f func(ctx context.Context)) []sdktrace.ReadOnlySpan {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	ctx, span := provider.Tracer("test").Start(t.Context(), "parent")
	func() {
		defer func() { _ = recover() }()
		f(ctx)
	}()
	span.End()
	return recorder.Ended()
}

func TestCapture(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(context.Context) error
		status codes.Code
		events int
	}{
		{"success", func(context.Context) error { return nil }, codes.Unset, 0},
		{"error", func(context.Context) error { return errStock }, codes.Error, 1},
		{"panic", func(context.Context) error { panic(errStock) }, codes.Error, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got error
			spans := inSpan(t, func(ctx context.Context) {
				got = errors.New("it panicked")
				got = lambdaxray.Capture(ctx, "price", func(ctx context.Context) error {
					if !trace.SpanFromContext(ctx).IsRecording() {
						t.Error("no span in the context")
					}
					return c.f(ctx)
				})
			})
			child, parent := spans[0], spans[1]
			if child.Name() != "price" || child.Parent().SpanID() != parent.SpanContext().SpanID() {
				t.Errorf("span %q beneath %v", child.Name(), child.Parent())
			}
			if child.Status().Code != c.status || len(child.Events()) != c.events {
				t.Errorf("status %v, events %v", child.Status(), child.Events())
			}
			if c.name == "error" && got != errStock {
				t.Errorf("error %v", got)
			}
			if c.name == "panic" {
				stack := attributes(child.Events()[0].Attributes)["exception.stacktrace"].(string)
				if !strings.Contains(strings.SplitN(stack, "\n", 2)[0], "TestCapture") {
					t.Errorf("stack:\n%s", stack)
				}
			}
		})
	}
}

// Nothing here panics or records where there is no span.
func TestHelpersWithoutSpan(t *testing.T) {
	reports := handled(t)
	lambdaxray.Annotate(t.Context(), "k", 1)
	lambdaxray.Metadata(t.Context(), "", "k", func() {})
	if len(*reports) > 0 {
		t.Errorf("reports %v", *reports)
	}
	if err := lambdaxray.Capture(t.Context(), "x", func(context.Context) error { return errStock }); err != errStock {
		t.Error(err)
	}
	if id := lambdaxray.TraceID(t.Context()); id != "" {
		t.Error(id)
	}
}

// A span context of another process has no provider: the global one makes the span.
func TestCaptureBelowRemote(t *testing.T) {
	recorder, before := tracetest.NewSpanRecorder(), otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	defer otel.SetTracerProvider(before)
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	ctx := trace.ContextWithRemoteSpanContext(t.Context(), remote)
	if err := lambdaxray.Capture(ctx, "price", func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if ended := recorder.Ended(); len(ended) != 1 || ended[0].Parent().SpanID() != remote.SpanID() {
		t.Errorf("%d spans", len(ended))
	}
}

func TestAnnotate(t *testing.T) {
	type sku string
	spans := inSpan(t, func(ctx context.Context) {
		trace.SpanFromContext(ctx).SetAttributes(attribute.StringSlice("aws.xray.annotations", []string{"mine"}))
		lambdaxray.Annotate(ctx, "customer", "c-7")
		lambdaxray.Annotate(ctx, "items", 3)
		lambdaxray.Annotate(ctx, "total", 9.5)
		lambdaxray.Annotate(ctx, "gift", true)
		lambdaxray.Annotate(ctx, "size", uint(5))
		lambdaxray.Annotate(ctx, "big", uint64(1<<63))
		lambdaxray.Annotate(ctx, "largest", uint64(math.MaxInt64))
		lambdaxray.Annotate(ctx, "sku", sku("tea"))
		lambdaxray.Annotate(ctx, "items", int8(4))
		lambdaxray.Annotate(ctx, "", "nothing")
	})
	want := map[string]any{
		"aws.xray.annotations": []string{"mine", "customer", "items", "total", "gift", "size", "big", "largest", "sku"},
		"customer":             "c-7", "items": int64(4), "total": 9.5, "gift": true, "size": int64(5), "big": float64(1 << 63), "largest": int64(math.MaxInt64), "sku": "tea",
	}
	if diff := cmp.Diff(want, attributes(spans[0].Attributes())); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestMetadata(t *testing.T) {
	reports := handled(t)
	spans := inSpan(t, func(ctx context.Context) {
		lambdaxray.Metadata(ctx, "", "event", map[string]any{"a": []int{1, 2}})
		lambdaxray.Metadata(ctx, "order", "lines", 2)
		lambdaxray.Metadata(ctx, "order", "lines", 3)
		lambdaxray.Metadata(ctx, "order", "note", "<&>")
		lambdaxray.Metadata(ctx, "order", "bad", func() {})
		lambdaxray.Metadata(ctx, "order", "", "nothing")
	})
	got := map[string]any{}
	for key, text := range attributes(spans[0].Attributes()) {
		var object any
		if err := json.Unmarshal([]byte(text.(string)), &object); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		got[key] = object
	}
	want := map[string]any{
		"aws.xray.metadata.default": map[string]any{"event": map[string]any{"a": []any{1.0, 2.0}}},
		"aws.xray.metadata.order":   map[string]any{"lines": 3.0, "note": "<&>"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if len(*reports) != 1 || !strings.Contains((*reports)[0].Error(), "order.bad") {
		t.Errorf("reports %v", *reports)
	}
}

// What a call costs is a copy of what is there: nothing is decoded.
func BenchmarkMetadata(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint("calls=", n), func(b *testing.B) {
			keys := make([]string, n)
			for i := range keys {
				keys[i] = fmt.Sprint("key-", i)
			}
			for b.Loop() {
				inSpan(b, func(ctx context.Context) {
					for _, key := range keys {
						lambdaxray.Metadata(ctx, "", key, 1)
					}
				})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/call")
		})
	}
}

// Keys that look like parts of the object are keys all the same.
func TestMetadataKeys(t *testing.T) {
	want := map[string]any{}
	spans := inSpan(t, func(ctx context.Context) {
		for i, key := range []string{"a", `"`, `"a":`, "{", "}", ",", "é<&>", "a", `x":1,"y`, "nested"} {
			value := map[string]any{"a": float64(i), "nested": "}"}
			want[key] = value
			lambdaxray.Metadata(ctx, "", key, value)
		}
	})
	var got map[string]any
	text := attributes(spans[0].Attributes())["aws.xray.metadata.default"].(string)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if n := strings.Count(text, `"nested":{`); n != 1 {
		t.Errorf("%d members of one key: %s", n, text)
	}
}

// What else sets the attribute may set anything.
func TestMetadataOfOthers(t *testing.T) {
	for before, want := range map[string]string{
		`{"b":2}`: `{"b":2,"a":1}`, `null`: `{"a":1}`, `[1]`: `{"a":1}`, `x`: `{"a":1}`, `{"b":2`: `{"a":1}`, `"b":2}`: `{"a":1}`, `{}`: `{"a":1}`, `{"a":0}`: `{"a":1}`,
	} {
		spans := inSpan(t, func(ctx context.Context) {
			trace.SpanFromContext(ctx).SetAttributes(attribute.String("aws.xray.metadata.default", before))
			lambdaxray.Metadata(ctx, "", "a", 1)
		})
		if got := attributes(spans[0].Attributes())["aws.xray.metadata.default"]; got != want {
			t.Errorf("%s became %s, want %s", before, got, want)
		}
	}
}

// The SDK cuts long attributes, and half an object is none.
func TestMetadataWithinLimit(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = 40
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithRawSpanLimits(limits))
	ctx, span := provider.Tracer("test").Start(t.Context(), "limited")
	lambdaxray.Metadata(ctx, "big", "all", strings.Repeat("x", 100))
	for i := range 10 {
		lambdaxray.Metadata(ctx, "n", fmt.Sprint("key-", i), i)
	}
	span.End()
	got := attributes(recorder.Ended()[0].Attributes())
	for _, key := range []string{"aws.xray.metadata.n", "aws.xray.metadata.big"} {
		if text, _ := got[key].(string); !json.Valid([]byte(text)) {
			t.Errorf("%s is %s", key, text)
		}
	}
	if text := got["aws.xray.metadata.n"]; text != `{"key-0":0,"key-1":1,"key-2":2}` || got["n.key-3"] != "3" || got["n.key-9"] != "9" {
		t.Errorf("attributes %v", got)
	}
	if text := got["big.all"]; text != `"`+strings.Repeat("x", 39) {
		t.Errorf("the large value is %v", text)
	}
}

// Calls on one span from many goroutines add up.
func TestAnnotateConcurrently(t *testing.T) {
	const n = 50
	spans := inSpan(t, func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				lambdaxray.Annotate(ctx, fmt.Sprint("a", i), i)
				lambdaxray.Metadata(ctx, "", fmt.Sprint("m", i), i)
			})
		}
		wg.Wait()
	})
	got := attributes(spans[0].Attributes())
	if keys := got["aws.xray.annotations"].([]string); len(keys) != n {
		t.Errorf("%d annotations, want %d", len(keys), n)
	}
	if members := strings.Count(got["aws.xray.metadata.default"].(string), ":"); members != n {
		t.Errorf("%d members, want %d", members, n)
	}
}

func TestLogHandler(t *testing.T) {
	const id = "1-581cf771-a006649127e371903a2de979"
	for _, c := range []struct {
		name   string
		logger func(*slog.Logger) *slog.Logger
		want   string
	}{
		{"plain", func(l *slog.Logger) *slog.Logger { return l }, `{"msg":"m","k":1,"xray_trace_id":"` + id + `"}`},
		{"attributes", func(l *slog.Logger) *slog.Logger { return l.With("a", 1) }, `{"msg":"m","a":1,"k":1,"xray_trace_id":"` + id + `"}`},
		{"a group", func(l *slog.Logger) *slog.Logger { return l.WithGroup("g") }, `{"msg":"m","xray_trace_id":"` + id + `","g":{"k":1}}`},
		{
			"groups and attributes",
			func(l *slog.Logger) *slog.Logger {
				return l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("").WithGroup("h")
			},
			`{"msg":"m","a":1,"xray_trace_id":"` + id + `","g":{"b":2,"h":{"k":1}}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			next := slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
					return slog.Attr{}
				}
				return a
			}})
			logger := c.logger(slog.New(lambdaxray.NewLogHandler(next)))
			logger.InfoContext(invocationContext(t, active), "m", "k", 1)
			if got := strings.TrimSpace(out.String()); got != c.want {
				t.Errorf("logged %s\nwant   %s", got, c.want)
			}
			out.Reset()
			logger.Info("m")
			if strings.Contains(out.String(), "xray") {
				t.Errorf("logged %s outside a trace", out.String())
			}
			logger.DebugContext(invocationContext(t, active), "m")
			if strings.Contains(out.String(), "xray") {
				t.Error("a level that is off was logged")
			}
		})
	}
}

func TestTraceID(t *testing.T) {
	//lint:ignore SA1012 it is what a logger's Info may pass on
	if id := lambdaxray.TraceID(nil); id != "" { //nolint:staticcheck // on purpose
		t.Error(id)
	}
	// A span's trace comes before the invocation's.
	ctx := trace.ContextWithSpanContext(invocationContext(t, active), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{1}}))
	if id := lambdaxray.TraceID(ctx); id != "1-01020000-000000000000000000000000" {
		t.Error(id)
	}
	if id := lambdaxray.TraceID(invocationContext(t, passed)); id != rootID {
		t.Error(id)
	}
}
