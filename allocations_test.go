package lambdaxray_test

import (
	"context"
	"runtime/debug"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
)

type nowhere struct{}

func (nowhere) Emit(context.Context, [][]byte) error { return nil }
func (nowhere) Shutdown(context.Context) error       { return nil }

// What tracing allocates on top of aws-lambda-go, for an invocation with nothing
// but its function span. Of the sampled ones most are the SDK's.
func TestAllocations(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "-race" && s.Value == "true" {
				t.Skip("the race detector allocates")
			}
		}
	}
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	e, err := exporter.New(exporter.WithEmitter(nowhere{}))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := lambdaxray.NewTracerProvider(t.Context(), lambdaxray.WithExporter(e))
	if err != nil {
		t.Fatal(err)
	}
	handler := func(_ context.Context, o order) (order, error) { return o, nil }
	count := func(h lambda.Handler, header string) float64 {
		ctx, payload := invocationContext(t, header), []byte(`{"ID":7}`)
		return testing.AllocsPerRun(200, func() { _, _ = h.Invoke(ctx, payload) })
	}
	untraced := count(lambda.NewHandler(handler), active)
	traced := lambdaxray.WrapHandler(handler, lambdaxray.WithTracerProvider(provider))
	for _, c := range []struct {
		name, header string
		want         float64
	}{
		{"not sampled", passed, 7},
		{"sampled", active, 11},
	} {
		if got := count(traced, c.header) - untraced; got != c.want {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.want)
		}
	}
}
