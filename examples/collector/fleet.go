package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// gateway is one of the two behind the balancer, with its queue on disk and an
// X-Ray of its own, to see what came through it.
type gateway struct {
	*process
	collectors *collectors
	xray       *xray
	settings   map[string]string
}

func newGateway(c *collectors, dir string) (*gateway, error) {
	x, err := startXRay()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, errors.Join(err, x.stop())
	}
	return &gateway{collectors: c, xray: x, settings: map[string]string{
		"XRAY_ENDPOINT": x.url, "OTLP_ENDPOINT": address, "QUEUE_DIR": dir,
	}}, nil
}

// up starts the gateway, for the first time or again, at the same address.
func (g *gateway) up(ctx context.Context) (err error) {
	g.process, err = g.collectors.start(ctx, "gateway.yaml", g.settings)
	return err
}

func (g *gateway) close() {
	if g.process != nil {
		g.kill()
	}
	_ = g.xray.stop()
}

// What happens to the fleet, in seconds after the first span.
const (
	fleetRate = 10_000 // spans a second
	fleetTime = 12 * time.Second
)

// fleet is what a deployment goes through in a bad hour: spans at a steady rate
// through a balancer to two gateways, X-Ray throttles, a gateway is killed and
// comes back, and both are restarted one after the other.
func fleet(ctx context.Context, c *collectors) error {
	dir, err := os.MkdirTemp("", "otelcol-fleet")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var throttled atomic.Int64
	var throttling atomic.Bool
	settings := map[string]string{}
	gateways := make([]*gateway, 2)
	for i := range gateways {
		g, err := newGateway(c, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			return err
		}
		defer g.close()
		var calls atomic.Int64
		g.xray.answer = func() *xraytest.Fault { // a third of the calls
			if !throttling.Load() || calls.Add(1)%3 != 0 {
				return nil
			}
			throttled.Add(1)
			return &xraytest.Fault{Status: http.StatusTooManyRequests}
		}
		if err := g.up(ctx); err != nil {
			return err
		}
		gateways[i] = g
		settings[fmt.Sprintf("GATEWAY_%d", i+1)] = g.otlp
	}
	balancer, err := c.start(ctx, "balancer.yaml", settings)
	if err != nil {
		return err
	}
	defer balancer.kill()

	l, err := newLoad(balancer.otlp)
	if err != nil {
		return err
	}
	defer l.close()
	loaded := make(chan error, 1)
	go func() { loaded <- l.run(ctx, fleetRate, fleetTime) }()
	if err := events(ctx, gateways, &throttling); err != nil {
		return err
	}
	if err := <-loaded; err != nil {
		return err
	}
	fmt.Printf("  %d spans of %d traces sent in %.1f s, %.0f a second; each trace in two requests of two services\n",
		l.spans, l.traces, l.took.Seconds(), float64(l.spans)/l.took.Seconds())
	return l.check(ctx, gateways, throttled.Load())
}

// events takes the gateways through what happens while spans come in.
func events(ctx context.Context, gateways []*gateway, throttling *atomic.Bool) error {
	first, second := gateways[0], gateways[1]
	restart := func(g *gateway) func() error {
		return func() error {
			if err := g.stop(); err != nil {
				return err
			}
			return g.up(ctx)
		}
	}
	began := time.Now()
	for _, e := range []struct {
		at   time.Duration
		what string
		do   func() error
	}{
		{1 * time.Second, "X-Ray throttles a third of the calls", func() error { throttling.Store(true); return nil }},
		{2 * time.Second, "gateway 1 is killed", func() error { first.kill(); return nil }},
		{4 * time.Second, "gateway 1 comes back", func() error { return first.up(ctx) }},
		{6 * time.Second, "X-Ray takes all calls again", func() error { throttling.Store(false); return nil }},
		{7 * time.Second, "gateway 1 is restarted", restart(first)},
		{9 * time.Second, "gateway 2 is restarted", restart(second)},
	} {
		select {
		case <-time.After(time.Until(began.Add(e.at))):
		case <-ctx.Done():
			return ctx.Err()
		}
		fmt.Printf("  %4.1f s: %s\n", time.Since(began).Seconds(), e.what)
		if err := e.do(); err != nil {
			return fmt.Errorf("%s: %w", e.what, err)
		}
	}
	return nil
}

// check waits until X-Ray has every span, and looks where each trace came through.
func (l *load) check(ctx context.Context, gateways []*gateway, throttled int64) error {
	began := time.Now()
	var xrays []*xray
	for _, g := range gateways {
		xrays = append(xrays, g.xray)
	}
	if err := await(ctx, l.spans, xrays...); err != nil {
		return err
	}
	through := map[string]int{} // trace -> gateways
	documents := 0
	for _, x := range xrays {
		traces, docs := x.counts()
		documents += docs
		for id := range traces {
			through[id]++
		}
	}
	split := 0
	for _, n := range through {
		if n > 1 {
			split++
		}
	}
	fmt.Printf("  X-Ray has all %d spans %.1f s later, in %d documents; %d calls were throttled; %d traces came through two gateways\n",
		l.spans, time.Since(began).Seconds(), documents, throttled, split)
	if len(through) != l.traces || split > 0 {
		return fmt.Errorf("%d traces of %d arrived, %d of them split", len(through), l.traces, split)
	}
	return nil
}
