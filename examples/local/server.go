package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/examples/local/page"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
)

// handler serves all that is served on one address: the page and its API, X-Ray's
// API, OTLP, and Lambda's Invoke API.
func (l *local) handler(ctx context.Context, out *printer, addr string) http.Handler {
	traced := func(title string, o lambda.Outcome) { out.one(shownTrace{title: title, outcome: o}) }
	api := xray.NewAPI(l.xray.store, l.xray.sampling)
	pages := xray.NewPageHandler(l.xray.store, xray.PageOptions{
		Health: func(h *xray.PageHealth) { l.health(h, addr) },
		Invoke: func(_ context.Context, in xray.PageInvocation) (xray.PageOutcome, error) {
			return l.invoke(ctx, in, traced) // the function runs to its end even if the page is closed
		},
	})
	var hosts []string
	if host, _, err := net.SplitHostPort(l.addr); err == nil && l.expose {
		hosts = []string{host}
	}
	return xray.Guard(page.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		platform := l.platform.Load()
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			pages.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/v1/"):
			l.xray.otlp.ServeHTTP(w, r)
		case xray.IsOperation(r) || platform == nil && !l.function():
			api.ServeHTTP(w, r)
		case platform == nil:
			http.Error(w, "the function is being built", http.StatusServiceUnavailable)
		default:
			(&lambda.InvokeAPI{Platform: platform, Life: ctx, Traced: traced}).ServeHTTP(w, r)
		}
	})), hosts...)
}

// health adds what the store does not know.
func (l *local) health(h *xray.PageHealth, addr string) {
	stats := l.xray.daemon.Stats()
	if p := l.platform.Load(); p != nil {
		h.Function = p.Function.Name
	}
	h.Addresses = xray.PageAddress{Daemon: l.xray.daemon.Addr(), HTTP: "http://" + addr, Data: l.data}
	h.Datagrams = xray.PageDatagram{Received: stats.Datagrams, Bad: stats.Bad, Dropped: stats.Dropped}
}

// invoke runs the function for the page.
func (l *local) invoke(ctx context.Context, in xray.PageInvocation, traced func(string, lambda.Outcome)) (xray.PageOutcome, error) {
	platform := l.platform.Load()
	if platform == nil {
		return xray.PageOutcome{}, errors.New("no function runs here, or it is being built")
	}
	payload, err := json.Marshal(in.Payload)
	if err != nil {
		return xray.PageOutcome{}, err
	}
	if in.Type == "Event" {
		trace, err := platform.Accept(ctx, lambda.Request{Payload: payload}, func(o lambda.Outcome) { traced("Asynchronous event", o) })
		if err != nil {
			return xray.PageOutcome{}, err
		}
		return xray.PageOutcome{Trace: trace.ID(), Status: http.StatusAccepted}, nil
	}
	o, err := platform.Call(ctx, lambda.Request{Payload: payload})
	if err != nil {
		return xray.PageOutcome{}, err
	}
	traced("Synchronous call", o)
	out := xray.PageOutcome{
		RequestID: o.RequestID, Status: http.StatusOK, FunctionError: o.FunctionError, Payload: string(o.Payload), Log: string(o.Log),
		Seconds: o.Responded.Sub(o.Started).Seconds(),
	}
	if o.Trace.Sampled() {
		out.Trace = o.Trace.ID()
	}
	return out, nil
}
