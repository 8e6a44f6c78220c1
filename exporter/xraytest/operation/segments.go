package operation

import "encoding/json"

// maxDocumentsPerCall is how many documents everyone sends in one call.
const maxDocumentsPerCall = 50

// Segments is the input of PutTraceSegments.
type Segments struct {
	TraceSegmentDocuments []string
}

// Unprocessed is the output of PutTraceSegments.
type Unprocessed struct {
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

// PutTraceSegments has take say of each document why it is refused, nil if it is
// taken. A call without documents, or with more than 50, is invalid.
func PutTraceSegments(in Segments, take func(doc []byte) *UnprocessedTraceSegment) (Unprocessed, error) {
	if n := len(in.TraceSegmentDocuments); n == 0 || n > maxDocumentsPerCall {
		return Unprocessed{}, Invalidf("TraceSegmentDocuments: 1 to %d are allowed, got %d", maxDocumentsPerCall, n)
	}
	out := Unprocessed{UnprocessedTraceSegments: []UnprocessedTraceSegment{}}
	for _, doc := range in.TraceSegmentDocuments {
		if refused := take([]byte(doc)); refused != nil {
			out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments, *refused)
		}
	}
	return out, nil
}

// DocumentID returns the id of a document that may be broken otherwise, "" if
// there is none to find.
func DocumentID(doc []byte) string {
	var d struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(doc, &d) // an id of another type is none
	return d.ID
}
