// Package awsv1 makes subsegments of the calls of aws-sdk-go v1, which is out of
// support since July 2025: it is for the time until version 2 takes its place.
package awsv1

import (
	"context"

	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"

	"github.com/lambdaxray/lambdaxray/xray"
)

// Where the request ids are: in a Segment's AWS map, and in a response of S3.
const (
	RequestIDKey                 = "request_id"
	ExtendedRequestIDKey         = "id_2"
	S3ExtendedRequestIDHeaderKey = "x-amz-id-2"
)

// AWS makes a subsegment of every call of a client, with the steps of the call
// beneath it. Calls need a context: use the client's methods WithContext. A nil c
// is a mistake in the program and panics.
func AWS(c *client.Client) { AWSWithWhitelist(c, "") }

// AWSWithWhitelist is AWS with a file of the parameters that are sent, besides
// those that name a resource. A file that cannot be read is logged.
func AWSWithWhitelist(c *client.Client, filename string) {
	if c == nil {
		panic("awsv1: AWS of a nil client; make the client first")
	}
	push(&c.Handlers, filename)
}

// AWSSession is AWS for all clients that are made of s from now on.
func AWSSession(s *session.Session) *session.Session { return AWSSessionWithWhitelist(s, "") }

// AWSSessionWithWhitelist is AWSWithWhitelist for all clients that are made of s
// from now on.
func AWSSessionWithWhitelist(s *session.Session, filename string) *session.Session {
	push(&s.Handlers, filename)
	return s
}

func push(h *request.Handlers, filename string) {
	list := readWhitelist(filename)
	named := func(name string, fn func(*request.Request)) request.NamedHandler {
		return request.NamedHandler{Name: name, Fn: fn}
	}
	h.Validate.PushFrontNamed(named("XRayBeforeValidateHandler", begin))
	h.Build.PushBackNamed(named("XRayAfterBuildHandler", next("")))
	h.Sign.PushFrontNamed(named("XRayBeforeSignHandler", attempt))
	h.Unmarshal.PushFrontNamed(named("XRayBeforeUnmarshalHandler", next("unmarshal")))
	h.Unmarshal.PushBackNamed(named("XRayAfterUnmarshalHandler", next("")))
	h.Retry.PushFrontNamed(named("XRayBeforeRetryHandler", next("wait")))
	h.AfterRetry.PushBackNamed(named("XRayAfterRetryHandler", next("")))
	h.Complete.PushFrontNamed(named("XRayCompleteHandler", func(r *request.Request) { complete(r, list) }))
}

// call is a call under way.
type call struct {
	ctx  context.Context // of its subsegment
	seg  *xray.Segment
	step *xray.Segment // nil: between steps
}

type callKey struct{}

func callOf(r *request.Request) *call {
	c, _ := r.Context().Value(callKey{}).(*call)
	return c
}

// begin begins the subsegment of the call, and of its first step.
func begin(r *request.Request) {
	ctx, seg := xray.BeginSubsegment(r.Context(), r.ClientInfo.ServiceName)
	if xray.GetSegment(ctx) != seg { // the context is missing, which has been said
		return
	}
	seg.Lock()
	seg.Namespace = "aws"
	seg.Unlock()
	c := &call{seg: seg}
	c.ctx = context.WithValue(ctx, callKey{}, c)
	if h := seg.DownstreamHeader().String(); h != "" {
		r.HTTPRequest.Header.Set(xray.TraceIDHeaderKey, h)
	}
	c.begin(r, "marshal")
}

func (c *call) begin(r *request.Request, name string) context.Context {
	ctx, step := xray.BeginSubsegment(c.ctx, name)
	c.step = step
	r.SetContext(ctx)
	return ctx
}

func (c *call) end(r *request.Request) {
	if c.step == nil {
		return
	}
	c.step.Close(r.Error)
	c.step = nil
	r.SetContext(c.ctx)
}

// next returns a handler that ends the step and begins another one, if it has a
// name.
func next(name string) func(*request.Request) {
	return func(r *request.Request) {
		c := callOf(r)
		if c == nil {
			return
		}
		c.end(r)
		if name != "" {
			c.begin(r, name)
		}
	}
}

// attempt begins a step with what net/http does beneath it.
func attempt(r *request.Request) {
	c := callOf(r)
	if c == nil {
		return
	}
	c.end(r)
	ctx := c.begin(r, "attempt")
	if trace, err := xray.NewClientTrace(ctx); err == nil {
		r.SetContext(xray.WithClientTrace(ctx, trace))
	}
}

// complete ends the call.
func complete(r *request.Request, list whitelist) {
	c := callOf(r)
	if c == nil {
		return
	}
	if c.step != nil {
		c.step.Close(nil)
	}
	seg := c.seg
	seg.Lock()
	aws := seg.GetAWS()
	for key, v := range list.values(r) {
		aws[key] = v
	}
	aws["region"] = r.ClientInfo.SigningRegion
	aws["operation"] = r.Operation.Name
	aws["retries"] = r.RetryCount
	aws[RequestIDKey] = r.RequestID
	if resp := r.HTTPResponse; resp != nil {
		seg.GetHTTP().GetResponse().Status = resp.StatusCode
		seg.GetHTTP().GetResponse().ContentLength = int(max(resp.ContentLength, 0))
		if id := resp.Header.Get(S3ExtendedRequestIDHeaderKey); id != "" {
			aws[ExtendedRequestIDKey] = id
		}
	}
	seg.Throttle = seg.Throttle || request.IsErrorThrottle(r.Error)
	seg.Unlock()
	seg.Close(r.Error)
}
