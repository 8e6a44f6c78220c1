package xrayapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Codes of failures that X-Ray has not named. Where the answer was not X-Ray's,
// the code is HTTP and the status, such as HTTP502.
const (
	CodeCredentials = "Credentials" // the call could not be signed; the error is a CredentialsError
	CodeTimeout     = "Timeout"     // no answer in time
	CodeCanceled    = "Canceled"    // Emit's context was canceled
	CodeConnection  = "Connection"  // no connection, or it broke
	CodeClient      = "Client"      // the AWS SDK could not make the call
	CodeRequest     = "Request"     // the AWS SDK could not write the call
	CodeUnprocessed = "Unprocessed" // left unprocessed, without a code
)

// classify names a's error and says whether the call may succeed later. ctx is
// the caller's.
func (a *attempt) classify(ctx context.Context, finalDenials bool) {
	status := a.status()
	switch {
	case errors.As(a.err, new(*CredentialsError)):
		// First: there is a timeout, an answer or a canceled request in it too.
		a.code, a.temporary = CodeCredentials, true
		if ctx.Err() != nil {
			a.code = contextCode(ctx)
		}
	case status == 0:
		a.code, a.temporary = classifyUnanswered(ctx, a.err)
	default:
		a.code = a.apiCode()
		switch {
		case status == http.StatusBadRequest && finalCodes[a.code]:
		case finalDenials && denied(status, a.code):
		default:
			a.temporary = true
		}
	}
}

// maxCode cuts an error code that a proxy made up, in bytes.
const maxCode = 100

// apiCode is the code of an error answer: X-Ray's, or HTTP and the status.
func (a *attempt) apiCode() string {
	var api smithy.APIError
	if a.status() >= 300 && errors.As(a.err, &api) {
		if code := api.ErrorCode(); code != "" && code != "UnknownError" {
			return code[:min(len(code), maxCode)]
		}
	}
	return fmt.Sprintf("HTTP%d", a.status())
}

// temporaryStatus reports whether an error answer's status asks for another try
// at once. Below 300 the answer itself was spoilt.
func temporaryStatus(status int) bool {
	return status >= 500 || status < 300 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// classifyUnanswered names an error of a call that had no answer. It is
// temporary unless it comes of the request itself.
func classifyUnanswered(ctx context.Context, err error) (code string, temporary bool) {
	var (
		timeout       interface{ Timeout() bool }
		send          *smithyhttp.RequestSendError
		serialization *smithy.SerializationError
		invalid       smithy.InvalidParamsError
	)
	switch {
	case ctx.Err() != nil:
		return contextCode(ctx), true
	case errors.As(err, &serialization), errors.As(err, &invalid):
		return CodeRequest, false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return CodeTimeout, true
	case errors.As(err, &send):
		return CodeConnection, true
	}
	return CodeClient, true
}

func contextCode(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return CodeTimeout
	}
	return CodeCanceled
}

// finalCodes are what X-Ray says of a call that it understood and refuses: the
// same bytes will be refused again. Whatever else comes with a status of 400 may
// be a proxy's.
var finalCodes = set("InvalidRequestException", "SerializationException", "ValidationError", "ValidationException")

// temporaryCodes ask for another try, beside those that the AWS SDK knows: X-Ray
// reports its own faults in an answer of status 200 too.
var temporaryCodes = set("InternalFailure", "InternalServerError", "InternalServerException",
	"ServiceUnavailable", "ServiceUnavailableException", "Timeout", "")

var (
	expiredCodes   = set("ExpiredToken", "ExpiredTokenException", "RequestExpired")
	signatureCodes = set("InvalidClientTokenId", "InvalidSignatureException", "RequestTimeTooSkewed",
		"SignatureDoesNotMatch", "UnrecognizedClientException")
	deniedCodes = set("AccessDenied", "AccessDeniedException", "IncompleteSignature", "MissingAuthenticationToken",
		"MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired")
)

func set(codes ...string) map[string]bool {
	m := make(map[string]bool, len(codes))
	for _, c := range codes {
		m[c] = true
	}
	return m
}

// temporaryCode reports whether a code asks for another try at once.
func temporaryCode(code string) bool {
	_, throttle := retry.DefaultThrottleErrorCodes[code]
	_, retryable := retry.DefaultRetryableErrorCodes[code]
	return throttle || retryable || temporaryCodes[code] || expiredCodes[code]
}

// denied reports whether X-Ray refused a call for who made it.
func denied(status int, code string) bool {
	return status >= 400 && status < 500 && (signatureCodes[code] || deniedCodes[code])
}
