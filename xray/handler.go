package xray

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/felixge/httpsnoop"

	"github.com/lambdaxray/lambdaxray/xray/header"
)

// Handler returns h with a segment around each request: the tracing header of the
// request names its parent, the response has one with the trace id.
//
// In a Lambda function the segment is a subsegment of the invocation.
func Handler(sn SegmentNamer, h http.Handler) http.Handler {
	return handler(sn, h, func(ctx context.Context) context.Context { return ctx })
}

// HandlerWithContext is Handler with the configuration in ctx, if there is one.
func HandlerWithContext(ctx context.Context, sn SegmentNamer, h http.Handler) http.Handler {
	c := GetRecorder(ctx)
	return handler(sn, h, func(ctx context.Context) context.Context {
		return context.WithValue(ctx, RecorderContextKey{}, c)
	})
}

func handler(sn SegmentNamer, h http.Handler, with func(context.Context) context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := header.FromString(r.Header.Get(TraceIDHeaderKey))
		ctx, seg := NewSegmentFromHeader(with(r.Context()), sn.Name(r.Host), r, sent)
		defer seg.Close(nil)
		HttpTrace(seg, h, w, r.WithContext(ctx), sent)
	})
}

// HttpTrace serves a request and writes request and response to seg, which it
// does not close.
func HttpTrace(seg *Segment, h http.Handler, w http.ResponseWriter, r *http.Request, traceHeader *header.Header) {
	HttpCaptureRequest(seg, r)
	w.Header().Set(TraceIDHeaderKey, ResponseHeader(seg, traceHeader))
	status := 0
	h.ServeHTTP(httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(next httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) {
				if status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
					status = code
				}
				next(code)
			}
		},
	}), r)
	if status == 0 {
		status = http.StatusOK
	}
	length, _ := strconv.Atoi(w.Header().Get("Content-Length"))
	seg.Lock()
	seg.GetHTTP().GetResponse().ContentLength = length
	seg.Unlock()
	HttpCaptureResponse(seg, status)
}

// HttpCaptureRequest writes a request that is served to seg.
func HttpCaptureRequest(seg *Segment, r *http.Request) {
	scheme := "https://"
	if r.TLS == nil {
		scheme = "http://"
	}
	seg.Lock()
	defer seg.Unlock()
	request := seg.GetHTTP().GetRequest()
	request.Method = r.Method
	request.URL = scheme + r.Host + r.URL.Path
	request.ClientIP, request.XForwardedFor = clientIP(r)
	seg.peer = host(r.RemoteAddr)
	request.UserAgent = r.UserAgent()
}

// clientIP returns who asked, and whether a header says so.
func clientIP(r *http.Request) (ip string, forwarded bool) {
	if f := r.Header.Get("X-Forwarded-For"); f != "" {
		first, _, _ := strings.Cut(f, ",")
		return strings.TrimSpace(first), true
	}
	return host(r.RemoteAddr), false
}

func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}

// HttpCaptureResponse writes the status of a response to seg, and what it means:
// error, throttle or fault.
func HttpCaptureResponse(seg *Segment, statusCode int) {
	seg.Lock()
	defer seg.Unlock()
	seg.capture(statusCode)
}

func (seg *Segment) capture(status int) {
	seg.GetHTTP().GetResponse().Status = status
	switch {
	case status >= 400 && status < 500:
		seg.Error = true
		seg.Throttle = seg.Throttle || status == http.StatusTooManyRequests
	case status >= 500 && status < 600:
		seg.Fault = true
	}
}

// ResponseHeader returns the tracing header of the response to a request whose
// header was sent: with the decision, if that asked for it.
func ResponseHeader(seg *Segment, sent *header.Header) string {
	seg.RLock()
	defer seg.RUnlock()
	back := header.Header{TraceID: seg.TraceID, ParentID: sent.ParentID, SamplingDecision: sent.SamplingDecision}
	if back.SamplingDecision == header.Requested {
		back.SamplingDecision = header.NotSampled
		if seg.Sampled {
			back.SamplingDecision = header.Sampled
		}
	}
	return back.String()
}
