package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-xray-sdk-go/v2/instrumentation/awsv2"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// route53Client is a client of a stub. It takes the header away and says whether it
// was there.
func route53Client(c aws.HTTPClient, statuses ...int) (*route53.Client, func()) {
	n := 0
	server := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("header", strings.HasPrefix(r.Header.Get("X-Amzn-Trace-Id"), "Root=1-"))
		status := statuses[min(n, len(statuses)-1)]
		n++
		w.Header().Set("X-Amzn-RequestId", fmt.Sprintf("request-%d", n))
		w.Header().Set("x-amz-id-2", "extended")
		w.WriteHeader(status)
		if status == 200 {
			io.WriteString(w, `<?xml version="1.0"?><ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones/></ChangeResourceRecordSetsResponse>`)
			return
		}
		code := map[int]string{400: "InvalidInput", 429: "Throttling", 503: "ServiceUnavailable"}[status]
		io.WriteString(w, `<?xml version="1.0"?><ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>`+code+`</Code><Message>m</Message></Error><RequestId>request-x</RequestId></ErrorResponse>`)
	}))
	cfg := aws.Config{
		Region:     "us-east-1",
		HTTPClient: c,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		}),
	}
	awsv2.AWSV2Instrumentor(&cfg.APIOptions)
	return route53.NewFromConfig(cfg, func(o *route53.Options) {
		o.EndpointResolver = route53.EndpointResolverFromURL(server.URL)
		o.Retryer = aws.NopRetryer{}
		if len(statuses) > 1 {
			o.Retryer = retryer{}
		}
	}), server.Close
}

// retryer tries three times at once.
type retryer struct{ aws.NopRetryer }

func (retryer) IsErrorRetryable(error) bool                  { return true }
func (retryer) MaxAttempts() int                             { return 3 }
func (retryer) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (retryer) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

func callRoute53(c aws.HTTPClient, statuses ...int) func(context.Context) {
	return func(ctx context.Context) {
		client, done := route53Client(c, statuses...)
		defer done()
		ctx, seg := xray.BeginSegment(watched(ctx), "shop")
		_, err := client.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		fmt.Println(err != nil)
		seg.Close(nil)
	}
}

func init() {
	programs["awsv2"] = callRoute53(http.DefaultClient, 200)
	programs["awsv2error"] = callRoute53(http.DefaultClient, 400)
	programs["awsv2throttle"] = callRoute53(http.DefaultClient, 429)
	programs["awsv2retry"] = callRoute53(http.DefaultClient, 503, 200)
	programs["awsv2refused"] = func(ctx context.Context) {
		client, done := route53Client(http.DefaultClient, 200)
		done()
		ctx, seg := xray.BeginSegment(watched(ctx), "shop")
		_, err := client.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		fmt.Println(err != nil)
		seg.Close(nil)
	}
	programs["awsv2client"] = func(ctx context.Context) { callRoute53(xray.Client(nil), 200)(ctx) }
}
