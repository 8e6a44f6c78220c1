package xray

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
)

// Client returns a copy of c, or of [http.DefaultClient], with [RoundTripper].
func Client(c *http.Client) *http.Client {
	if c == nil {
		c = http.DefaultClient
	}
	traced := *c
	traced.Transport = RoundTripper(c.Transport)
	return &traced
}

// RoundTripper returns rt, or [http.DefaultTransport] if it is nil, with a
// subsegment around each request: a call to the request's host, with subsegments
// for connection, request and response. The request is sent with the tracing
// header.
//
// Beneath a call of an AWS SDK it is a custom subsegment: the service has its node
// already.
func RoundTripper(rt http.RoundTripper) http.RoundTripper {
	if rt == nil {
		rt = http.DefaultTransport
	}
	return &roundTripper{rt}
}

type roundTripper struct{ base http.RoundTripper }

// emptyHost is the name of a request without a host.
const emptyHost = "empty_host_error"

func (rt *roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if parent, ok := parentOf(r.Context()); SdkDisabled() || ok && parent.Dummy && !parent.Facade {
		return rt.base.RoundTrip(withHeader(r, parent))
	}
	host := either(either(r.Host, r.URL.Host), emptyHost)
	var resp *http.Response
	err := Capture(r.Context(), host, func(ctx context.Context) error {
		seg := GetSegment(ctx)
		if seg == nil { // the context is missing, which has been said
			var err error
			resp, err = rt.base.RoundTrip(r)
			return err
		}
		phases := NewHTTPSubsegments(ctx)
		r = withHeader(r.WithContext(httptrace.WithClientTrace(ctx, phases.trace())), seg)
		seg.Lock()
		if host != emptyHost && !seg.beneathAWS() {
			seg.Namespace = "remote"
		}
		seg.GetHTTP().GetRequest().Method = r.Method
		seg.GetHTTP().GetRequest().URL = strippedURL(*r.URL)
		seg.Unlock()

		var err error
		resp, err = rt.base.RoundTrip(r)
		if resp != nil {
			length, _ := strconv.Atoi(resp.Header.Get("Content-Length"))
			seg.Lock()
			seg.capture(resp.StatusCode)
			seg.GetHTTP().GetResponse().ContentLength = length
			seg.Unlock()
		}
		if err != nil {
			phases.GotConn(nil, err)
		}
		return err
	})
	return resp, err
}

// beneathAWS reports whether the segment's parent is a call of an AWS SDK.
func (seg *Segment) beneathAWS() bool {
	if seg.parent == nil {
		return false
	}
	seg.parent.RLock()
	defer seg.parent.RUnlock()
	return seg.parent.Namespace == "aws"
}

// withHeader returns r with the tracing header of a call that seg makes. A round
// tripper must not change the request it gets.
func withHeader(r *http.Request, seg *Segment) *http.Request {
	if seg == nil || SdkDisabled() {
		return r
	}
	r = r.Clone(r.Context())
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(TraceIDHeaderKey, seg.DownstreamHeader().String())
	return r
}

// strippedURL returns u without query, fragment and password.
func strippedURL(u url.URL) string {
	u.RawQuery, u.ForceQuery = "", false
	if _, secret := u.User.Password(); secret {
		return strings.Replace(u.String(), u.User.String()+"@", u.User.Username()+":***@", 1)
	}
	return u.String()
}
