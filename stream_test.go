package lambdaxray_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// source is a response body that can be held open, fail, and be closed.
type source struct {
	io.Reader
	closed chan struct{}
}

func (s *source) Close() error { close(s.closed); return nil }

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("pipe burst") }

// jsonReader says what it reads.
type jsonReader struct{ io.Reader }

func (jsonReader) ContentType() string { return "application/json" }

// A response that streams goes on streaming, with the type it has untraced, and
// its function span ends with it.
func TestStreaming(t *testing.T) {
	newSource := func() *source { return &source{strings.NewReader("streamed"), make(chan struct{})} }
	for _, c := range []struct {
		name    string
		handler func(context.Context, json.RawMessage) (any, error)
		status  any
		fault   bool
	}{
		{"a reader", func(context.Context, json.RawMessage) (any, error) { return newSource(), nil }, int64(200), false},
		{"a function URL's response", func(context.Context, json.RawMessage) (any, error) {
			return &events.LambdaFunctionURLStreamingResponse{StatusCode: 502, Body: newSource()}, nil
		}, int64(502), true},
		{"a reader of JSON with a type of its own", func(context.Context, json.RawMessage) (any, error) {
			return jsonReader{strings.NewReader(`{"statusCode":502}` + strings.Repeat("\x00", 8) + "x")}, nil
		}, int64(200), false},
		{"a reader that fails", func(context.Context, json.RawMessage) (any, error) {
			return io.MultiReader(strings.NewReader("half"), failingReader{}), nil
		}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(h lambda.Handler) xraytest.Result {
				runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "orders"})
				runtime.Setenv(t)
				t.Setenv("_X_AMZN_TRACE_ID", "") // aws-lambda-go sets it; later tests have none
				go lambda.StartWithOptions(h)
				result, err := runtime.Invoke(t.Context(), xraytest.Invocation{TraceHeader: active, Payload: fixture(t, "function_url")})
				if err != nil {
					t.Fatal(err)
				}
				return result
			}
			recorder, recording := record()
			want := run(lambda.NewHandler(c.handler))
			got := run(lambdaxray.WrapHandler(c.handler, recording))
			for _, d := range []string{
				cmp.Diff(string(want.Payload), string(got.Payload)),
				cmp.Diff(want.ContentType, got.ContentType),
				cmp.Diff(want.ErrorType, got.ErrorType),
			} {
				if d != "" {
					t.Errorf("untraced and traced (-want +got):\n%s", d)
				}
			}
			if want.ContentType == "" && c.status != nil {
				t.Error("no content type")
			}
			ended := recorder.Ended()
			if len(ended) != 1 {
				t.Fatalf("%d spans", len(ended))
			}
			if status := attributes(ended[0].Attributes())["http.response.status_code"]; status != c.status {
				t.Errorf("HTTP status %v, want %v", status, c.status)
			}
			if fault := ended[0].Status().Code == codes.Error; fault != c.fault {
				t.Errorf("status %v", ended[0].Status())
			}
		})
	}
}

func TestStreamingEnds(t *testing.T) {
	recorder, recording := record()
	body, out := io.Pipe()
	h := lambdaxray.WrapHandler(func(context.Context, json.RawMessage) (io.Reader, error) { return body, nil }, recording)
	done := make(chan []byte)
	go func() {
		response, err := h.Invoke(invocationContext(t, active), []byte(`{}`))
		if err != nil {
			t.Error(err)
		}
		done <- response
	}()
	if _, err := out.Write([]byte("first ")); err != nil { // returns when it has been read
		t.Fatal(err)
	}
	if n := len(recorder.Ended()); n != 0 {
		t.Error("the span ended before the stream")
	}
	_, _ = out.Write([]byte("last"))
	out.Close()
	if response := string(<-done); response != "first last" {
		t.Errorf("response %q", response)
	}
	if n := len(recorder.Ended()); n != 1 {
		t.Errorf("%d spans", n)
	}
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panicking(0); return 0, nil }

// The process ends with such a panic, so what is known must be out by then.
func TestStreamingPanics(t *testing.T) {
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func() (io.Reader, error) { return panickingReader{}, nil }, recording)
	func() {
		defer func() {
			if r := recover(); r != "price is 0" {
				t.Errorf("panic %v", r)
			}
		}()
		_, _ = h.Invoke(invocationContext(t, active), nil)
	}()
	ended := recorder.Ended()
	if len(ended) != 1 || ended[0].Status().Code != codes.Error || len(ended[0].Events()) != 1 {
		t.Fatalf("spans %v", ended)
	}
}
