package xrayapi_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdaxray/lambdaxray/exporter"
	"github.com/lambdaxray/lambdaxray/exporter/xrayapi"
)

// A service that runs where no X-Ray daemon does, in a container or on a
// machine, sends its spans to the API itself.
func Example() {
	cfg := aws.Config{Region: "eu-central-1"} // config.LoadDefaultConfig(ctx)
	e, err := exporter.New(exporter.WithEmitter(xrayapi.New(xray.NewFromConfig(cfg))))
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(e))
	defer provider.Shutdown(context.Background())
}

// What X-Ray did not take is in the error, with the reason.
func ExamplePutError() {
	emit := func() error {
		return &exporter.EmitError{Lost: 1, Err: &xrayapi.PutError{Failures: []xrayapi.Failure{{
			Documents: []int{3}, Count: 1, ID: "70de5b6f19ff9a0a", Code: "InvalidName", Err: errors.New("InvalidName: too long"),
		}}}}
	}
	var put *xrayapi.PutError
	if err := emit(); errors.As(err, &put) {
		for _, f := range put.Failures {
			fmt.Println(f.Code, f.Documents, f.Temporary)
		}
		fmt.Println(put)
	}
	// Output:
	// InvalidName [3] false
	// X-Ray did not take 1 document: segment 70de5b6f19ff9a0a: InvalidName: too long
}
