package xrayapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxAnswer bounds what is read of an answer, in bytes. One that names 50
// documents with their reasons has less than 64 KB.
const maxAnswer = 1 << 20

var (
	errLongAnswer  = errors.New("the answer is longer than 1 MiB: it does not come from X-Ray")
	errEmptyAnswer = errors.New("the answer is empty: it does not come from X-Ray")
)

// answer is the HTTP answer to a PutTraceSegments itself. An error has the
// answers of credential sources in it as well, in the same types: they must not
// pass for this one.
type answer struct {
	status int // 0: none came
	header http.Header
	body   io.ReadCloser
	read   int // bytes of the body
}

// option puts a next to the wire.
func (a *answer) option(o *xray.Options) {
	o.APIOptions = append(o.APIOptions[:len(o.APIOptions):len(o.APIOptions)], func(s *middleware.Stack) error {
		return s.Deserialize.Add(a, middleware.After)
	})
}

// ID names a among the SDK's middleware.
func (a *answer) ID() string { return "lambdaxray:Answer" }

// HandleDeserialize notes the answer and bounds what is read of it.
func (a *answer) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if response, ok := out.RawResponse.(*smithyhttp.Response); ok && err == nil {
		a.status, a.header, a.body = response.StatusCode, response.Header, response.Body
		response.Body = a
	}
	return out, metadata, err
}

// Read reads the body, up to the bound.
func (a *answer) Read(p []byte) (int, error) {
	if a.read >= maxAnswer {
		return 0, errLongAnswer
	}
	n, err := a.body.Read(p[:min(len(p), maxAnswer-a.read)])
	a.read += n
	return n, err
}

// Close closes the body.
func (a *answer) Close() error { return a.body.Close() }

// retryAfter is the time to wait that the answer asks for: delay and up to five
// seconds more, as the SDK has it.
func (a *answer) retryAfter(delay time.Duration) time.Duration {
	ms, err := strconv.ParseInt(a.header.Get("X-Amz-Retry-After"), 10, 64)
	if err != nil {
		return delay
	}
	return min(max(delay, time.Duration(min(ms, 60_000))*time.Millisecond), delay+5*time.Second)
}
