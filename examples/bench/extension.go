package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// What stands beside each other.
const (
	extension      = "extension"
	collectorPlain = "Collector"
	collectorQueue = "Collector, queue" // answers before it has written
)

const (
	besideReady    = "beside ready ms"
	besideCPU      = "beside CPU ms"
	besideResident = "beside resident MB"
	besideAfter    = "beside resident after exports MB"
	besideSize     = "beside size MB"
	besideExport   = "beside export µs " // and the protocol
)

// errNotLinux is a machine that extensions do not run on.
var errNotLinux = errors.New("an extension runs on Linux alone")

// measureExtension measures the extension as its layer has it beside a Collector. A
// machine that cannot have the one or the other is no failure: missing says what is not
// there.
func measureExtension(ctx context.Context, root string, e effort, r *results, progress func(string, ...any)) (missing, err error) {
	if runtime.GOOS != "linux" {
		return errNotLinux, nil
	}
	dir, err := os.MkdirTemp("", "lambdaxray-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	progress("building the extension's layer")
	path, err := buildExtension(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	servers := []server{extensionServer(path)}
	progress("building a Collector, the first time about three minutes")
	c, missing := buildCollector(ctx, root, dir)
	if missing == nil {
		servers = append(servers, collectorServer(collectorPlain, c, false), collectorServer(collectorQueue, c, true))
	}
	for _, s := range servers {
		info, err := os.Stat(s.path)
		if err != nil {
			return missing, err
		}
		r.add(besideSize, s.impl, float64(info.Size())/1e6)
	}
	req, err := newRequest(filepath.Join(root, "mapping", "testdata", "golden", "lambda_trace_current_conventions", "spans.json"))
	if err != nil {
		return missing, err
	}
	progress("%d rounds of starts of the extension and the Collector", e.starts)
	if err := measureReady(ctx, servers, e, r); err != nil {
		return missing, err
	}
	progress("%d exports to each, by each protocol", e.exports)
	if err := measureExports(ctx, servers, req, e, r); err != nil {
		return missing, err
	}
	progress("%d exports to each for its memory", e.resident)
	return missing, measureAfter(ctx, servers, req, e, r)
}

// buildExtension builds the layer and takes this machine's binary out of it.
func buildExtension(ctx context.Context, root, dir string) (string, error) {
	if _, err := goCommand(ctx, filepath.Join(root, "exporter", "lambdaextension"), "run", "./layer", dir); err != nil {
		return "", err
	}
	z, err := zip.OpenReader(filepath.Join(dir, "layer-"+runtime.GOARCH+".zip"))
	if err != nil {
		return "", fmt.Errorf("no layer for this machine: %w", err)
	}
	defer z.Close()
	in, err := z.Open("extensions/lambdaxray")
	if err != nil {
		return "", err
	}
	defer in.Close()
	path := filepath.Join(dir, "lambdaxray")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(out, in)
	return path, errors.Join(err, out.Close())
}

// measureReady starts every server once a round.
func measureReady(ctx context.Context, servers []server, e effort, r *results) error {
	for round := range e.starts {
		for i := range servers {
			s := servers[(round+i)%len(servers)] // nobody is always the first
			one, cancel := context.WithTimeout(ctx, e.timeout)
			p, err := s.start(one)
			cancel()
			if err != nil {
				return err
			}
			mb, ok := residentMB(p.cmd.Process.Pid)
			cpu := p.stop()
			r.add(besideReady, s.impl, p.startup.Seconds()*1e3)
			r.add(besideCPU, s.impl, cpu.Seconds()*1e3)
			if ok {
				r.add(besideResident, s.impl, mb)
			}
		}
	}
	return nil
}

// measureExports sends to the servers by turns, by each protocol, and counts the
// documents in the end: an answer without one would be fast.
func measureExports(ctx context.Context, servers []server, req request, e effort, r *results) error {
	clients, stop, err := startAll(ctx, servers, e)
	defer stop()
	if err != nil {
		return err
	}
	rounds := (e.warm + e.exports) / e.turn
	for _, protocol := range protocols {
		for round := range rounds {
			for i := range clients {
				c := clients[(round+i)%len(clients)]
				for n := range e.turn {
					body := req.body(protocol)
					begin := time.Now()
					if err := c.export(ctx, protocol, body); err != nil {
						return fmt.Errorf("%s, %s: %w", c.server.impl, protocol, err)
					}
					if took := time.Since(begin); round*e.turn+n >= e.warm {
						r.add(besideExport+protocol, c.server.impl, float64(took.Nanoseconds())/1e3)
					}
				}
			}
		}
	}
	return received(ctx, clients, len(protocols)*rounds*e.turn, e)
}

// measureAfter says what a server holds after many exports.
func measureAfter(ctx context.Context, servers []server, req request, e effort, r *results) error {
	clients, stop, err := startAll(ctx, servers, e)
	defer stop()
	if err != nil {
		return err
	}
	for range e.resident {
		body := req.body(protocols[0])
		for _, c := range clients {
			if err := c.export(ctx, protocols[0], body); err != nil {
				return fmt.Errorf("%s: %w", c.server.impl, err)
			}
		}
	}
	for _, c := range clients {
		if mb, ok := residentMB(c.server.cmd.Process.Pid); ok {
			r.add(besideAfter, c.server.impl, mb)
		}
	}
	return received(ctx, clients, e.resident, e)
}

// startAll starts the servers, with a client each.
func startAll(ctx context.Context, servers []server, e effort) (clients []*client, stop func(), err error) {
	stop = func() {
		for _, c := range clients {
			c.close()
			c.server.stop()
		}
	}
	for _, s := range servers {
		one, cancel := context.WithTimeout(ctx, e.timeout)
		p, err := s.start(one)
		cancel()
		if err != nil {
			return clients, stop, err
		}
		c, err := newClient(p)
		if err != nil {
			p.stop()
			return clients, stop, err
		}
		clients = append(clients, c)
	}
	return clients, stop, nil
}

// received waits until every server has written n documents.
func received(ctx context.Context, clients []*client, n int, e effort) error {
	one, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	for _, c := range clients {
		if err := c.server.daemon.wait(one, n); err != nil {
			return fmt.Errorf("%s: %w", c.server.impl, err)
		}
	}
	return nil
}
