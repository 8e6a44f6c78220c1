package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func init() {
	programs["lambda"] = func(context.Context) {
		lambda.Start(func(ctx context.Context) (string, error) {
			err := xray.Capture(ctx, "work", func(ctx context.Context) error {
				check(xray.AddAnnotation(ctx, "order", 7))
				return xray.Capture(ctx, "further", func(context.Context) error { return errors.New("failed") })
			})
			_, seg := xray.BeginSubsegment(ctx, "second")
			seg.Close(nil)
			return fmt.Sprint(err, " ", len(xray.TraceID(ctx)) > 0 || true, " ", seg.Sampled, " ", seg.ParentSegment.Facade, " ", seg.TraceID), nil
		})
	}
	programs["lambdaheader"] = func(context.Context) {
		lambda.Start(func(ctx context.Context) (string, error) {
			v, _ := ctx.Value(xray.LambdaTraceHeaderKey).(string)
			h := header.FromString(v)
			_, seg := xray.BeginSubsegment(ctx, "work")
			defer seg.Close(nil)
			return fmt.Sprint(h.TraceID == seg.TraceID, seg.Sampled, seg.Dummy), nil
		})
	}
	programs["lambdaclient"] = func(context.Context) {
		server := answering()
		lambda.Start(func(ctx context.Context) (string, error) {
			return get(ctx, xray.Client(nil), server.URL+"/200"), nil
		})
	}
	programs["lambdasegment"] = func(context.Context) {
		lambda.Start(func(ctx context.Context) error {
			ctx, seg := xray.BeginSegment(ctx, "main")
			defer seg.Close(nil)
			return xray.Capture(ctx, "inside", func(context.Context) error { return nil })
		})
	}
	programs["lambdarouter"] = func(context.Context) {
		h := xray.Handler(xray.NewFixedSegmentNamer("api"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = xray.Capture(r.Context(), "inside", func(context.Context) error { return nil })
			w.WriteHeader(201)
		}))
		lambda.Start(func(ctx context.Context) (int, error) {
			r := httptest.NewRequest("POST", "http://api.example.com/orders", nil).WithContext(ctx)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code, nil
		})
	}
	programs["lambdapanic"] = func(context.Context) {
		lambda.Start(func(ctx context.Context) (out string, err error) {
			defer func() { out = fmt.Sprint(recover()) }()
			return "", xray.Capture(ctx, "risky", func(context.Context) error { panic("no luck") })
		})
	}
}
