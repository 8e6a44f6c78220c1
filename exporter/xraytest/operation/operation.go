// Package operation answers calls of X-Ray's API on the wire: an input and an
// output in JSON, and errors by type. What the operations do is in package xraytest
// for tests of writers, and in examples/local for readers.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
package operation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// maxRequest holds 50 documents of 64 KiB even if every byte is escaped.
const maxRequest = 50 * segment.MaxDocument * 2

// invalid is an error that the caller made.
type invalid string

func (e invalid) Error() string { return string(e) }

// Invalidf returns an error that is the caller's: X-Ray answers it with status 400
// and InvalidRequestException.
func Invalidf(format string, args ...any) error {
	return invalid(fmt.Sprintf(format, args...))
}

// Handler reads the input of a call, of at most 6.4 MB, has do make the output of
// it, and writes that. An error that is not of [Invalidf] is answered with status
// 500 and InternalFailure. Handler is as safe for concurrent use as do is.
func Handler[In, Out any](do func(In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			WriteError(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
			return
		}
		var in In
		if err := json.Unmarshal(body, &in); len(body) > 0 && err != nil {
			WriteError(w, http.StatusBadRequest, "SerializationException", err.Error())
			return
		}
		out, err := do(in)
		if _, ok := errors.AsType[invalid](err); ok {
			WriteError(w, http.StatusBadRequest, "InvalidRequestException", err.Error())
			return
		}
		var text []byte
		if err == nil {
			text, err = json.Marshal(out)
		}
		if err != nil {
			WriteError(w, http.StatusInternalServerError, "InternalFailure", err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}
}

// Unknown answers a call of an operation that there is not.
func Unknown(w http.ResponseWriter, r *http.Request) {
	WriteError(w, http.StatusNotFound, "UnknownOperationException", r.Method+" "+r.URL.Path+" is no operation of this API")
}

// WriteError answers a call with an error as AWS writes one.
func WriteError(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": errorType, "Message": message})
}
