// A program for the command line, which may run as a function too.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-xray-sdk-go/header"
	"github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/aws/aws-xray-sdk-go/xraylog"
)

type logger struct{}

func (logger) Log(level xraylog.LogLevel, msg fmt.Stringer) {
	if level >= xraylog.LogLevelWarn {
		log.Print(level, " ", msg)
	}
}

func main() {
	xray.SetLogger(logger{})
	all, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"default":{"fixed_target":1,"rate":1}}`))
	if err != nil {
		log.Fatal(err)
	}
	xray.Configure(xray.Config{SamplingStrategy: all})
	ctx, seg := xray.BeginSegment(context.Background(), "backup")
	if v, ok := ctx.Value(xray.LambdaTraceHeaderKey).(string); ok {
		log.Print(header.FromString(v).TraceID)
	}
	fmt.Println(len(seg.TraceID))
	err = run(ctx)
	seg.Close(err)
	os.Exit(0)
}

func run(ctx context.Context) error {
	return xray.Capture(ctx, "copy", func(ctx context.Context) error {
		xray.AddMetadata(ctx, "sizes", map[string]int{"a": 1, "b": 2})
		xray.AddMetadata(ctx, "last", errors.New("interrupted")) // what stopped the one before
		c := &http.Client{Transport: xray.RoundTripper(http.DefaultTransport)}
		req, err := http.NewRequestWithContext(ctx, "GET", os.Getenv("STUB")+"/object", nil)
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
}
