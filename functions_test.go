package lambdaxray_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
)

// request is the event of the test functions: what to do.
type request struct {
	Do   string `json:"do"`
	Name string `json:"name"`
	N    int    `json:"n"`
}

var (
	late    trace.Span
	meeting sync.Once
	waiting sync.WaitGroup
)

var errStock = errors.New("out of stock")

// priceError is an error type of the function's own.
type priceError struct{ cause error }

func (e *priceError) Error() string { return "no price: " + e.cause.Error() }
func (e *priceError) Unwrap() error { return e.cause }

// functions are what the test binary can be as a child process.
var functions = map[string]func(){
	"orders": func() {
		var opts []lambdaxray.Option
		if os.Getenv("EVENT_CONTEXT") == "parent" {
			opts = append(opts, lambdaxray.WithEventContext(lambdaxray.EventContextParent))
		}
		lambdaxray.Start(orders, opts...)
	},

	// A machine that is busy with tests is slower than the pacing of bursts is
	// meant for.
	"patient": func() {
		lambdaxray.Start(orders, lambdaxray.WithProcessorOptions(exporter.WithExportTimeout(10*time.Second)))
	},

	"registered": func() {
		lambdaxray.Start(orders, lambdaxray.WithSIGTERM(func() { fmt.Fprintln(os.Stderr, "callback") }))
	},

	"without globals": func() { lambdaxray.Start(orders, lambdaxray.WithoutGlobals()) },

	// The provider comes after the wrapper, and its batches wait for an hour.
	"early wrapper": func() {
		h := lambdaxray.WrapHandler(orders, lambdaxray.WithFlush())
		e, err := exporter.New()
		if err != nil {
			log.Fatal(err)
		}
		otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithBatcher(e, sdktrace.WithBatchTimeout(time.Hour))))
		lambda.Start(h)
	},

	"given provider": func() {
		e, err := exporter.New()
		if err != nil {
			log.Fatal(err)
		}
		processor := exporter.NewProcessor(e)
		res := resource.NewSchemaless(attribute.String("service.name", "mine"))
		lambdaxray.Start(orders, lambdaxray.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor), sdktrace.WithResource(res))))
	},

	"tenants": func() { lambdaxray.Start(tenantHandlers[os.Getenv("TENANT_HANDLER")]) },

	"without SIGTERM": func() { lambdaxray.Start(orders, lambdaxray.WithoutSIGTERM()) },

	"init": func() {
		provider, err := lambdaxray.NewTracerProvider(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		otel.SetTracerProvider(provider)
		ctx, load := otel.Tracer("init").Start(context.Background(), "load config")
		_, open := otel.Tracer("init").Start(ctx, "open database")
		open.End()
		load.End()
		lambdaxray.Start(orders)
	},
}

// orders does what the event asks for.
func orders(ctx context.Context, in request) (any, error) {
	switch in.Do {
	case "error":
		return nil, fmt.Errorf("order 7: %w", errors.Join(&priceError{cause: errStock}, os.ErrPermission))
	case "panic":
		_, span := otel.Tracer("test").Start(ctx, "inner")
		defer span.End() // recovers, records, and panics again
		panicking(in.N)
	case "nil map":
		var m map[string]int
		//lint:ignore SA5000 it is to panic
		m["x"] = 1
	case "respond":
		return map[string]any{"statusCode": in.N}, nil
	case "exit":
		os.Exit(3)
	case "hang":
		_ = lambdaxray.Capture(ctx, "slow", func(ctx context.Context) error {
			if in.N == 0 {
				select {}
			}
			<-ctx.Done()
			return nil
		})
	case "late":
		_, late = otel.Tracer("late").Start(ctx, "late")
	case "wait": // the invocation after "late": a goroutine of that one goes on
		done := make(chan struct{})
		go func() {
			late.End()
			close(done)
		}()
		<-done
	case "spans":
		for range in.N {
			_, span := otel.Tracer("many").Start(ctx, "one")
			span.End()
		}
	case "meet", "named":
		if in.Do == "meet" { // all invocations are here at once, or none goes on
			meeting.Do(func() { waiting.Add(in.N) })
			waiting.Done()
			waiting.Wait()
		}
		return in.Name, lambdaxray.Capture(ctx, in.Name, func(ctx context.Context) error {
			lambdaxray.Annotate(ctx, "name", in.Name)
			return lambdaxray.Capture(ctx, in.Name, func(context.Context) error { return nil })
		})
	case "globals":
		carrier := propagation.MapCarrier{}
		otel.GetTextMapPropagator().Inject(ctx, carrier)
		_, span := otel.Tracer("test").Start(ctx, "global")
		span.End()
		return []any{carrier["X-Amzn-Trace-Id"], span.IsRecording() || span.SpanContext().IsValid()}, nil
	}
	return "ok", nil
}

func panicking(n int) {
	if n > 0 {
		panicking(n - 1)
	}
	panic("price is " + fmt.Sprint(n))
}
