package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func newTraceID() (id trace.TraceID) { _, _ = rand.Read(id[:]); return id } // Read never fails
func newSpanID() (id trace.SpanID)   { _, _ = rand.Read(id[:]); return id }

// sendOrders sends n orders to a Collector from a function and a service.
func sendOrders(ctx context.Context, endpoint string, n int) (_ []placed, err error) {
	f, err := function(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	p, err := prices(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop(ctx, f, p)) }()
	out := make([]placed, n)
	for i := range out {
		out[i] = order(ctx, f, p)
	}
	return out, nil
}

// expectation is something that holds for what X-Ray has of an order, or not.
type expectation struct {
	what string
	ok   bool
}

// expectations holds what X-Ray has of an order against the Lambda X-Ray model:
// the function span is an independent subsegment of the platform's segment with
// its calls in it, and the service's span is a segment beneath the call.
func expectations(x *xray, o placed) ([]expectation, error) {
	spans, documents, err := x.have()
	if err != nil {
		return nil, err
	}
	function, table := spans[o.function.String()], spans[o.table.String()]
	call, price := spans[o.call.String()], spans[o.price.String()]
	return []expectation{
		{"every span has arrived", function != nil && table != nil && call != nil && price != nil},
		{"the function span is a subsegment of the segment that Lambda writes",
			function != nil && function.Type == "subsegment" && function.ParentID == o.parent.String()},
		{"it makes no second Lambda node", function != nil && function.Origin == ""},
		{"the table read is DynamoDB with operation GetItem",
			table != nil && table.Name == "DynamoDB" && table.Namespace == "aws" && table.AWS["operation"] == "GetItem"},
		{"the order's id is an annotation", table != nil && table.Annotations["order.id"] == "o-1"},
		{"the HTTP call is named after its host", call != nil && call.Name == "prices.example.com" && call.Namespace == "remote"},
		{"both are in the function's document", documents[o.table.String()] == function && documents[o.call.String()] == function},
		{"the service's span is a segment beneath the call",
			price != nil && price.Type == "" && price.Name == "prices" && price.ParentID == o.call.String()},
	}, nil
}

// check returns an error if an order is not as expected.
func check(x *xray, o placed) error {
	list, err := expectations(x, o)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.ok {
			return fmt.Errorf("trace %s: not so: %s", o.trace, e.what)
		}
	}
	return nil
}

func oneCollector(ctx context.Context, c *collectors) error {
	s, err := newSingle()
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.start(ctx, c); err != nil {
		return err
	}
	orders, err := sendOrders(ctx, s.otlp, 3)
	if err != nil {
		return err
	}
	if err := s.checkAll(ctx, orders); err != nil {
		return err
	}
	fmt.Printf("  %d orders, %d spans. X-Ray has of each:\n", len(orders), len(orders)*spansOfOrder)
	list, err := expectations(s.xray, orders[0])
	if err != nil {
		return err
	}
	for _, e := range list {
		fmt.Println("  -", e.what)
	}
	fmt.Println("  The Collector's metrics:")
	if err := s.printMetrics(ctx); err != nil {
		return err
	}
	return s.stop()
}

func restart(ctx context.Context, c *collectors) error {
	s, err := newSingle()
	if err != nil {
		return err
	}
	defer s.close()
	s.xray.down.Store(true)
	if err := s.start(ctx, c); err != nil {
		return err
	}
	orders, err := sendOrders(ctx, s.otlp, 20)
	if err != nil {
		return err
	}
	select {
	case <-s.xray.called: // it has tried
	case <-ctx.Done():
		return ctx.Err()
	}
	s.kill()
	if spans, _, err := s.xray.have(); err != nil || len(spans) > 0 {
		return fmt.Errorf("X-Ray is down and has %d spans: %v", len(spans), err)
	}
	fmt.Printf("  %d orders sent while X-Ray answers 503, then the Collector is killed\n", len(orders))

	s.xray.down.Store(false)
	if err := s.start(ctx, c); err != nil {
		return err
	}
	if err := s.checkAll(ctx, orders); err != nil {
		return err
	}
	fmt.Printf("  both are back, and X-Ray has all %d spans\n", len(orders)*spansOfOrder)
	return s.stop()
}

func twoGateways(ctx context.Context, c *collectors) error {
	dir, err := os.MkdirTemp("", "otelcol-gateways")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var xrays []*xray // one for each gateway, to see which took what
	settings := map[string]string{}
	for i := range 2 {
		g, err := newGateway(c, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			return err
		}
		defer g.close()
		if err := g.up(ctx); err != nil {
			return err
		}
		xrays = append(xrays, g.xray)
		settings[fmt.Sprintf("GATEWAY_%d", i+1)] = g.otlp
	}
	balancer, err := c.start(ctx, "balancer.yaml", settings)
	if err != nil {
		return err
	}
	defer balancer.kill()
	const n = 30
	orders, err := sendOrders(ctx, balancer.otlp, n)
	if err != nil {
		return err
	}
	if err := await(ctx, n*spansOfOrder, xrays...); err != nil {
		return err
	}
	shares := make([]int, len(xrays))
	for _, o := range orders {
		for i, x := range xrays {
			if spans, _, _ := x.have(); has(spans, o) {
				shares[i]++
				if err := check(x, o); err != nil { // all of it, in this one
					return err
				}
			}
		}
	}
	fmt.Printf("  %d traces: %d came through one gateway, %d through the other, each of them whole\n", n, shares[0], shares[1])
	if shares[0] == 0 || shares[1] == 0 || shares[0]+shares[1] != n {
		return fmt.Errorf("%d traces are not each at one of two gateways", n)
	}
	return nil
}

// has reports whether any span of the order is among spans.
func has(spans map[string]*segment.Document, o placed) bool {
	for _, id := range []trace.SpanID{o.function, o.table, o.call, o.price} {
		if spans[id.String()] != nil {
			return true
		}
	}
	return false
}

// serveForever is for trying it out.
func serveForever(ctx context.Context, c *collectors) error {
	s, err := newSingle()
	if err != nil {
		return err
	}
	defer s.close()
	s.xray.print = true
	if err := s.start(ctx, c); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "OTLP over gRPC: OTEL_EXPORTER_OTLP_ENDPOINT=http://%s\nmetrics: %s\nDocuments follow; Ctrl-C ends.\n", s.otlp, s.metrics)
	select {
	case <-ctx.Done():
		return s.stop()
	case err := <-s.exited:
		return fmt.Errorf("the Collector ended: %v\n%s", err, s.log.String())
	}
}
