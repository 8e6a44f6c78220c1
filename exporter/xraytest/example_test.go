package xraytest_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

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

// Outside of a test, the daemon can fill a store, which shows what X-Ray would.
func ExampleStore() {
	store := xraytest.NewStore()
	daemon, err := xraytest.StartDaemon("127.0.0.1:0", xraytest.WithDatagramFunc(func(d xraytest.Datagram) {
		if d.Err == nil {
			d.Err = store.Put(d.Document)
		}
		if d.Err != nil {
			fmt.Println(d.Err)
		}
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer daemon.Close()
	if err := handler(daemon.Addr()); err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := daemon.Wait(ctx, 1); err != nil {
		fmt.Println(err)
		return
	}
	// The segment around it, as Lambda would write it.
	err = store.Put([]byte(`{"name":"shop","id":"53995c3f42cd8ad8","trace_id":"1-581cf771-a006649127e371903a2de979","origin":"AWS::Lambda::Function","start_time":1478293361,"end_time":1478293361.5}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	filter, err := xraytest.ParseFilter(`annotation.order_id = "o-1"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, trace := range store.TraceSummaries(time.Time{}, time.Time{}, filter) {
		for _, s := range store.Documents(trace.ID) {
			fmt.Printf("%s (%s), %g s\n", s.Name, s.Origin, trace.ResponseTime)
			for _, sub := range s.Subsegments {
				fmt.Println("-", sub.Name)
			}
		}
	}
	// Output:
	// shop (AWS::Lambda::Function), 0.5 s
	// - orders
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
