package mapping

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// saidException is what the attributes aws.xray.exception.* say of an exception: the
// Collector's awsxrayreceiver makes them of a document's, whose fields they become
// again.
type saidException struct {
	index     int    // among the exceptions of the cause
	id, cause string // ids of exceptions; empty: none
	remote    bool
	truncated int64
	skipped   int64
}

// read takes the value of an attribute of an exception event, and reports whether it
// fills a field of the exception.
func (x *saidException) read(kv *attribute.KeyValue) bool {
	name, ok := strings.CutPrefix(string(kv.Key), "aws.xray.exception.")
	if !ok {
		return false
	}
	v := &kv.Value
	switch name {
	case "id":
		return readID(&x.id, v)
	case "cause":
		return readID(&x.cause, v)
	case "remote":
		x.remote = v.AsBool()
		return v.Type() == attribute.BOOL
	case "truncated":
		return readCount(&x.truncated, v)
	case "skipped":
		return readCount(&x.skipped, v)
	}
	return false
}

func readCount(n *int64, v *attribute.Value) bool {
	if v.Type() != attribute.INT64 || v.AsInt64() <= 0 {
		return false
	}
	*n = v.AsInt64()
	return true
}

func readID(id *string, v *attribute.Value) bool {
	if v.Type() != attribute.STRING || !isID(v.AsString()) {
		return false
	}
	*id = v.AsString()
	return true
}

// isID reports whether s is an id as documents have it: 16 hex digits.
func isID(s string) bool { return len(s) == 16 && strings.Trim(s, "0123456789abcdef") == "" }

// saidAt is what has been said of exception i, or nil.
func (e *encoder) saidAt(i int) *saidException {
	j, ok := slices.BinarySearchFunc(e.said, i, func(x saidException, i int) int { return x.index - i })
	if !ok {
		return nil
	}
	return &e.said[j]
}

// appendCauseID writes a cause that is nothing but the id of an exception elsewhere,
// which awsxrayreceiver has as the status message.
func (e *encoder) appendCauseID(dst []byte) []byte {
	return jsonenc.AppendStringMember(dst, "cause", e.span.StatusMessage)
}

// causeIsID reports whether the status message is an exception's id.
func (e *encoder) causeIsID() bool {
	return e.res.ofXRay && isID(e.span.StatusMessage)
}
