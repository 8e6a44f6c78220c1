package xraytest

import (
	"cmp"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// UnprocessedTraceSegment is a document that PutTraceSegments refused.
type UnprocessedTraceSegment = operation.UnprocessedTraceSegment

func (a *API) putTraceSegments(in operation.Segments, fault *Fault) (operation.Unprocessed, error) {
	out, err := operation.PutTraceSegments(in, func(doc []byte) *UnprocessedTraceSegment { return a.take(doc, fault) })
	if err != nil {
		return out, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.Documents += len(in.TraceSegmentDocuments) - len(out.UnprocessedTraceSegments)
	a.stats.Unprocessed += len(out.UnprocessedTraceSegments)
	return out, nil
}

// take stores one document, or says why not.
func (a *API) take(doc []byte, fault *Fault) *UnprocessedTraceSegment {
	if fault.Unprocessed != nil && fault.Unprocessed(operation.DocumentID(doc)) {
		code := cmp.Or(fault.ErrorType, "ThrottledException")
		return refusal(doc, code, cmp.Or(fault.Message, code))
	}
	for _, v := range segment.Check(doc) {
		if v.ErrorCode != "" || a.strict {
			return refusal(doc, cmp.Or(v.ErrorCode, "InvalidSegment"), v.Error())
		}
	}
	a.record(doc)
	if a.document != nil {
		a.document(doc)
	}
	return nil
}

func (a *API) record(doc []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = keepLast(append(a.kept, doc), a.keep)
}

func refusal(doc []byte, code, message string) *UnprocessedTraceSegment {
	return &UnprocessedTraceSegment{ID: operation.DocumentID(doc), ErrorCode: code, Message: message}
}
