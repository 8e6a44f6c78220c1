package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"

	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

const caller = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

// answering is a server whose paths say what it answers.
func answering() *httptest.Server {
	return serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		fmt.Sscanf(strings.TrimPrefix(r.URL.Path, "/"), "%d", &status)
		w.Header().Set("Content-Length", "4")
		w.WriteHeader(status)
		io.WriteString(w, "done")
	}))
}

// written has a value for each request that a client of watched says is written.
var written = make(chan struct{}, 100)

// watched is for the requests to a server of serve. Of several traces the one that was
// added last is called first: what the SDK's does at a request's end is done when the
// server learns of it.
func watched(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { written <- struct{}{} },
	})
}

// serve answers a request once its client has said that it is written, which net/http
// may otherwise say after the answer has come.
func serve(h http.Handler) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-written
		h.ServeHTTP(w, r)
	}))
}

func get(ctx context.Context, c *http.Client, url string) string {
	req, err := http.NewRequestWithContext(watched(ctx), "GET", url, nil)
	check(err)
	resp, err := c.Do(req)
	if err != nil {
		return "failed"
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(b))
}

func init() {
	programs["client"] = func(ctx context.Context) {
		server := answering()
		ctx, seg := xray.BeginSegment(ctx, "shop")
		c := xray.Client(nil)
		for _, path := range []string{"/200?token=secret", "/404", "/429", "/503"} {
			fmt.Println(get(ctx, c, server.URL+path))
		}
		fmt.Println(get(ctx, c, strings.Replace(server.URL, "http://", "http://user:pass@", 1)+"/200"))
		seg.Close(nil)
	}
	programs["clienterror"] = func(ctx context.Context) {
		ctx, seg := xray.BeginSegment(ctx, "shop")
		c := &http.Client{Transport: xray.RoundTripper(http.DefaultTransport)}
		fmt.Println(get(ctx, c, "http://127.0.0.1:1/refused"))
		seg.Close(nil)
	}
	programs["clientmissing"] = func(ctx context.Context) {
		check(xray.Configure(xray.Config{ContextMissingStrategy: silent{}}))
		fmt.Println(get(ctx, xray.Client(nil), answering().URL+"/200"))
	}
	programs["server"] = func(ctx context.Context) {
		h := xray.Handler(xray.NewFixedSegmentNamer("api"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = xray.Capture(r.Context(), "work", func(ctx context.Context) error { return xray.AddAnnotation(ctx, "path", r.URL.Path) })
			w.Header().Set("Content-Length", "2")
			if r.URL.Path == "/broken" {
				w.WriteHeader(502)
			}
			io.WriteString(w, "ok")
		}))
		for _, r := range []struct{ path, header, forwarded string }{
			{"/plain", "", ""},
			{"/traced", caller, "203.0.113.9, 10.0.0.1"},
			{"/asked", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?", ""},
			{"/root", "Root=1-5759e988-bd862e3fe1be46a994272794", ""},
			{"/not", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0", ""},
			{"/broken", caller, ""},
		} {
			req := httptest.NewRequest("GET", "http://api.example.com"+r.path+"?q=1", nil)
			req.Header.Set("User-Agent", "test/1")
			if r.header != "" {
				req.Header.Set("X-Amzn-Trace-Id", r.header)
			}
			if r.forwarded != "" {
				req.Header.Set("X-Forwarded-For", r.forwarded)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			back := header.FromString(w.Header().Get("X-Amzn-Trace-Id"))
			fmt.Println(w.Code, back.ParentID, back.SamplingDecision, len(back.TraceID))
		}
	}
	programs["dynamicnames"] = func(ctx context.Context) {
		h := xray.Handler(xray.NewDynamicSegmentNamer("other", "*.example.com"), http.NotFoundHandler())
		for _, host := range []string{"www.example.com", "evil.test"} {
			req := httptest.NewRequest("GET", "http://"+host+"/x", nil)
			h.ServeHTTP(httptest.NewRecorder(), req)
		}
	}
	programs["chain"] = func(ctx context.Context) {
		back := serve(xray.Handler(xray.NewFixedSegmentNamer("back"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Println("traced", xray.RequestWasTraced(r.Context()))
		})))
		front := serve(xray.Handler(xray.NewFixedSegmentNamer("front"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, get(r.Context(), xray.Client(nil), back.URL))
		})))
		fmt.Println(get(ctx, http.DefaultClient, front.URL))
		front.Close() // its segment is sent when the handler has returned
		back.Close()
	}
	programs["router"] = func(ctx context.Context) {
		r := httptest.NewRequest("POST", "http://gin.example.com/v1/items", nil)
		h := header.FromString(caller)
		ctx, seg := xray.NewSegmentFromHeader(ctx, "gin", r, h)
		seg.Lock()
		seg.GetHTTP().GetRequest().Method = r.Method
		seg.GetHTTP().GetRequest().URL = "http://gin.example.com/v1/items"
		seg.GetHTTP().GetRequest().ClientIP = "198.51.100.4"
		seg.GetHTTP().GetRequest().UserAgent = "curl"
		seg.Unlock()
		_ = xray.Capture(ctx, "bind", func(context.Context) error { return nil })
		seg.Lock()
		seg.TraceID, seg.ParentID, seg.Sampled = h.TraceID, h.ParentID, true
		seg.GetHTTP().GetResponse().Status = 429
		seg.GetHTTP().GetResponse().ContentLength = 12
		seg.Error, seg.Throttle = true, true
		seg.Unlock()
		fmt.Println(xray.RequestWasTraced(ctx))
		seg.Close(nil)
	}
	programs["fasthttp"] = func(ctx context.Context) {
		l := fasthttputil.NewInmemoryListener()
		instrumented := xray.NewFastHTTPInstrumentor(nil).Handler(xray.NewFixedSegmentNamer("fast"), func(ctx *fasthttp.RequestCtx) {
			_ = xray.Capture(ctx, "work", func(context.Context) error { return errors.New("no") })
			ctx.SetStatusCode(418)
			ctx.SetBodyString("teapot")
		})
		server := &fasthttp.Server{Handler: instrumented}
		go server.Serve(l)
		client := &fasthttp.Client{Dial: func(string) (net.Conn, error) { return l.Dial() }}
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		req.SetRequestURI("http://fast.example.com/pot")
		req.Header.Set("X-Amzn-Trace-Id", caller)
		check(client.Do(req, resp))
		fmt.Println(resp.StatusCode(), string(resp.Body()))
		check(server.Shutdown())
	}
}

type silent struct{}

func (silent) ContextMissing(interface{}) {}
