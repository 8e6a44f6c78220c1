package lambdaxray_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
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

func TestErrorStacks(t *testing.T) {
	for _, c := range []struct {
		name                     string
		err                      error
		typ, message, stacktrace string
	}{
		{
			"plain", errStock,
			"*errors.errorString", "out of stock", "",
		},
		{
			"wrapped", fmt.Errorf("order: %w", errStock),
			"*fmt.wrapError", "order: out of stock",
			"Caused by: *errors.errorString: out of stock\n",
		},
		{
			"with a stack", fmt.Errorf("order: %w", verboseError{}),
			"*fmt.wrapError", "order: no price",
			"Caused by: lambdaxray_test.verboseError: no price\nmain.price()\n\t/src/price.go:12\nmain.main()\n\t/src/main.go:7\n",
		},
		{
			"of the runtime", messages.InvokeResponse_Error{
				Type: "Price.Missing", Message: "no price",
				StackTrace: []*messages.InvokeResponse_Error_StackFrame{{Label: "price", Path: "price.go", Line: 12}},
			},
			"Price.Missing", "no price", "price()\n\tprice.go:12\n",
		},
		{
			"a typed nil", (*priceError)(nil),
			"*lambdaxray_test.priceError", "<nil>", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			recorder, recording := record()
			_, err := lambdaxray.WrapHandler(func() error { return c.err }, recording).Invoke(t.Context(), nil)
			if err == nil {
				t.Fatal("no error")
			}
			span := recorder.Ended()[0]
			if span.Status() != (sdktrace.Status{Code: codes.Error, Description: c.message}) {
				t.Errorf("status %v", span.Status())
			}
			if len(span.Events()) != 1 || span.Events()[0].Name != "exception" {
				t.Fatalf("events %v", span.Events())
			}
			want := map[string]any{"exception.type": c.typ, "exception.message": c.message}
			if c.stacktrace != "" {
				want["exception.stacktrace"] = c.stacktrace
			}
			if diff := cmp.Diff(want, attributes(span.Events()[0].Attributes)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// verboseError prints its stack with %+v, as those of github.com/pkg/errors do.
type verboseError struct{}

func (verboseError) Error() string { return "no price" }

func (e verboseError) Format(s fmt.State, _ rune) {
	fmt.Fprint(s, e.Error())
	if s.Flag('+') {
		fmt.Fprint(s, "\nmain.price\n\t/src/price.go:12\nmain.main\n\t/src/main.go:7\nouter message\nmain.outer\n\t/src/outer.go:1")
	}
}

// A cyclic chain ends.
type cyclic struct{}

func (c cyclic) Error() string { return "again" }
func (c cyclic) Unwrap() error { return c }

func TestCyclicError(t *testing.T) {
	recorder, recording := record()
	_, _ = lambdaxray.WrapHandler(func() error { return errors.Join(cyclic{}, cyclic{}) }, recording).Invoke(t.Context(), nil)
	text := attributes(recorder.Ended()[0].Events()[0].Attributes)["exception.stacktrace"].(string)
	if n := strings.Count(text, "Caused by: "); n != 10 {
		t.Errorf("%d causes:\n%s", n, text)
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

// fixture returns one of the propagator's events.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join("propagator", "lambdaevent", "testdata", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestEventHTTP(t *testing.T) {
	for _, c := range []struct {
		event, response string
		want            map[string]any
		fault           bool
	}{
		{"apigateway_v1", `{"statusCode":503}`, map[string]any{
			"http.request.method": "POST", "http.route": "/orders/{id}", "url.path": "/prod/orders/7", "url.scheme": "https",
			"server.address": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com", "client.address": "203.0.113.7",
			"user_agent.original": "curl/8.5.0", "http.response.status_code": int64(503),
		}, true},
		{"apigateway_v2", `"just text"`, map[string]any{
			"http.request.method": "GET", "http.route": "/orders/{id}", "url.path": "/orders/7", "url.scheme": "https",
			"server.address": "api.example.com", "client.address": "203.0.113.7",
			"user_agent.original": "okhttp/4.12.0", "http.response.status_code": int64(200),
		}, false},
		{"alb", `{"body":"{\"statusCode\":500}","statusCode":404}`, map[string]any{
			"http.request.method": "GET", "url.path": "/orders", "url.scheme": "http",
			"server.address": "orders.example.com", "server.port": int64(8080), "client.address": "203.0.113.7",
			"user_agent.original": "Mozilla/5.0", "http.response.status_code": int64(404),
		}, false},
		{"function_url", `{"statusCode":500}`, map[string]any{
			"http.request.method": "PUT", "url.path": "/upload", "url.scheme": "https",
			"server.address": "q1w2e3r4t5y6u7i8o9p0.lambda-url.eu-central-1.on.aws", "client.address": "2001:db8::7",
			"user_agent.original": "Go-http-client/2.0", "http.response.status_code": int64(500),
		}, true},
	} {
		var response any
		if err := json.Unmarshal([]byte(c.response), &response); err != nil {
			t.Fatal(err)
		}
		for kind, handler := range map[string]any{
			"bytes": func() (json.RawMessage, error) { return json.RawMessage(c.response), nil },
			"value": func(json.RawMessage) (any, error) { return response, nil },
		} {
			t.Run(c.event+" "+kind, func(t *testing.T) {
				recorder, recording := record()
				if _, err := lambdaxray.WrapHandler(handler, recording).Invoke(t.Context(), fixture(t, c.event)); err != nil {
					t.Fatal(err)
				}
				span := recorder.Ended()[0]
				got := attributes(span.Attributes())
				if got["faas.trigger"] != "http" {
					t.Errorf("trigger %v", got["faas.trigger"])
				}
				delete(got, "faas.trigger")
				delete(got, "faas.coldstart")
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("attributes (-want +got):\n%s", diff)
				}
				if fault := span.Status().Code == codes.Error; fault != c.fault {
					t.Errorf("status %v", span.Status())
				}
			})
		}
	}
}

func links(span sdktrace.ReadOnlySpan) []string {
	var text []string
	for _, l := range span.Links() {
		text = append(text, l.SpanContext.TraceID().String()+" "+l.SpanContext.SpanID().String())
	}
	return text
}

func TestWithoutEvent(t *testing.T) {
	for _, c := range []struct {
		event string
		parts []lambdaxray.EventPart
		gone  string
		links int
	}{
		{"sqs", []lambdaxray.EventPart{lambdaxray.EventTrigger}, "faas.trigger", 2},
		{"sqs", []lambdaxray.EventPart{lambdaxray.EventMessages}, "", 0},
		{"sqs", nil, "faas.trigger", 0},
		{"apigateway_v1", []lambdaxray.EventPart{lambdaxray.EventHTTP}, "http.request.method", 1},
		{"apigateway_v1", []lambdaxray.EventPart{lambdaxray.EventHTTP, lambdaxray.EventTraceContext}, "http.response.status_code", 0},
		{"apigateway_v1", nil, "faas.trigger", 0},
	} {
		t.Run(fmt.Sprint(c.event, c.parts), func(t *testing.T) {
			recorder, recording := record()
			h := lambdaxray.WrapHandler(func(any) (any, error) { return map[string]int{"statusCode": 200}, nil }, recording, lambdaxray.WithoutEvent(c.parts...))
			if _, err := h.Invoke(invocationContext(t, active), fixture(t, c.event)); err != nil {
				t.Fatal(err)
			}
			span := recorder.Ended()[0]
			if v, ok := attributes(span.Attributes())[c.gone]; ok {
				t.Errorf("%s is %v", c.gone, v)
			}
			if len(span.Links()) != c.links {
				t.Errorf("links %v, want %d", links(span), c.links)
			}
			if c.gone == "faas.trigger" && span.SpanKind() != trace.SpanKindServer {
				t.Errorf("kind %v", span.SpanKind())
			}
		})
	}
}
