package results

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
)

func Results(ctx context.Context) error {
	if err := xray.AddAnnotation(ctx, "a", 1); err != nil {
		log.Print(err)
	}
	err := xray.AddMetadata(ctx, "b", 2)
	defer xray.AddMetadataToNamespace(ctx, "ns", "c", 3)
	xray.AddAnnotation(ctx, "d", 4)
	if _ = xray.AddMetadata(ctx, "e", 5); err != nil {
		xray.AddError(ctx, err)
	}
	log.Print(xray.TraceID(ctx), xray.TraceIDHeaderKey)
	return errors.Join(err, xray.AddAnnotation(xray.DetachContext(ctx), "f", 6))
}
