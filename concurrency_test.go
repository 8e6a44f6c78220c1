package lambdaxray_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// tenantCall is an event of a tenant, and tenantAnswer what nobody else may get.
type tenantCall struct {
	Tenant string
	Do     string // "error", "panic"; else an answer
}

type tenantAnswer struct{ Text string }

// text is long enough for two answers in one buffer to show, and of a length of
// its own.
func (c tenantCall) text() string { return strings.Repeat(c.Tenant+" ", 1+len(c.Tenant)*17%61) }

func (c tenantCall) fail() error {
	switch c.Do {
	case "error":
		return errors.New(c.text())
	case "panic": // of this value aws-lambda-go lets the process live
		panic(messages.InvokeResponse_Error{Type: "Tenant", Message: c.text()})
	}
	return nil
}

// tenantHandlers answer a tenant in every way there is.
var tenantHandlers = map[string]any{
	"typed": func(_ context.Context, c tenantCall) (tenantAnswer, error) { return tenantAnswer{c.text()}, c.fail() },
	"any":   func(c tenantCall) (any, error) { return tenantAnswer{c.text()}, c.fail() },
	"reader": func(c tenantCall) (io.Reader, error) {
		return strings.NewReader(c.text()), c.fail()
	},
	"buffer": func(c tenantCall) (*bytes.Buffer, error) { return bytes.NewBufferString(c.text()), c.fail() },
	"stream": func(c tenantCall) (io.Reader, error) {
		if err := c.fail(); err != nil {
			return nil, err
		}
		r, w := io.Pipe()
		go func() {
			for part := range strings.SplitSeq(c.text(), " ") {
				_, _ = io.WriteString(w, part+" ")
			}
			w.Close()
		}()
		return r, nil
	},
	"mixed": func(c tenantCall) (any, error) {
		if len(c.text())%2 == 0 {
			return strings.NewReader(c.text()), c.fail()
		}
		return tenantAnswer{c.text()}, c.fail()
	},
	"raw": func(event json.RawMessage) (json.RawMessage, error) { return event, nil },
	"bytes": bytesHandler(func(_ context.Context, event []byte) ([]byte, error) {
		return event, nil
	}),
	"no result":         func(c tenantCall) error { return c.fail() },
	"lambda.NewHandler": lambda.NewHandler(func(c tenantCall) (tenantAnswer, error) { return tenantAnswer{c.text()}, c.fail() }),
}

// tenantWant is what of tenantHandlers[name] the tenant gets, in part.
func tenantWant(name string, c tenantCall) string {
	switch name {
	case "no result":
		return "null"
	case "raw", "bytes":
		return `"Tenant":"` + c.Tenant + `"`
	}
	return c.text()
}

// Each gets its own answer, whatever else the handler answers at the same time.
func TestAnswersStayApart(t *testing.T) {
	for _, disabled := range []string{"", "true"} {
		t.Setenv("OTEL_SDK_DISABLED", disabled)
		for name, handler := range tenantHandlers {
			if name == "lambda.NewHandler" && disabled != "" {
				continue // is returned as it is, for lambda.Start
			}
			t.Run(name+" "+disabled, func(t *testing.T) {
				_, recording := record()
				testAnswersStayApart(t, name, lambdaxray.WrapHandler(handler, recording))
			})
		}
	}
}

func testAnswersStayApart(t *testing.T, name string, h lambda.Handler) {
	const callers, calls = 4, 500
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := range calls {
				call := tenantCall{Tenant: fmt.Sprint("tenant-", caller, "-", strings.Repeat("x", i%29), i)}
				event, _ := json.Marshal(call)
				answer, err := h.Invoke(t.Context(), event)
				want := tenantWant(name, call)
				if err != nil || !strings.Contains(string(answer), want) || len(answer) > len(want)+30 {
					t.Errorf("%s got %s, %v", call.Tenant, answer, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// The same with all that is around a handler: a process that polls 16 times at
// once.
func TestAnswersStayApartInProcess(t *testing.T) {
	const pollers, answers = 16, 6400
	names := []string{"typed", "any", "reader", "stream", "lambda.NewHandler"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			p := startFunction(t, "tenants", xraytest.Function{MaxConcurrency: pollers, InitializationType: "lambda-managed-instances"}, "TENANT_HANDLER="+name)
			var wg sync.WaitGroup
			for caller := range pollers {
				wg.Go(func() {
					for i := range answers / len(names) / pollers {
						call := tenantCall{Tenant: fmt.Sprint("tenant-", caller, "-", strings.Repeat("x", i%29), i)}
						switch i % 10 {
						case 3:
							call.Do = "error"
						case 7:
							call.Do = "panic"
						}
						event, _ := json.Marshal(call)
						result, err := p.runtime.Invoke(t.Context(), xraytest.Invocation{TraceHeader: []string{active, passed}[i%2], Payload: event})
						if err != nil {
							t.Error(err)
							return
						}
						if !strings.Contains(string(result.Payload), call.text()) || len(result.Payload) > len(call.text())+60 || (result.FunctionError != "") != (call.Do != "") {
							t.Errorf("%s got %q %s", call.Tenant, result.FunctionError, result.Payload)
							return
						}
					}
				})
			}
			wg.Wait()
			if said := strings.Contains(p.output.String(), "one invocation at a time"); said != (name == "lambda.NewHandler") {
				t.Errorf("it says that it runs one at a time: %t", said)
			}
		})
	}
}

// Where invocations come one by one, that is nothing to say.
func TestNewHandlerAlone(t *testing.T) {
	reports := handled(t)
	_, recording := record()
	lambdaxray.WrapHandler(lambda.NewHandler(func() {}), recording)
	if len(*reports) > 0 {
		t.Errorf("reports %v", *reports)
	}
}
