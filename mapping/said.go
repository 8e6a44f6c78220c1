package mapping

import (
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

const saidPrefix = "aws.xray.exception."

// saidKey reports whether the attribute of an exception event fills a field of the
// exception.
func saidKey(kv *attribute.KeyValue) bool {
	switch kv.Key {
	case saidPrefix + "id", saidPrefix + "cause":
		return isID(&kv.Value)
	case saidPrefix + "remote":
		return kv.Value.Type() == attribute.BOOL
	case saidPrefix + "truncated", saidPrefix + "skipped":
		return kv.Value.Type() == attribute.INT64 && kv.Value.AsInt64() >= 0
	}
	return false
}

// isID reports whether v is an id as documents have it: 16 hex digits.
func isID(v *attribute.Value) bool { return v.Type() == attribute.STRING && isIDText(v.AsString()) }

func isIDText(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 16
}

// saidOf reads the attributes of an exception event. known is false if it is not one of
// awsxrayreceiver's, which have an id always.
func saidOf(attrs []attribute.KeyValue) (said saidException, known bool) {
	for i := range attrs {
		kv := &attrs[i]
		if !saidKey(kv) {
			continue
		}
		switch kv.Key {
		case saidPrefix + "id":
			said.id = kv.Value.AsString()
		case saidPrefix + "cause":
			said.cause = kv.Value.AsString()
		case saidPrefix + "remote":
			said.remote = kv.Value.AsBool()
		case saidPrefix + "truncated":
			said.truncated = kv.Value.AsInt64()
		case saidPrefix + "skipped":
			said.skipped = kv.Value.AsInt64()
		}
	}
	return said, said.id != ""
}

// saidAt is what has been said of exception i, or nil.
func (e *encoder) saidAt(i int) *saidException {
	for j := range e.said {
		if e.said[j].index == i {
			return &e.said[j]
		}
	}
	return nil
}

// appendCauseID writes a cause that is nothing but the id of an exception elsewhere,
// which awsxrayreceiver has as the status message.
func (e *encoder) appendCauseID(dst []byte) []byte {
	return jsonenc.AppendStringMember(dst, "cause", e.span.StatusMessage)
}

// causeIsID reports whether the status message is an exception's id.
func (e *encoder) causeIsID() bool {
	return e.res.ofXRay && isIDText(e.span.StatusMessage)
}
