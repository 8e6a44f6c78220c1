//go:build sixspans

package main

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

// handle makes a subsegment for the function, as the others have a span, and six
// beneath it.
func handle(ctx context.Context, _ struct{}) (string, error) {
	err := xray.Capture(ctx, "hello", func(ctx context.Context) error {
		makeSix(ctx)
		return nil
	})
	return "hello", err
}
