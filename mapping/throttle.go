package mapping

import (
	"strings"
)

// throttlingCodes are the error codes with which AWS services say "slow down",
// most of them under HTTP 400.
var throttlingCodes = [...]string{
	"Throttling", // ThrottlingException, ThrottledException follow by prefix
	"Throttled",
	"RequestThrottled",
	"ProvisionedThroughputExceeded",
	"TooManyRequests",
	"RequestLimitExceeded",
	"BandwidthLimitExceeded",
	"SlowDown",
	"PriorRequestNotComplete",
	"EC2Throttled",
}

// throttled reports whether the error's type, or the code that aws-sdk-go-v2
// puts into the message ("api error ThrottlingException: …"), is a throttling
// code.
func (e *encoder) throttled() bool {
	if isThrottling(e.fields.text(slotErrorType)) || isThrottling(apiErrorCode(e.span.StatusMessage)) {
		return true
	}
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		if ev.Name == "exception" && (isThrottling(attributeText(ev.Attributes, "exception.type")) ||
			isThrottling(apiErrorCode(attributeText(ev.Attributes, "exception.message")))) {
			return true
		}
	}
	return false
}

func isThrottling(code string) bool {
	code = code[strings.LastIndexByte(code, '.')+1:] // *types.ThrottlingException
	for _, c := range throttlingCodes {
		if strings.HasPrefix(code, c) {
			return true
		}
	}
	return false
}

func apiErrorCode(message string) string {
	const marker = "api error "
	i := strings.LastIndex(message, marker)
	if i < 0 {
		return ""
	}
	code, _, _ := strings.Cut(message[i+len(marker):], ":")
	return code
}
