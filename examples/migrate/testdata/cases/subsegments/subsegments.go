package subsegments

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func Decided(ctx context.Context) {
	ctx, seg := xray.BeginSubsegment(ctx, "closed")
	defer seg.Close(nil)
	_, other := xray.BeginSubsegment(ctx, "in two places")
	if ctx.Err() != nil {
		other.Close(nil)
		return
	}
	other.Close(nil)
}

func Undecided(ctx context.Context) (err error) {
	_, seg := xray.BeginSubsegment(ctx, "with an error")
	defer func() { seg.Close(err) }()
	_, annotated := xray.BeginSubsegment(ctx, "annotated")
	annotated.AddAnnotation("a", 1)
	annotated.Close(nil)
	_, root := xray.BeginSegment(ctx, "root")
	root.Close(nil)
	return nil
}
