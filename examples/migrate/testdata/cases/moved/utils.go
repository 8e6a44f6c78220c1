package moved

import "github.com/aws/aws-xray-sdk-go/v2/utils"

var clock utils.DefaultClock
