package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// scenario is one thing to show. It returns an error if X-Ray does not have what
// it should have in the end.
type scenario struct {
	name  string
	about string
	run   func(ctx context.Context, c *collectors) error
}

var scenarios = []scenario{
	{"one", "a function and a service send to one Collector", oneCollector},
	{"restart", "X-Ray is down, the Collector is killed; both come back", restart},
	{"gateways", "a balancer sends each trace to one of two gateways", twoGateways},
	{"fleet", "10,000 spans a second while X-Ray throttles, a gateway is killed and both are restarted", fleet},
	{"dead", "X-Ray takes connections and never answers; the Collector is stopped", deadPeer},
	{"validate", "the configurations that are printed, and one without a region", validate},
}

func main() {
	binary := flag.String("collector", "build/otelcol-xray", "the Collector to run")
	verbose := flag.Bool("v", false, "show what the Collectors log")
	only := flag.String("scenario", "", "run this one alone: one, restart, gateways, fleet, dead or validate")
	serve := flag.Bool("serve", false, "run collector.yaml until Ctrl-C and print the documents of the spans you send")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *binary, *verbose, *only, *serve); err != nil {
		fmt.Fprintln(os.Stderr, "collector:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, verbose bool, only string, serve bool) error {
	path, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w; run.sh builds it", err)
	}
	c := &collectors{binary: path, verbose: verbose}
	if serve {
		return serveForever(ctx, c)
	}
	ran := 0
	for _, s := range scenarios {
		if only != "" && s.name != only {
			continue
		}
		ran++
		fmt.Printf("%s: %s\n", s.name, s.about)
		began := time.Now()
		if err := runOne(ctx, c, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("  ok (%.1f s)\n", time.Since(began).Seconds())
	}
	if ran == 0 {
		return fmt.Errorf("no scenario %q", only)
	}
	return nil
}

// patience is how long a scenario may take.
const patience = 3 * time.Minute

func runOne(ctx context.Context, c *collectors, s scenario) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.run(ctx, c)
}
