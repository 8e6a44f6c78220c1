package lambdaxray_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
)

// failedSpan runs the handler and returns status and exception of its function span.
func failedSpan(t *testing.T, handler any) (status string, exception map[string]any) {
	t.Helper()
	recorder, recording := record()
	func() {
		defer func() { _ = recover() }()
		_, _ = lambdaxray.WrapHandler(handler, recording).Invoke(invocationContext(t, active), []byte(`{}`))
	}()
	ended := recorder.Ended()
	span := ended[len(ended)-1]
	if span.Status().Code != codes.Error || len(span.Events()) != 1 {
		t.Fatalf("status %v, events %v", span.Status(), span.Events())
	}
	return span.Status().Description, attributes(span.Events()[0].Attributes)
}

func price(n int) int {
	if n > 0 {
		return price(n - 1)
	}
	panic("no price")
}

func deref(p *order) int { return p.ID }

// loud is a slog handler that panics.
type loud struct{ slog.Handler }

func (loud) Enabled(context.Context, slog.Level) bool        { return true }
func (loud) Handle(ctx context.Context, r slog.Record) error { panic("too loud") }

// A panic's stack has the frames of the function, from where it panicked to the
// handler, and none of what called that or deferred.
func TestPanicStacks(t *testing.T) {
	tracer := func(ctx context.Context) trace.Tracer { return trace.SpanFromContext(ctx).TracerProvider().Tracer("") }
	for name, c := range map[string]struct {
		handler any
		want    []string // functions without the package; a test's own without its name
	}{
		"bytes":  {func() (int, error) { return price(1), nil }, []string{"price", "price", "func"}},
		"stream": {func() (any, error) { return price(0), nil }, []string{"price", "func"}},
		"lambda.Handler": {bytesHandler(func(context.Context, []byte) ([]byte, error) { return nil, errors.New(fmt.Sprint(price(0))) }),
			[]string{"price", "func", "bytesHandler.Invoke"}},
		"a runtime error": {func() (int, error) { return deref(nil), nil }, []string{"deref", "func"}},
		//lint:ignore SA5000 it is to panic
		"a nil map": {func() { var m map[string]int; m["x"] = price2 }, []string{"func"}},
		"through Capture, twice": {func(ctx context.Context) error {
			return lambdaxray.Capture(ctx, "outer", func(ctx context.Context) error {
				return lambdaxray.Capture(ctx, "inner", func(context.Context) error { price(0); return nil })
			})
		}, []string{"price", "func", "capture", "Capture", "func", "capture", "Capture", "func"}},
		"through a deferred End": {func(ctx context.Context) {
			_, span := tracer(ctx).Start(ctx, "inner")
			defer span.End()
			price(0)
		}, []string{"price", "func"}},
		"panics again on purpose": {func() {
			defer func() { panic(fmt.Sprint("again: ", recover())) }()
			price(0)
		}, []string{"func", "price", "func"}},
		"through the log handler": {func(ctx context.Context) {
			slog.New(lambdaxray.NewLogHandler(loud{})).InfoContext(ctx, "x")
		}, []string{"loud.Handle", "(*logHandler).Handle", "(*Logger).log", "(*Logger).InfoContext", "func"}},
		"a handler on reflect": {func() { reflect.ValueOf(price).Call([]reflect.Value{reflect.ValueOf(0)}) },
			[]string{"price", "Value.call", "Value.Call", "func"}},
		"no function":             {(func() error)(nil), []string{"Value.call", "Value.Call"}},
		"a reader's content type": {func() (io.Reader, error) { return shy{}, nil }, []string{"shy.ContentType"}},
		"a reader":                {func() (io.Reader, error) { return panickingReader{}, nil }, []string{"panicking", "panickingReader.Read"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, exception := failedSpan(t, c.handler)
			text, _ := exception["exception.stacktrace"].(string)
			var got []string
			for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if i%2 == 1 {
					if !strings.HasPrefix(line, "\t") || !strings.Contains(line, ".go:") {
						t.Errorf("line %d: %q", i, line)
					}
					continue
				}
				function := strings.TrimSuffix(line, "()")
				function = function[strings.LastIndexByte(function, '/')+1:]
				_, function, _ = strings.Cut(function, ".")
				if strings.HasPrefix(function, "TestPanicStacks") {
					function = "func"
				}
				got = append(got, function)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("frames (-want +got):\n%s\n%s", diff, text)
			}
		})
	}
}

var price2 = 2

// shy is a reader whose content type panics.
type shy struct{}

func (shy) Read([]byte) (int, error) { return 0, io.EOF }

func (shy) ContentType() string { panic("not now") }

// The value of a panic may be the error that names itself to Lambda.
func TestPanicOfRuntimeError(t *testing.T) {
	e := messages.InvokeResponse_Error{Type: "Price.Missing", Message: "no price"}
	for _, value := range []any{e, &e} {
		status, exception := failedSpan(t, func() { panic(value) })
		if status != "no price" || exception["exception.type"] != "Price.Missing" || exception["exception.message"] != "no price" {
			t.Errorf("%T: status %q, exception %v", value, status, exception)
		}
		if !strings.Contains(fmt.Sprint(exception["exception.stacktrace"]), "TestPanicOfRuntimeError") {
			t.Errorf("stack %s", exception["exception.stacktrace"])
		}
	}
}

// What an HTTP client's error says of the URL goes without user and query, wherever
// the message is repeated.
func TestErrorsHideSecrets(t *testing.T) {
	inner := &url.Error{Op: "Get", URL: "https://ada:secret@example.com:8443/prices/tea?token=secret&x=\"1#secret", Err: errStock}
	plain := &url.Error{Op: "Get", URL: "https://example.com/", Err: errStock}
	for name, err := range map[string]error{
		"itself":  inner,
		"wrapped": fmt.Errorf("prices: %w", fmt.Errorf("client: %w", inner)),
		"joined":  errors.Join(errStock, plain, inner),
	} {
		for kind, handler := range map[string]any{
			"returned": func() error { return err },
			"streamed": func() (io.Reader, error) { return brokenReader{err}, nil },
			"panicked": func() { panic(err) },
		} {
			status, exception := failedSpan(t, handler)
			text := status + fmt.Sprint(exception)
			if strings.Contains(text, "secret") {
				t.Errorf("%s, %s: %s", name, kind, text)
			}
			if !strings.Contains(status, `Get "https://example.com:8443/prices/tea": out of stock`) {
				t.Errorf("%s, %s: status %s", name, kind, status)
			}
		}
	}
}

// brokenReader fails.
type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

// unwraps panics when asked for what it wraps.
type unwraps struct{}

func (unwraps) Error() string { return "no price" }
func (unwraps) Unwrap() error { panic("not now") }

// several are errors of which some are none.
type several []error

func (several) Error() string     { return "several" }
func (s several) Unwrap() []error { return s }

// An error at its worst costs neither the invocation nor a document.
func TestErrorsAtTheirWorst(t *testing.T) {
	large := errors.New(strings.Repeat("€", 5<<20/3))
	for i := range 3 {
		large = fmt.Errorf("%d: %w", i, large)
	}
	for name, err := range map[string]error{
		"cyclic": cyclic{}, "panicking": unwraps{}, "large": large,
		"of no URL": fmt.Errorf("prices: %w", error((*url.Error)(nil))), "no URL": (*url.Error)(nil),
	} {
		for kind, handler := range map[string]any{
			"returned": func() error { return err },
			"streamed": func() (io.Reader, error) { return brokenReader{err}, nil },
			"panicked": func() { panic(err) },
		} {
			status, exception := failedSpan(t, handler)
			text, _ := json.Marshal(exception)
			if len(status)+len(text) > 200<<10 {
				t.Errorf("%s, %s: %d bytes", name, kind, len(status)+len(text))
			}
			if strings.Contains(string(text), `\ufffd`) {
				t.Errorf("%s, %s: a rune is cut", name, kind)
			}
			if name == "large" && !strings.Contains(status, "bytes more)") {
				t.Errorf("%s, %s: %s", name, kind, status[len(status)-100:])
			}
		}
	}
}

// aws-lambda-go compares with io.EOF: to it a wrapped one is an error, and so it is
// here.
func TestWrappedEOF(t *testing.T) {
	status, _ := failedSpan(t, func() (io.Reader, error) { return brokenReader{fmt.Errorf("backend: %w", io.EOF)}, nil })
	if status != "backend: EOF" {
		t.Errorf("status %q", status)
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
			"of the runtime without a stack, beside one with", several{nil, messages.InvokeResponse_Error{Type: "Price.Missing", Message: "no price"}, nil, verboseError{}},
			"lambdaxray_test.several", "several",
			"Caused by: Price.Missing: no price\nCaused by: lambdaxray_test.verboseError: no price\nmain.price()\n\t/src/price.go:12\nmain.main()\n\t/src/main.go:7\n",
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
