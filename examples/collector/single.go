package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
)

// single is one Collector with collector.yaml in front of a fake X-Ray. Its queue
// is a directory that outlives the Collector's process.
type single struct {
	*process
	xray     *xray
	endpoint string // in place of xray's
	queue    string
	metrics  string // URL
}

func newSingle() (*single, error) {
	queue, err := os.MkdirTemp("", "otelcol-queue")
	if err != nil {
		return nil, err
	}
	x, err := startXRay()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(queue))
	}
	return &single{xray: x, queue: queue}, nil
}

// start starts the Collector, for the first time or again.
func (s *single) start(ctx context.Context, c *collectors) error {
	metrics, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(metrics)
	if err != nil {
		return err
	}
	s.metrics = "http://" + metrics + "/metrics"
	s.process, err = c.start(ctx, "collector.yaml", map[string]string{
		"XRAY_ENDPOINT": cmp.Or(s.endpoint, s.xray.url), "QUEUE_DIR": s.queue, "METRICS_PORT": port,
	})
	return err
}

func (s *single) close() {
	if s.process != nil {
		s.kill()
	}
	_ = s.xray.stop()
	_ = os.RemoveAll(s.queue)
}

// checkAll waits for the orders' spans and checks them.
func (s *single) checkAll(ctx context.Context, orders []placed) error {
	if err := await(ctx, len(orders)*spansOfOrder, s.xray); err != nil {
		return err
	}
	for _, o := range orders {
		if err := check(s.xray, o); err != nil {
			return err
		}
	}
	return nil
}

// printMetrics prints what the exporter counts.
func (s *single) printMetrics(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	totals := map[string]float64{} // of all reasons
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, labels, _ := strings.Cut(lines.Text(), "{")
		if !strings.HasPrefix(name, "otelcol_exporter_awsxraylambda_") {
			continue
		}
		_, text, _ := strings.Cut(labels, "} ")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		totals[name] += value
	}
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		fmt.Printf("  - %s %.0f\n", name, totals[name])
	}
	if len(totals) == 0 {
		return errors.Join(errors.New("the Collector's metrics have none of the exporter"), lines.Err())
	}
	return nil
}
