package xraytest_test

import (
	"context"
	"net"
	"testing"

	"github.com/lambdaxray/lambdaxray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// handler stands for a traced function; a real one would send its documents
// through this module's exporter.
func handler(daemon string) error {
	conn, err := net.Dial("udp", daemon)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte(segment.DatagramHeader +
		`{"name":"orders","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","type":"subsegment","parent_id":"53995c3f42cd8ad8",` +
		`"start_time":1478293361.271,"end_time":1478293361.449,"annotations":{"order_id":"o-1"}}`))
	return err
}

// A test of a function: what it sends is received, held against X-Ray's rules
// and read back.
func Example() {
	test := func(t *testing.T) {
		daemon := xraytest.NewDaemon(t)
		if err := handler(daemon.Addr()); err != nil {
			t.Fatal(err)
		}
		docs, err := daemon.Wait(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			if err := xraytest.CheckDocument(doc); err != nil {
				t.Errorf("X-Ray would not keep all of %s: %v", doc, err)
			}
		}
		document, err := segment.Parse(docs[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := document.Annotations["order_id"]; got != "o-1" {
			t.Errorf("order_id is %v", got)
		}
	}
	_ = test // in a file of your own: func TestOrders(t *testing.T) { … }
}

// A test of a whole function: one invocation of it, and what it sent to X-Ray.
func ExampleInvoke() {
	handle := func(ctx context.Context, event struct{ Order string }) (string, error) {
		return "ordered " + event.Order, lambdaxray.Capture(ctx, "place order", func(ctx context.Context) error {
			lambdaxray.Annotate(ctx, "order_id", event.Order)
			return nil
		})
	}
	test := func(t *testing.T) {
		run := xraytest.Invoke(t, func() { lambdaxray.Start(handle) }, `{"order":"o-1"}`)
		if string(run.Result.Payload) != `"ordered o-1"` {
			t.Errorf("the function answered %s", run.Result.Payload)
		}
		place := run.Documents[0].Subsegments[0]
		if place.Name != "place order" || place.Annotations["order_id"] != "o-1" {
			t.Errorf("%s has the annotations %v", place.Name, place.Annotations)
		}
	}
	_ = test // in a file of your own: func TestOrders(t *testing.T) { … }
}

// A function runs under a Runtime API; Invoke gives it events.
func ExampleRuntime() {
	test := func(t *testing.T) {
		daemon := xraytest.NewDaemon(t)
		runtime := xraytest.NewRuntime(t, xraytest.Function{Name: "orders", DaemonAddress: daemon.Addr()})
		runtime.Setenv(t)
		// go lambdaxray.Start(handler), or a child process with runtime.Env()
		result, err := runtime.Invoke(t.Context(), xraytest.Invocation{
			Payload:     []byte(`{"order":"o-1"}`),
			TraceHeader: "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1",
		})
		if err != nil {
			t.Fatal(err)
		}
		if result.FunctionError != "" {
			t.Errorf("%s: %s", result.ErrorType, result.Payload)
		}
	}
	_ = test // in a file of your own: func TestOrders(t *testing.T) { … }
}
