package nested

import (
	"context"
	"errors"

	"github.com/aws/aws-xray-sdk-go/v2/xray" // tracing
)

// Order has closures in closures, with comments that stay.
func Order(ctx context.Context) error {
	return xray.Capture(ctx, "order", func(ctx context.Context) error {
		// Before the stock.

		if err := xray.Capture(ctx, "stock", func(ctx context.Context) error {
			_ = xray.AddAnnotation(ctx, "shelf", "B7") // where it is
			return errors.New("none")                  /* left */
		}); err != nil {
			return err
		}

		xray.AddMetadata(ctx, "cart", map[string]int{
			"apples": 2, // green
		})
		return nil
	})
}

var capture = xray.Capture
