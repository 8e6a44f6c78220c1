// An API on Lambda: a router inside the function, aws-sdk-go-v2 with X-Ray's client
// and X-Ray's middleware.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-xray-sdk-go/v2/instrumentation/awsv2"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func init() {
	xray.Configure(xray.Config{LogLevel: "warn"})
}

var zones *route53.Client

func main() {
	cfg := aws.Config{
		Region:     "us-east-1",
		HTTPClient: xray.Client(nil),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "s"}, nil
		}),
	}
	awsv2.AWSV2Instrumentor(&cfg.APIOptions)
	zones = route53.NewFromConfig(cfg, func(o *route53.Options) {
		o.EndpointResolver = route53.EndpointResolverFromURL(os.Getenv("STUB"))
	})

	mux := http.NewServeMux()
	mux.HandleFunc("/zones", list)
	h := xray.Handler(xray.NewFixedSegmentNamer("api"), traced(mux))

	lambda.Start(func(ctx context.Context, event json.RawMessage) (events.APIGatewayProxyResponse, error) {
		r := httptest.NewRequest("GET", "http://api.example.com/zones", nil).WithContext(ctx)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return events.APIGatewayProxyResponse{StatusCode: w.Code, Body: w.Body.String()}, nil
	})
}

// traced is middleware.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = xray.Capture(r.Context(), "route "+r.URL.Path, func(ctx context.Context) error {
			// The user of the token.
			_ = xray.AddAnnotation(ctx, "user", "ada")
			next.ServeHTTP(w, r.WithContext(ctx))
			return nil
		})
	})
}

func list(w http.ResponseWriter, r *http.Request) {
	if _, err := zones.ListHostedZones(r.Context(), &route53.ListHostedZonesInput{}); err != nil {
		xray.AddError(r.Context(), err)
		w.WriteHeader(http.StatusBadGateway)
	}
}
