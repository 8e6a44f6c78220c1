package extension

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/telemetry"
)

const (
	// sandbox is what Lambda calls the environment. Its port 0 is one that is free: a
	// fixed one may be another extension's, and a cold start then waits to the timeout.
	sandbox = "sandbox.localdomain:0"

	// maxLookup is how long the cold start may wait for the address of sandbox, which
	// on Lambda is in a file.
	maxLookup = 200 * time.Millisecond

	// maxBatch is what a batch may have: Lambda sends twice what is asked for, which is
	// 256 KiB, and names and times besides.
	maxBatch = 1 << 20
)

// subscribe asks for the events of the Telemetry API, if a user wants them. Without
// them everything else is as it would be.
func (x *Extension) subscribe(a *api) {
	address := x.getenv(EnvTelemetry)
	switch address {
	case "", "off":
		return
	case "on":
		address = sandbox
	}
	err := x.listen(address, a.subscribe)
	if err != nil {
		x.log.Once("telemetry", "no timings of the platform are shown, traces go on (%s=%s; outside Lambda it may be 127.0.0.1:0): %v",
			EnvTelemetry, x.getenv(EnvTelemetry), err)
	}
}

// listen serves events at address if subscribe, which gets its URI, succeeds.
func (x *Extension) listen(address string, subscribe func(uri string) error) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("want on, off or host:port: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxLookup)
	defer cancel()
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err == nil {
		err = subscribe("http://" + net.JoinHostPort(host, port))
	}
	if err != nil {
		_ = l.Close() // it served nobody
		return err
	}
	// No timeouts, as in package receiver.
	x.events = &http.Server{Handler: http.HandlerFunc(x.serveTelemetry), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = x.events.Serve(l) }() // ends with Close
	return nil
}

// serveTelemetry takes a batch of events. It always answers 200: of anything else
// Lambda sends the batch again.
func (x *Extension) serveTelemetry(w http.ResponseWriter, req *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			x.log.Once("telemetry panic", "events of the Telemetry API are lost: %v\n%s", p, debug.Stack())
		}
	}()
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBatch))
	if err == nil {
		err = x.Telemetry(body)
	}
	if err != nil {
		x.log.Once("telemetry batch", "events of the Telemetry API are lost: %v", err)
	}
}

// Telemetry takes a batch of events of the Telemetry API.
func (x *Extension) Telemetry(body []byte) error {
	events, err := telemetry.Decode(body)
	if err != nil {
		return err
	}
	var docs [][]byte
	x.mu.Lock()
	for i := range events {
		docs = x.calls.time(docs, &events[i])
	}
	reported := x.calls.timings.reported
	x.calls.timings.reported = nil
	x.mu.Unlock()
	if len(docs) > 0 {
		x.emit(x.daemon(), docs)
	}
	for _, inv := range reported {
		inv.report.Do(func() { close(inv.reported) })
	}
	return nil
}

// maxReport is how long the end waits for what Lambda has to say of the last
// invocation, of the 2 s that there are: a frozen environment is told of it only now.
const maxReport = 300 * time.Millisecond

// awaitReport waits for the report of the last invocation.
func (x *Extension) awaitReport() {
	x.mu.Lock()
	inv := x.calls.current
	x.mu.Unlock()
	if x.events == nil || inv == nil {
		return
	}
	timer := time.NewTimer(maxReport)
	defer timer.Stop()
	select {
	case <-inv.reported:
	case <-timer.C:
	}
}
