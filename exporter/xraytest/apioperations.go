package xraytest

import (
	"cmp"
	"encoding/json"
	"math"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// maxDocumentsPerCall is how many documents everyone sends in one call.
const maxDocumentsPerCall = 50

// maxTraceIDs is the limit of BatchGetTraces.
const maxTraceIDs = 5

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
	if !a.forget {
		if err := a.store.Put(doc); err != nil {
			return refusal(doc, "ParseError", err.Error())
		}
	}
	if a.document != nil {
		a.document(doc)
	}
	return nil
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

// timeRange is the time that a call asks for, in seconds since 1970.
type timeRange struct {
	StartTime, EndTime float64
}

func (r timeRange) times() (start, end time.Time, err error) {
	if r.EndTime != 0 && r.EndTime < r.StartTime {
		return start, end, invalidf("EndTime must not be before StartTime")
	}
	return fromEpoch(r.StartTime), fromEpoch(r.EndTime), nil
}

// fromEpoch converts seconds since 1970; 0, and what is no time, is the zero time.
func fromEpoch(s float64) time.Time {
	if s <= 0 || s > segment.MaxTime {
		return time.Time{}
	}
	whole, fraction := math.Modf(s)
	return time.Unix(int64(whole), int64(fraction*1e9))
}

type serviceGraphOutput struct {
	StartTime                float64
	EndTime                  float64
	Services                 []Service
	ContainsOldGroupVersions bool
}

func (a *API) serviceGraph(in timeRange) (serviceGraphOutput, error) {
	start, end, err := in.times()
	if err != nil {
		return serviceGraphOutput{}, err
	}
	return serviceGraphOutput{StartTime: in.StartTime, EndTime: in.EndTime, Services: a.store.ServiceGraph(start, end)}, nil
}

type traceIDsInput struct {
	TraceIDs []string `json:"TraceIds"`
}

type traceGraphOutput struct {
	Services []Service
}

func (a *API) traceGraph(in traceIDsInput) (traceGraphOutput, error) {
	if len(in.TraceIDs) == 0 {
		return traceGraphOutput{}, invalidf("TraceIds: at least one is needed")
	}
	services, _ := a.store.TraceGraph(in.TraceIDs...)
	return traceGraphOutput{services}, nil
}

type batchGetTracesOutput struct {
	Traces              []Trace
	UnprocessedTraceIDs []string `json:"UnprocessedTraceIds"`
}

func (a *API) batchGetTraces(in traceIDsInput) (batchGetTracesOutput, error) {
	if n := len(in.TraceIDs); n == 0 || n > maxTraceIDs {
		return batchGetTracesOutput{}, invalidf("TraceIds: 1 to %d are allowed, got %d", maxTraceIDs, n)
	}
	traces, unprocessed := a.store.BatchGetTraces(in.TraceIDs...)
	return batchGetTracesOutput{traces, unprocessed}, nil
}

type traceSummariesInput struct {
	timeRange
	FilterExpression string
}

type traceSummariesOutput struct {
	TraceSummaries       []TraceSummary
	ApproximateTime      float64 // of the oldest trace in the answer
	TracesProcessedCount int
}

func (a *API) traceSummaries(in traceSummariesInput) (traceSummariesOutput, error) {
	start, end, err := in.times()
	if err != nil {
		return traceSummariesOutput{}, err
	}
	filter, err := ParseFilter(in.FilterExpression)
	if err != nil {
		return traceSummariesOutput{}, invalidf("FilterExpression: %v", err)
	}
	out := traceSummariesOutput{
		TraceSummaries:       a.store.TraceSummaries(start, end, filter),
		ApproximateTime:      in.StartTime,
		TracesProcessedCount: len(a.store.TraceSummaries(start, end, nil)),
	}
	return out, nil
}
