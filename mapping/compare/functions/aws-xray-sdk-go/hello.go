//go:build !sixspans

package main

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// handle makes one subsegment.
func handle(ctx context.Context, _ struct{}) (greeting string, err error) {
	err = xray.Capture(ctx, "hello", func(context.Context) error {
		greeting = "hello"
		return nil
	})
	return greeting, err
}
