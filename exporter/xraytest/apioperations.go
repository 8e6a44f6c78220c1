package xraytest

import (
	"cmp"
	"encoding/json"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// maxDocumentsPerCall is how many documents everyone sends in one call.
const maxDocumentsPerCall = 50

type putTraceSegmentsInput struct {
	TraceSegmentDocuments []string
}

type putTraceSegmentsOutput struct {
	UnprocessedTraceSegments []UnprocessedTraceSegment
}

// UnprocessedTraceSegment is a document that PutTraceSegments refused.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_UnprocessedTraceSegment.html
type UnprocessedTraceSegment struct {
	ID        string `json:"Id,omitempty"` // empty if none could be read
	ErrorCode string
	Message   string
}

func (a *API) putTraceSegments(in putTraceSegmentsInput, fault *Fault) (putTraceSegmentsOutput, error) {
	if n := len(in.TraceSegmentDocuments); n == 0 || n > maxDocumentsPerCall {
		return putTraceSegmentsOutput{}, invalidf("TraceSegmentDocuments: 1 to %d are allowed, got %d", maxDocumentsPerCall, n)
	}
	out := putTraceSegmentsOutput{UnprocessedTraceSegments: []UnprocessedTraceSegment{}}
	taken := 0
	for _, doc := range in.TraceSegmentDocuments {
		if refused := a.take([]byte(doc), fault); refused != nil {
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments, *refused)
		} else {
			taken++
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.Documents += taken
	a.stats.Unprocessed += len(out.UnprocessedTraceSegments)
	return out, nil
}

// take stores one document, or says why not.
func (a *API) take(doc []byte, fault *Fault) *UnprocessedTraceSegment {
	if fault.Unprocessed != nil && fault.Unprocessed(documentID(doc)) {
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
	return &UnprocessedTraceSegment{ID: documentID(doc), ErrorCode: code, Message: message}
}

// documentID returns the id of a document that may be broken otherwise, "" if
// there is none to find.
func documentID(doc []byte) string {
	var d struct {
		ID string `json:"id"`
	}
	// An id of the wrong type is none; what else is wrong, Check has said.
	_ = json.Unmarshal(doc, &d)
	return d.ID
}
