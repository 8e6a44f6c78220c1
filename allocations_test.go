package lambdaxray_test

import (
	"context"
	"net"
	"runtime/debug"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter"
)

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
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0") // nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()
	e, err := exporter.New(exporter.WithDaemonAddress(daemon.LocalAddr().String()))
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
		{"not sampled", passed, 5},
		{"sampled", active, 12},
	} {
		if got := count(traced, c.header) - untraced; got != c.want {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.want)
		}
	}
}
