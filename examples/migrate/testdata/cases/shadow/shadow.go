package shadow

import (
	"context"

	trace "github.com/aws/aws-xray-sdk-go/v2/xray"
)

func Shadow(ctx context.Context, otel string) {
	lambdaxray := 1
	_ = trace.Capture(ctx, otel, func(ctx context.Context) error {
		ctx, seg := trace.BeginSubsegment(ctx, "inner")
		defer seg.Close(nil)
		lambdaxray++
		return ctx.Err()
	})
}
