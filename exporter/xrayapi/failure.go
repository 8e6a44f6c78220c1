package xrayapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// PutError says which documents X-Ray did not take, and why.
type PutError struct {
	Failures []Failure // in order of their first document
}

// Failure is one reason and the documents it holds for: those of a whole call,
// or one that X-Ray left unprocessed.
type Failure struct {
	// Documents are the indexes, in the docs that Emit was given. It is empty
	// if X-Ray refused a document and named none.
	Documents []int
	// Count is how many documents were lost: len(Documents), or 1.
	Count int
	// ID is the segment's id where X-Ray left a single document unprocessed,
	// as X-Ray names it.
	ID string
	// Code is X-Ray's error code, such as ThrottledException or InvalidName.
	// Where no answer came it is Timeout, Canceled, Connection, Client (the AWS
	// SDK could not make the call, as without credentials) or Request; where
	// the answer was not X-Ray's, HTTP and the status.
	Code string
	// Temporary says that the same documents may be taken later.
	Temporary bool
	// Err is the error itself.
	Err error
}

func (f *Failure) first() int {
	if len(f.Documents) == 0 {
		return -1
	}
	return f.Documents[0]
}

// maxListed bounds the reasons that an error's text spells out.
const maxListed = 5

// Error names how many documents were not taken and why; above five reasons, the
// first five.
func (e *PutError) Error() string {
	var b strings.Builder
	total := 0
	for i := range e.Failures {
		total += e.Failures[i].Count
	}
	fmt.Fprintf(&b, "X-Ray did not take %s: ", documents(total))
	for i := range e.Failures {
		if i == maxListed {
			fmt.Fprintf(&b, "; and %d reasons more", len(e.Failures)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		f := &e.Failures[i]
		if f.ID != "" {
			fmt.Fprintf(&b, "segment %s: %v", f.ID, f.Err)
		} else {
			fmt.Fprintf(&b, "%s: %v", documents(f.Count), f.Err)
		}
	}
	return b.String()
}

// Unwrap returns the reasons.
func (e *PutError) Unwrap() []error {
	errs := make([]error, len(e.Failures))
	for i := range e.Failures {
		errs[i] = e.Failures[i].Err
	}
	return errs
}

// Temporary reports whether every document may be taken later.
func (e *PutError) Temporary() bool {
	for i := range e.Failures {
		if !e.Failures[i].Temporary {
			return false
		}
	}
	return true
}

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return fmt.Sprintf("%d documents", n)
}

// newFailure describes a call that failed as a whole.
func newFailure(pending []int, err error) Failure {
	f := Failure{Documents: append([]int(nil), pending...), Count: len(pending), Err: err}
	f.Code, f.Temporary = classify(err)
	return f
}

// classify names an error and says whether the call may succeed later.
func classify(err error) (code string, temporary bool) {
	status := answerStatus(err)
	if status == 0 {
		return classifyUnanswered(err)
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	if code == "" || code == "UnknownError" { // not X-Ray's answer: a proxy's, or half of one
		code = fmt.Sprintf("HTTP%d", status)
	}
	return code, temporaryStatus(status) || temporaryCode(code)
}

// answerStatus is the HTTP status of the answer that err is about, 0 if there
// was none.
func answerStatus(err error) int {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) {
		return 0
	}
	return response.HTTPStatusCode()
}

// temporaryStatus reports whether an error answer's status asks for another
// try. Below 300 the answer itself was spoilt.
func temporaryStatus(status int) bool {
	return status >= 500 || status < 300 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// classifyUnanswered names an error that is no answer of X-Ray's. It is
// temporary unless it comes of the request itself.
func classifyUnanswered(err error) (code string, temporary bool) {
	var (
		canceled      interface{ CanceledError() bool }
		timeout       interface{ Timeout() bool }
		send          *smithyhttp.RequestSendError
		serialization *smithy.SerializationError
		invalid       smithy.InvalidParamsError
	)
	switch {
	case errors.As(err, &serialization), errors.As(err, &invalid):
		return "Request", false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "Timeout", true
	case errors.Is(err, context.Canceled), errors.As(err, &canceled) && canceled.CanceledError():
		return "Canceled", true
	case errors.As(err, &send):
		return "Connection", true
	}
	return "Client", true
}

// temporaryCodes are codes that ask for another try, beside those that the AWS
// SDK knows: X-Ray reports its own faults in an answer of status 200 too, and
// expired credentials are replaced by the SDK.
var temporaryCodes = map[string]bool{
	"InternalFailure":             true,
	"InternalServerError":         true,
	"InternalServerException":     true,
	"ServiceUnavailable":          true,
	"ServiceUnavailableException": true,
	"Timeout":                     true,
}

var expiredCodes = map[string]bool{
	"ExpiredToken":          true,
	"ExpiredTokenException": true,
	"RequestExpired":        true,
}

// temporaryCode reports whether a code asks for another try.
func temporaryCode(code string) bool {
	_, throttle := retry.DefaultThrottleErrorCodes[code]
	_, retryable := retry.DefaultRetryableErrorCodes[code]
	return throttle || retryable || temporaryCodes[code] || expiredCodes[code]
}

// expired reports whether the credentials of a call had expired.
func expired(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && expiredCodes[api.ErrorCode()]
}
