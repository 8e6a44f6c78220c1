package xray

import (
	"cmp"
	"encoding/json"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

const (
	maxDocumentsPerCall = 50 // of PutTraceSegments
	maxTraceIDs         = 5  // of BatchGetTraces
)

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

// putTraceSegments refuses what X-Ray refuses.
func (a *api) putTraceSegments(in putTraceSegmentsInput) (putTraceSegmentsOutput, error) {
	if n := len(in.TraceSegmentDocuments); n == 0 || n > maxDocumentsPerCall {
		return putTraceSegmentsOutput{}, invalidf("TraceSegmentDocuments: 1 to %d are allowed, got %d", maxDocumentsPerCall, n)
	}
	out := putTraceSegmentsOutput{UnprocessedTraceSegments: []UnprocessedTraceSegment{}}
	for _, doc := range in.TraceSegmentDocuments {
		violations, err := a.store.Add(Arrival{Document: []byte(doc), Source: "api", Strict: true})
		if err == nil {
			continue
		}
		refused := UnprocessedTraceSegment{ID: documentID([]byte(doc)), ErrorCode: "ParseError", Message: err.Error()}
		for _, v := range violations {
			if v.ErrorCode != "" {
				refused.ErrorCode, refused.Message = v.ErrorCode, v.Error()
				break
			}
		}
		out.UnprocessedTraceSegments = append(out.UnprocessedTraceSegments, refused)
	}
	return out, a.store.Sync() // what is acknowledged is kept
}

// documentID returns the id of a document that may be broken otherwise.
func documentID(doc []byte) string {
	var d struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(doc, &d) // an id of another type is none
	return d.ID
}

type traceIDsInput struct {
	TraceIDs  []string `json:"TraceIds"`
	NextToken string
}

type traceGraphOutput struct {
	Services  []Service
	NextToken string `json:",omitempty"`
}

func (a *api) traceGraph(in traceIDsInput) (traceGraphOutput, error) {
	if len(in.TraceIDs) == 0 {
		return traceGraphOutput{}, invalidf("TraceIds: at least one is needed")
	}
	services, _ := a.store.TraceGraph(in.TraceIDs...)
	page, next, err := pageOf(services, in.NextToken)
	return traceGraphOutput{page, next}, err
}

type batchGetTracesOutput struct {
	Traces              []Trace
	UnprocessedTraceIDs []string `json:"UnprocessedTraceIds"`
}

func (a *api) batchGetTraces(in traceIDsInput) (batchGetTracesOutput, error) {
	if n := len(in.TraceIDs); n == 0 || n > maxTraceIDs {
		return batchGetTracesOutput{}, invalidf("TraceIds: 1 to %d are allowed, got %d", maxTraceIDs, n)
	}
	traces, unprocessed := a.store.BatchGetTraces(in.TraceIDs...)
	return batchGetTracesOutput{traces, unprocessed}, nil
}

type traceSummariesInput struct {
	timeRange
	FilterExpression string
	TimeRangeType    string
	Sampling         bool
	SamplingStrategy struct {
		Name  string
		Value float64
	}
	NextToken string
}

type traceSummariesOutput struct {
	TraceSummaries       []TraceSummary
	ApproximateTime      float64 // of the oldest trace in the answer
	TracesProcessedCount int
	NextToken            string `json:",omitempty"`
}

// byStart is the order of GetTraceSummaries.
var byStart = order{key: sorts["start"]}

// traceSummaries takes traces by their start, as X-Ray does by the time in their
// id, or, with a TimeRangeType of Event or Service, those that were under way.
func (a *api) traceSummaries(in traceSummariesInput) (traceSummariesOutput, error) {
	if err := in.check(); err != nil {
		return traceSummariesOutput{}, err
	}
	by, err := parseFilter(in.FilterExpression)
	if err != nil {
		return traceSummariesOutput{}, err
	}
	overlap := false
	switch in.TimeRangeType {
	case "", "TraceId":
	case "Event", "Service":
		overlap = true
	default:
		return traceSummariesOutput{}, invalidf("TimeRangeType: TraceId, Event or Service, got %.40q", in.TimeRangeType)
	}
	all := a.store.snapshot(in.StartTime, in.EndTime, overlap)
	list := a.store.match(all, by)
	rows, next, err := byStart.page(list, in.NextToken, pageSize)
	if err != nil {
		return traceSummariesOutput{}, invalidf("NextToken must be that of an answer, got %.40q", in.NextToken)
	}
	out := traceSummariesOutput{TraceSummaries: a.store.summaries(rows), ApproximateTime: in.StartTime, TracesProcessedCount: len(all), NextToken: next}
	if len(rows) > 0 {
		out.ApproximateTime = rows[0].start
	}
	return out, nil
}

func parseFilter(expression string) (*filter.Filter, error) {
	by, err := filter.Parse(expression)
	if err != nil {
		return nil, invalidf("FilterExpression: %v", err)
	}
	return by, nil
}

// groupFilter returns the filter of a group that a call names, or both empty.
func (a *api) groupFilter(name, arn string) (*filter.Filter, error) {
	g, known := a.store.group(name, arn)
	if !known {
		return nil, invalidf("there is no group %s", cmp.Or(name, arn))
	}
	return g.filter, nil
}
