// Package xrayfasthttp makes segments of the requests that fasthttp serves.
package xrayfasthttp

import (
	"context"
	"net/http"
	"net/url"

	"github.com/valyala/fasthttp"

	"github.com/lambdaxray/lambdaxray/xray"
	"github.com/lambdaxray/lambdaxray/xray/header"
)

// The user values by which package xray finds segment and configuration in a
// *fasthttp.RequestCtx.
const (
	segmentKey = "xray-ck"
	configKey  = "xray-rck"
)

// FastHTTPHandler wraps handlers of fasthttp.
type FastHTTPHandler interface {
	Handler(xray.SegmentNamer, fasthttp.RequestHandler) fasthttp.RequestHandler
}

type instrumentor struct{ config *xray.Config }

// NewFastHTTPInstrumentor returns one, with a configuration of its own if cfg is
// not nil.
func NewFastHTTPInstrumentor(cfg *xray.Config) FastHTTPHandler {
	return instrumentor{cfg}
}

// Handler returns handler with a segment around each request; see [xray.Handler].
// Subsegments begin with the *fasthttp.RequestCtx as their context.
func (i instrumentor) Handler(sn xray.SegmentNamer, handler fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		outer := context.Background()
		if i.config != nil {
			outer = context.WithValue(outer, xray.RecorderContextKey{}, i.config)
			ctx.SetUserValue(configKey, i.config)
		}
		sent := header.FromString(string(ctx.Request.Header.Peek(xray.TraceIDHeaderKey)))
		r := request(ctx)
		_, seg := xray.NewSegmentFromHeader(outer, sn.Name(r.Host), r, sent)
		defer seg.Close(nil)
		ctx.SetUserValue(segmentKey, seg)
		xray.HttpCaptureRequest(seg, r)
		ctx.Response.Header.Set(xray.TraceIDHeaderKey, xray.ResponseHeader(seg, sent))
		handler(ctx)
		seg.Lock()
		seg.GetHTTP().GetResponse().ContentLength = max(ctx.Response.Header.ContentLength(), 0)
		seg.Unlock()
		xray.HttpCaptureResponse(seg, ctx.Response.StatusCode())
	}
}

// request returns what a segment says of a request. A URI that does not parse is
// its path.
func request(ctx *fasthttp.RequestCtx) *http.Request {
	u, err := url.ParseRequestURI(string(ctx.RequestURI()))
	if err != nil {
		u = &url.URL{Path: string(ctx.Path())}
	}
	h := http.Header{}
	for _, key := range []string{"X-Forwarded-For", "User-Agent"} {
		if v := ctx.Request.Header.Peek(key); len(v) > 0 {
			h.Set(key, string(v))
		}
	}
	return &http.Request{
		Method:     string(ctx.Method()),
		URL:        u,
		Host:       string(ctx.Host()),
		RemoteAddr: ctx.RemoteAddr().String(),
		Header:     h,
		TLS:        ctx.TLSConnectionState(),
	}
}
