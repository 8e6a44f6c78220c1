// Package xraygrpc makes segments of the unary calls of gRPC, on both sides.
package xraygrpc

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/lambdaxray/lambdaxray/xray"
	"github.com/lambdaxray/lambdaxray/xray/header"
)

// GrpcOption configures an interceptor.
type GrpcOption interface{ apply(*options) }

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

type options struct {
	config *xray.Config
	namer  xray.SegmentNamer
}

func newOptions(list []GrpcOption) (o options) {
	for _, option := range list {
		option.apply(&o)
	}
	return o
}

// context returns ctx with the configuration, if there is one.
func (o options) context(ctx context.Context) context.Context {
	if o.config == nil {
		return ctx
	}
	return context.WithValue(ctx, xray.RecorderContextKey{}, o.config)
}

// name returns what the namer makes of host, and without one the service of a
// method /package.Service/Method.
func (o options) name(host, method string) string {
	if o.namer != nil {
		return o.namer.Name(host)
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	return service
}

// WithRecorder uses a configuration of its own.
func WithRecorder(cfg *xray.Config) GrpcOption {
	return optionFunc(func(o *options) { o.config = cfg })
}

// WithSegmentNamer names the segments after the target or the authority. The
// default is the service.
func WithSegmentNamer(sn xray.SegmentNamer) GrpcOption {
	return optionFunc(func(o *options) { o.namer = sn })
}

// UnaryClientInterceptor makes a subsegment of every call, and sends the tracing
// header with it.
func UnaryClientInterceptor(list ...GrpcOption) grpc.UnaryClientInterceptor {
	o := newOptions(list)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, seg := xray.BeginSubsegment(o.context(ctx), o.name(cc.Target(), method))
		if xray.GetSegment(ctx) != seg { // the context is missing, which has been said
			return invoker(ctx, method, req, reply, cc, opts...)
		}
		if h := seg.DownstreamHeader().String(); h != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, xray.TraceIDHeaderKey, h)
		}
		seg.Lock()
		seg.Namespace = "remote"
		seg.GetHTTP().GetRequest().URL = "grpc://" + cc.Target() + method
		seg.GetHTTP().GetRequest().Method = http.MethodPost
		seg.Unlock()
		err := invoker(ctx, method, req, reply, cc, opts...)
		answer(seg, reply)
		if err != nil {
			classify(seg, err)
		}
		seg.Close(err)
		return err
	}
}

// UnaryServerInterceptor makes a segment of every call that is served; the caller's
// tracing header names its parent.
func UnaryServerInterceptor(list ...GrpcOption) grpc.UnaryServerInterceptor {
	o := newOptions(list)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		sent := header.FromString(only(md, xray.TraceIDHeaderKey))
		host := only(md, ":authority")
		u := &url.URL{Scheme: "grpc", Host: host, Path: info.FullMethod}
		ctx, seg := xray.NewSegmentFromHeader(o.context(ctx), o.name(host, info.FullMethod),
			&http.Request{Host: host, URL: u, Method: http.MethodPost}, sent)
		defer seg.Close(nil)

		seg.Lock()
		request := seg.GetHTTP().GetRequest()
		request.Method = http.MethodPost
		request.URL = u.String()
		request.UserAgent = only(md, "user-agent")
		if f, _, _ := strings.Cut(only(md, "x-forwarded-for"), ","); f != "" {
			request.ClientIP, request.XForwardedFor = strings.TrimSpace(f), true
		}
		seg.Unlock()

		resp, err := handler(ctx, req)
		if err != nil {
			classify(seg, err)
		}
		answer(seg, resp)
		back := header.Header{TraceID: seg.TraceID}
		if sent.SamplingDecision == header.Requested {
			back.SamplingDecision = header.NotSampled
			if seg.Sampled {
				back.SamplingDecision = header.Sampled
			}
		}
		// It fails where the headers have gone already.
		_ = grpc.SetHeader(ctx, metadata.Pairs(xray.TraceIDHeaderKey, back.String()))
		return resp, err
	}
}

// only returns the value of a key that is there once.
func only(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) == 1 {
		return v[0]
	}
	return ""
}

// answer writes the size of a response.
func answer(seg *xray.Segment, message any) {
	if m, ok := message.(proto.Message); ok {
		seg.Lock()
		defer seg.Unlock()
		seg.GetHTTP().GetResponse().ContentLength = proto.Size(m)
	}
}

// classify writes whose fault an error is.
func classify(seg *xray.Segment, err error) {
	seg.Lock()
	defer seg.Unlock()
	switch status.Code(err) {
	case codes.OK:
	case codes.Canceled, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.PermissionDenied,
		codes.Unauthenticated, codes.FailedPrecondition, codes.Aborted, codes.OutOfRange:
		seg.Error = true
	case codes.ResourceExhausted:
		seg.Throttle = true
	default:
		seg.Fault = true
	}
}
