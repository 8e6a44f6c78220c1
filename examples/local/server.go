package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/examples/local/page"
	"github.com/lambdaxray/lambdaxray/examples/local/xray"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// handler serves all that is served on one address: the page and its API, Lambda's
// Invoke API, and X-Ray's API.
func (l *local) handler(ctx context.Context, out *printer, addr string) http.Handler {
	traced := func(title string, o lambda.Outcome) { out.one(shownTrace{title: title, outcome: o}) }
	invoke := &lambda.InvokeAPI{Platform: l.platform, Life: ctx, Traced: traced}
	api := xray.NewAPI(l.xray.store, xraytest.NewSamplingRules())
	pageAPI := xray.NewPageHandler(l.xray.store, xray.PageOptions{
		Health: func(h *xray.PageHealth) {
			stats := l.xray.daemon.Stats()
			h.Function = l.platform.Function.Name
			h.Addresses = xray.PageAddress{Daemon: l.xray.daemon.Addr(), HTTP: "http://" + addr}
			h.Datagrams = xray.PageDatagram{Received: stats.Datagrams, Bad: stats.Bad, Dropped: stats.Dropped}
		},
		Invoke: func(_ context.Context, in xray.PageInvocation) (xray.PageOutcome, error) {
			return l.invoke(ctx, in, traced) // the function runs to its end even if the page is closed
		},
	})
	return xray.Guard(page.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			pageAPI.ServeHTTP(w, r)
		case xray.IsOperation(r):
			api.ServeHTTP(w, r)
		default:
			invoke.ServeHTTP(w, r)
		}
	})))
}

// invoke runs the function for the page.
func (l *local) invoke(ctx context.Context, in xray.PageInvocation, traced func(string, lambda.Outcome)) (xray.PageOutcome, error) {
	payload, err := json.Marshal(in.Payload)
	if err != nil {
		return xray.PageOutcome{}, err
	}
	if in.Type == "Event" {
		trace, err := l.platform.Accept(ctx, lambda.Request{Payload: payload}, func(o lambda.Outcome) { traced("Asynchronous event", o) })
		if err != nil {
			return xray.PageOutcome{}, err
		}
		return xray.PageOutcome{Trace: trace.ID(), Status: http.StatusAccepted}, nil
	}
	o, err := l.platform.Call(ctx, lambda.Request{Payload: payload})
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
