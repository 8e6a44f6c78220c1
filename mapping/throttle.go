package mapping

import (
	"strconv"
	"strings"
)

// throttlingCodes are the error codes with which AWS services say "slow down",
// most of them under HTTP 400. What ends in one of throttlingEndings is one too.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
var (
	throttlingCodes = [...]string{
		"Throttling", "Throttled", "RequestThrottled", "RequestThrottledException", "ProvisionedThroughputExceeded", "TooManyRequests",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete",
		"ThrottlingError", // a reason for which DynamoDB cancels a transaction
	}
	// throttlingTexts begin the messages of SDKs that leave the code out, or what stands
	// behind a colon in them.
	throttlingTexts = [...]string{
		"Rate exceeded", "Request limit exceeded", "Request is throttled", "Request was throttled", "Please reduce your request rate",
		"The level of configured provisioned throughput for the table was exceeded", "The request was denied due to request throttling",
	}
	throttlingEndings = [...]string{"ThrottlingException", "ThrottledException", "ThroughputExceededException", "TooManyRequestsException"}
)

// throttled reports whether an AWS call was throttled: by the error's type, or by
// the code that SDKs put into their texts, each in its own way:
//
//	aws-sdk-go-v2  https response error StatusCode: 400, RequestID: …, ThrottlingException: Rate exceeded
//	aws-sdk-go-v2  … api error SlowDown: Please reduce your request rate
//	botocore       An error occurred (ThrottlingException) when calling the GetItem operation: Rate exceeded
//	Java v1        Rate exceeded (Service: …; Status Code: 400; Error Code: ThrottlingException; Request ID: …)
//	PHP            … AWS HTTP error: … ThrottlingException (client): Rate exceeded
//	AsyncAws       HTTP 400 returned for "…".\n\nCode:    Throttling\nMessage: Rate exceeded
func (e *encoder) throttled() bool {
	return e.inErrors(func(typ, text string) bool { return isThrottling(lastPart(typ)) || saysThrottling(text) })
}

// inErrors reports whether yes holds for the type and the text of any error that the
// span tells of.
func (e *encoder) inErrors(yes func(typ, text string) bool) bool {
	if yes(e.fields.text(slotErrorType), e.span.StatusMessage) {
		return true
	}
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		if ev.Name == "exception" && yes(attributeText(ev.Attributes, "exception.type"), attributeText(ev.Attributes, "exception.message")) {
			return true
		}
	}
	return false
}

// lastPart returns the name of a type without what it is in: *types.Throttling,
// Aws::DynamoDB::Errors::Throttling, com.amazonaws.dynamodb#Throttling.
func lastPart(typ string) string { return typ[strings.LastIndexAny(typ, ".:#/$\\")+1:] }

func isThrottling(code string) bool {
	for _, c := range throttlingCodes {
		if code == c {
			return true
		}
	}
	return endsInThrottling(code)
}

func endsInThrottling(code string) bool {
	for _, ending := range throttlingEndings {
		if strings.HasSuffix(code, ending) {
			return true
		}
	}
	return false
}

// saysThrottling reports whether a text has a throttling code where codes stand. A
// code that is a word of English counts only there.
func saysThrottling(text string) bool {
	for message, found := text, true; found; _, message, found = strings.Cut(message, ": ") {
		for _, start := range throttlingTexts {
			if len(message) >= len(start) && strings.EqualFold(message[:len(start)], start) {
				return true
			}
		}
	}
	for at := 0; at < len(text); {
		if !isWordByte(text[at]) {
			at++
			continue
		}
		start := at
		for at < len(text) && isWordByte(text[at]) {
			at++
		}
		code := text[start:at]
		if len(code) < len("SlowDown") {
			continue
		}
		if endsInThrottling(code) || isThrottling(code) && isCodePlace(text[:start], text[at:]) {
			return true
		}
	}
	return false
}

// isCodePlace reports whether an error code stands between before and after.
func isCodePlace(before, after string) bool {
	return strings.HasSuffix(before, "(") && strings.HasPrefix(after, ")") ||
		(strings.HasSuffix(before, "[") || strings.HasSuffix(before, ", ")) && (strings.HasPrefix(after, "]") || strings.HasPrefix(after, ",")) ||
		strings.HasSuffix(before, "api error ") || strings.HasSuffix(strings.TrimRight(before, " "), "Code:") || strings.HasSuffix(before, "<Code>") ||
		strings.HasPrefix(after, ": ") || strings.HasPrefix(after, " (client)") || before == "" && after == ""
}

// statusMarks are what SDKs write before the HTTP status in the text of an error.
var statusMarks = [...]string{"StatusCode: ", "Status Code: ", "status code: ", "StatusCode=", "statusCode=", "Status code: ", "statusCode: "}

// statusInErrors returns the HTTP status of 400 or more that only the text of an error
// has, 0 if none has one.
func (e *encoder) statusInErrors() (status int64) {
	e.inErrors(func(_, text string) bool {
		status = statusIn(text)
		return status != 0
	})
	return status
}

func statusIn(text string) int64 {
	for _, mark := range statusMarks {
		_, after, ok := strings.Cut(text, mark)
		if !ok || len(after) < 3 || len(after) > 3 && isWordByte(after[3]) {
			continue
		}
		if n, err := strconv.ParseInt(after[:3], 10, 64); err == nil && n >= 400 && n < 600 {
			return n
		}
	}
	return 0
}
