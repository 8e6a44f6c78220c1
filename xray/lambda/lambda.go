// Package lambda looks at what Lambda hands to a function.
package lambda

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// IsSampled reports whether the sender of an SQS message was sampled, as its
// AWSTraceHeader says.
func IsSampled(message events.SQSMessage) bool {
	return strings.Contains(message.Attributes["AWSTraceHeader"], "Sampled=1")
}
