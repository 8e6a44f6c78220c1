package lambdaxray_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

// record returns an option that has the function spans recorded.
func record() (*tracetest.SpanRecorder, lambdaxray.Option) {
	recorder := tracetest.NewSpanRecorder()
	return recorder, lambdaxray.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
}

// invocationContext is what aws-lambda-go gives a handler.
func invocationContext(t testing.TB, header string) context.Context {
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{
		AwsRequestID:       "79104EXAMPLEB723",
		InvokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
	})
	//lint:ignore SA1029 the plain string key is aws-lambda-go's
	return context.WithValue(ctx, "x-amzn-trace-id", header)
}

func attributes(attrs []attribute.KeyValue) map[string]any {
	m := make(map[string]any, len(attrs))
	for _, a := range attrs {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

type bytesHandler func(ctx context.Context, payload []byte) ([]byte, error)

func (f bytesHandler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// invokedFunction is a lambda.Handler and a function: aws-lambda-go calls Invoke.
type invokedFunction func(context.Context, order) (any, error)

func (invokedFunction) Invoke(context.Context, []byte) ([]byte, error) {
	return []byte(`"invoked"`), nil
}

type order struct{ ID int }

// A handler of any signature gives what it gives without tracing, byte for byte.
func TestHandlerSignatures(t *testing.T) {
	failure := errors.New("failure")
	for name, handler := range map[string]any{
		"func()":                            func() {},
		"func(event)":                       func(order) {},
		"func() error":                      func() error { return failure },
		"func(event) error":                 func(order) error { return nil },
		"func() (result, error)":            func() (order, error) { return order{1}, nil },
		"func(event) (result, error)":       func(o order) (order, error) { return o, nil },
		"func(ctx)":                         func(context.Context) {},
		"func(ctx) error":                   func(context.Context) error { return failure },
		"func(ctx) (result, error)":         func(context.Context) (*order, error) { return nil, nil },
		"func(ctx, event)":                  func(context.Context, order) {},
		"func(ctx, event) error":            func(context.Context, *order) error { return nil },
		"func(ctx, event) (result, error)":  func(_ context.Context, o order) (order, error) { return o, failure },
		"func(any) (any, error)":            func(e any) (any, error) { return e, nil },
		"func(ctx, event) (any, error)":     func(_ context.Context, o order) (any, error) { return o, nil },
		"func(ctx, event) (any, failure)":   func(_ context.Context, o order) (any, error) { return nil, failure },
		"func(ctx) (any, error)":            func(context.Context) (any, error) { return "<&>", nil },
		"func() (any, error)":               func() (any, error) { return nil, nil },
		"func() (reader, error)":            func() (io.Reader, error) { return strings.NewReader("raw"), nil },
		"func(event) (reader, error)":       func(o order) (io.Reader, error) { return strings.NewReader(fmt.Sprint(o)), nil },
		"func(ctx, event) (*reader, error)": func(context.Context, order) (*strings.Reader, error) { return strings.NewReader(""), nil },
		"nil reader":                        func() (io.Reader, error) { return nil, nil },
		"readable JSON":                     func() (io.Reader, error) { return &readableJSON{Name: "x"}, nil },
		"own error type":                    func() (any, *priceError) { return 1, nil },
		"lambda.Handler":                    bytesHandler(func(_ context.Context, p []byte) ([]byte, error) { return p, nil }),
		"lambda.Handler that is a function": invokedFunction(func(context.Context, order) (any, error) { return "called", nil }),
		"lambda.NewHandler":                 lambda.NewHandler(func(o order) (order, error) { return o, nil }),
		"nil":                               nil,
		"nil func":                          (func() (any, error))(nil),
		"no function":                       7,
		"three arguments":                   func(context.Context, order, int) (any, error) { return nil, nil },
		"first of two is no context":        func(order, order) (any, error) { return nil, nil },
		"an interface that is no context":   func(fmt.Stringer) (any, error) { return nil, nil },
		"variadic":                          func(context.Context, ...order) (any, error) { return 1, nil },
		"second result is no error":         func() (any, int) { return 1, 2 },
		"three results":                     func() (any, any, error) { return 1, 2, nil },
		"unencodable":                       func() (any, error) { return func() {}, nil },
	} {
		for _, payload := range []string{`{"ID":7}`, `null`, `{"ID":"x"}`, `no JSON`, ``} {
			t.Run(name+" "+payload, func(t *testing.T) {
				_, recording := record()
				invoke := func(h lambda.Handler) (s string) {
					defer func() {
						if r := recover(); r != nil {
							s = fmt.Sprint("panic ", r)
						}
					}()
					response, err := h.Invoke(invocationContext(t, active), []byte(payload))
					return fmt.Sprintf("%s, error %v", response, err)
				}
				want := invoke(lambda.NewHandler(handler))
				if got := invoke(lambdaxray.WrapHandler(handler, recording)); got != want {
					t.Errorf("traced   %s\nuntraced %s", got, want)
				}
			})
		}
	}
}

// Options of aws-lambda-go do what they do untraced.
func TestLambdaOptions(t *testing.T) {
	for name, handler := range map[string]any{
		"bytes":  func(e map[string]any) (map[string]any, error) { return e, nil },
		"value":  func(e map[string]any) (any, error) { return e, nil },
		"types":  func(e map[string]any) (any, error) { return fmt.Sprintf("%T", e["ID"]), nil },
		"struct": func(o order) (any, error) { return o, nil },
	} {
		for option, o := range map[string]lambda.Option{
			"UseNumber":             lambda.WithUseNumber(true),
			"DisallowUnknownFields": lambda.WithDisallowUnknownFields(true),
			"SetEscapeHTML":         lambda.WithSetEscapeHTML(true),
			"SetIndent":             lambda.WithSetIndent("-", " "),
			"SetIndent, no prefix":  lambda.WithSetIndent("", "  "),
			"SetIndent, no indent":  lambda.WithSetIndent("-", ""),
		} {
			t.Run(name+" "+option, func(t *testing.T) {
				_, recording := record()
				payload := []byte(`{"ID":7,"x":"<&>"}`)
				want, wantErr := lambda.NewHandlerWithOptions(handler, o).Invoke(t.Context(), payload)
				got, err := lambdaxray.WrapHandler(handler, recording, lambdaxray.WithLambdaOptions(o)).Invoke(t.Context(), payload)
				if string(got) != string(want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("traced   %s, %v\nuntraced %s, %v", got, err, want, wantErr)
				}
			})
		}
	}
}

// readableJSON has JSON of its own, which aws-lambda-go prefers to reading it.
type readableJSON struct{ Name string }

func (*readableJSON) Read([]byte) (int, error) { return 0, io.EOF }

func TestErrorAndPanicAreUnchanged(t *testing.T) {
	_, recording := record()
	failure := &priceError{cause: errStock}
	for name, handler := range map[string]any{
		"bytes":  func() error { return failure },
		"stream": func() (any, error) { return nil, failure },
	} {
		if _, err := lambdaxray.WrapHandler(handler, recording).Invoke(t.Context(), nil); err != error(failure) {
			t.Errorf("%s: error %#v", name, err)
		}
	}
	for name, handler := range map[string]any{
		"bytes":  func() error { panic(failure) },
		"stream": func() (any, error) { panic(failure) },
	} {
		func() {
			defer func() {
				if r := recover(); r != any(failure) {
					t.Errorf("%s: panic %#v", name, r)
				}
			}()
			_, _ = lambdaxray.WrapHandler(handler, recording).Invoke(t.Context(), nil)
			t.Errorf("%s: no panic", name)
		}()
	}
}

func TestFunctionSpan(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	recorder, recording := record()
	var inside trace.SpanContext
	h := lambdaxray.WrapHandler(func(ctx context.Context) { inside = trace.SpanContextFromContext(ctx) }, recording)
	if _, err := h.Invoke(invocationContext(t, active), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	span := recorder.Ended()[0]
	if span.Name() != "orders" || span.SpanKind() != trace.SpanKindServer || !span.SpanContext().Equal(inside) {
		t.Errorf("span %q %v %v, the handler saw %v", span.Name(), span.SpanKind(), span.SpanContext(), inside)
	}
	if p := span.Parent(); p.TraceID().String() != "581cf771a006649127e371903a2de979" || p.SpanID().String() != parentID || !p.IsRemote() {
		t.Errorf("parent %v", p)
	}
	want := map[string]any{
		"faas.coldstart":         true,
		"faas.invocation_id":     "79104EXAMPLEB723",
		"aws.lambda.invoked_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
		"cloud.account.id":       "123456789012",
		"cloud.resource_id":      "arn:aws:lambda:eu-west-1:123456789012:function:orders",
		"faas.trigger":           "other",
	}
	if diff := cmp.Diff(want, attributes(span.Attributes())); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// What the event is, a function that takes none and may stream cannot know.
func TestUnknownEvent(t *testing.T) {
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func() (any, error) { return nil, nil }, recording)
	if _, err := h.Invoke(invocationContext(t, active), fixture(t, "sqs")); err != nil {
		t.Fatal(err)
	}
	span := recorder.Ended()[0]
	if trigger, ok := attributes(span.Attributes())["faas.trigger"]; ok || span.SpanKind() != trace.SpanKindServer {
		t.Errorf("trigger %v, kind %v", trigger, span.SpanKind())
	}
}

func TestGoexit(t *testing.T) {
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func() { runtime.Goexit() }, recording)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = h.Invoke(t.Context(), nil)
	}()
	<-done
	if ended := recorder.Ended(); len(ended) != 1 || ended[0].Status().Code != codes.Error {
		t.Errorf("spans %v", ended)
	}
}

// panickingProvider is one at its worst.
type panickingProvider struct{ trace.TracerProvider }

func (p panickingProvider) Tracer(string, ...trace.TracerOption) trace.Tracer {
	return panickingTracer{p.TracerProvider.Tracer("")}
}

type panickingTracer struct{ trace.Tracer }

func (panickingTracer) Start(context.Context, string, ...trace.SpanStartOption) (context.Context, trace.Span) {
	panic("out of order")
}

// A panic of tracing is reported and stays out of the function.
func TestTracingPanics(t *testing.T) {
	reports := handled(t)
	h := lambdaxray.WrapHandler(func(ctx context.Context) (string, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return lc.AwsRequestID, nil
	}, lambdaxray.WithTracerProvider(panickingProvider{sdktrace.NewTracerProvider()}))
	response, err := h.Invoke(invocationContext(t, active), nil)
	if string(response) != `"79104EXAMPLEB723"` || err != nil {
		t.Errorf("response %s, %v", response, err)
	}
	if len(*reports) != 1 || !strings.Contains((*reports)[0].Error(), "out of order") {
		t.Errorf("reports %v", *reports)
	}
}

// handled collects what goes to OpenTelemetry's error handler during the test.
func handled(t *testing.T) *[]error {
	var reports []error
	before := otel.GetErrorHandler()
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reports = append(reports, err) }))
	return &reports
}

// flushCounter counts what a provider is asked to flush.
type flushCounter struct {
	trace.TracerProvider
	n int
}

func (f *flushCounter) ForceFlush(context.Context) error { f.n++; return nil }

func TestFlush(t *testing.T) {
	for _, c := range []struct {
		name    string
		opts    []lambdaxray.Option
		handler any
		want    int
	}{
		{"not by default", nil, func() {}, 0},
		{"by option", []lambdaxray.Option{lambdaxray.WithFlush()}, func() {}, 1},
		{"after a panic", nil, func() { panic(1) }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			provider := &flushCounter{TracerProvider: sdktrace.NewTracerProvider()}
			h := lambdaxray.WrapHandler(c.handler, append(c.opts, lambdaxray.WithTracerProvider(provider))...)
			func() {
				defer func() { _ = recover() }()
				_, _ = h.Invoke(t.Context(), nil)
			}()
			if provider.n != c.want {
				t.Errorf("%d flushes, want %d", provider.n, c.want)
			}
		})
	}
}

func TestDisabled(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "TRUE")
	recorder, recording := record()
	h := lambdaxray.WrapHandler(func(ctx context.Context) (bool, error) {
		return trace.SpanContextFromContext(ctx).IsValid(), nil
	}, recording)
	response, err := h.Invoke(invocationContext(t, active), []byte(`{}`))
	if string(response) != "false" || err != nil || len(recorder.Ended()) > 0 {
		t.Errorf("response %s, %v, %d spans", response, err, len(recorder.Ended()))
	}
	// The address is wrong, and nobody looks.
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "nowhere")
	provider, err := lambdaxray.NewTracerProvider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, span := provider.Tracer("").Start(t.Context(), "x"); span.IsRecording() {
		t.Error("the provider records")
	}
}

func TestNewTracerProviderError(t *testing.T) {
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "nowhere")
	provider, err := lambdaxray.NewTracerProvider(t.Context())
	if err == nil || provider != nil || !strings.Contains(err.Error(), "AWS_XRAY_DAEMON_ADDRESS") {
		t.Errorf("provider %v, error %v", provider, err)
	}
}
