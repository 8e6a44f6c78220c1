package moved

import "github.com/aws/aws-xray-sdk-go/v2/xray"

var interceptor = xray.UnaryClientInterceptor()
