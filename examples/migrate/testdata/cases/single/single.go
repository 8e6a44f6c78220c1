package single

import "context"
import "github.com/aws/aws-xray-sdk-go/v2/xray"

func ID(ctx context.Context) string { return xray.TraceID(ctx) }
