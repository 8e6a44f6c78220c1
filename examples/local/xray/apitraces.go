package xray

import (
	"cmp"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest/operation"
)

// maxTraceIDs is how many traces BatchGetTraces answers at once.
const maxTraceIDs = 5

// putTraceSegments refuses what X-Ray refuses.
func (a *api) putTraceSegments(in operation.Segments) (operation.Unprocessed, error) {
	out, err := operation.PutTraceSegments(in, a.take)
	if err != nil {
		return out, err
	}
	return out, a.store.Sync() // what is acknowledged is kept
}

func (a *api) take(doc []byte) *operation.UnprocessedTraceSegment {
	violations, err := a.store.Add(Arrival{Document: doc, Source: "api", Strict: true})
	if err == nil {
		return nil
	}
	for _, v := range violations {
		if v.ErrorCode != "" {
			return &operation.UnprocessedTraceSegment{ID: operation.DocumentID(doc), ErrorCode: v.ErrorCode, Message: v.Error()}
		}
	}
	return &operation.UnprocessedTraceSegment{ID: operation.DocumentID(doc), ErrorCode: "ParseError", Message: err.Error()}
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
		return traceGraphOutput{}, operation.Invalidf("TraceIds: at least one is needed")
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
		return batchGetTracesOutput{}, operation.Invalidf("TraceIds: 1 to %d are allowed, got %d", maxTraceIDs, n)
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
		return traceSummariesOutput{}, operation.Invalidf("TimeRangeType: TraceId, Event or Service, got %.40q", in.TimeRangeType)
	}
	all := a.store.snapshot(in.StartTime, in.EndTime, overlap)
	list := a.store.match(all, by)
	rows, next, err := byStart.page(list, in.NextToken, pageSize)
	if err != nil {
		return traceSummariesOutput{}, operation.Invalidf("NextToken must be that of an answer, got %.40q", in.NextToken)
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
		return nil, operation.Invalidf("FilterExpression: %v", err)
	}
	return by, nil
}

// groupFilter returns the filter of a group that a call names, or both empty.
func (a *api) groupFilter(name, arn string) (*filter.Filter, error) {
	g, known := a.store.group(name, arn)
	if !known {
		return nil, operation.Invalidf("there is no group %s", cmp.Or(name, arn))
	}
	return g.filter, nil
}
