// Package awsv2 makes subsegments of the calls of aws-sdk-go-v2.
package awsv2

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambdaxray/lambdaxray/xray"
	"github.com/lambdaxray/lambdaxray/xray/internal/params"
)

// Where the request ids are: in a Segment's AWS map, and in a response of S3.
const (
	RequestIDKey                 = "request_id"
	ExtendedRequestIDKey         = "id_2"
	S3ExtendedRequestIDHeaderKey = "x-amz-id-2"
)

// AWSV2Instrumentor adds the middleware to the options of a configuration:
// awsv2.AWSV2Instrumentor(&cfg.APIOptions). Each call is one subsegment, with its
// retries, and each request carries the tracing header.
func AWSV2Instrumentor(apiOptions *[]func(*smithy.Stack) error) {
	*apiOptions = append(*apiOptions, func(stack *smithy.Stack) error {
		if err := stack.Initialize.Add(call{}, smithy.After); err != nil {
			return err
		}
		return stack.Deserialize.Add(request{}, smithy.Before)
	})
}

type segmentKey struct{}

// call begins and ends the subsegment.
type call struct{}

func (call) ID() string { return "XRayInitializeMiddlewareAfter" }

func (call) HandleInitialize(ctx context.Context, in smithy.InitializeInput, next smithy.InitializeHandler) (
	out smithy.InitializeOutput, metadata smithy.Metadata, err error) {
	ctx, seg := xray.BeginSubsegment(ctx, middleware.GetServiceID(ctx))
	if xray.GetSegment(ctx) != seg { // the context is missing, which has been said
		return next.HandleInitialize(ctx, in)
	}
	ctx = context.WithValue(ctx, segmentKey{}, seg)
	resource := params.Of(in.Parameters)
	seg.Lock()
	seg.Namespace = "aws"
	aws := seg.GetAWS()
	aws["region"] = middleware.GetRegion(ctx)
	aws["operation"] = middleware.GetOperationName(ctx)
	for key, v := range resource {
		aws[key] = v
	}
	seg.Unlock()
	defer func() { seg.Close(err) }()
	out, metadata, err = next.HandleInitialize(ctx, in)
	if attempts, ok := retry.GetAttemptResults(metadata); ok && len(attempts.Results) > 1 {
		seg.Lock()
		aws["retries"] = len(attempts.Results) - 1
		seg.Unlock()
	}
	return out, metadata, err
}

// request sends the header and reads the response, once an attempt.
type request struct{}

func (request) ID() string { return "XRayDeserializeMiddleware" }

func (request) HandleDeserialize(ctx context.Context, in smithy.DeserializeInput, next smithy.DeserializeHandler) (
	out smithy.DeserializeOutput, metadata smithy.Metadata, err error) {
	seg, ok := ctx.Value(segmentKey{}).(*xray.Segment)
	if !ok {
		return next.HandleDeserialize(ctx, in)
	}
	if r, ok := in.Request.(*smithyhttp.Request); ok && !xray.SdkDisabled() {
		r.Header.Set(xray.TraceIDHeaderKey, seg.DownstreamHeader().String())
	}
	out, metadata, err = next.HandleDeserialize(ctx, in)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		return out, metadata, err
	}
	seg.Lock()
	seg.Error, seg.Throttle, seg.Fault = false, false, false // of the attempt before
	seg.GetHTTP().GetResponse().ContentLength = int(max(resp.ContentLength, 0))
	if id, ok := requestID(metadata, err); ok {
		seg.GetAWS()[RequestIDKey] = id
	}
	if id := resp.Header.Get(S3ExtendedRequestIDHeaderKey); id != "" {
		seg.GetAWS()[ExtendedRequestIDKey] = id
	}
	seg.Unlock()
	xray.HttpCaptureResponse(seg, resp.StatusCode)
	return out, metadata, err
}

// requestID returns the id that the service gave, in its answer or its error.
func requestID(metadata smithy.Metadata, err error) (string, bool) {
	if id, ok := middleware.GetRequestIDMetadata(metadata); ok {
		return id, true
	}
	var failed interface{ ServiceRequestID() string }
	if errors.As(err, &failed) && failed.ServiceRequestID() != "" {
		return failed.ServiceRequestID(), true
	}
	return "", false
}
