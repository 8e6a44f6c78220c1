package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// Trace is where an invocation stands: the trace, the caller's
// subsegment if there is one, and the service segment that Lambda writes.
type Trace struct {
	header  propagator.Header // as it came in, or a new trace
	service string            // id of the service segment
}

// ParseTrace continues the trace of header. Without one, or without a
// decision in it, the local platform samples everything; Lambda samples one
// request a second and 5 % of the rest.
func ParseTrace(header string) (Trace, error) {
	var h propagator.Header
	if header != "" {
		var err error
		if h, err = propagator.ParseHeader(header); err != nil {
			return Trace{}, err
		}
	} else {
		// The first four bytes of an X-Ray trace id are its time.
		b := []byte{}
		b, _ = hex.AppendDecode(b, []byte(fmt.Sprintf("%08x", uint32(time.Now().Unix()))))
		copy(h.Root[:], append(b, randomBytes(12)...))
	}
	return Trace{header: h, service: newID()}, nil
}

// Sampled reports whether anybody writes documents.
func (t Trace) Sampled() bool { return t.header.Sampled != propagator.SamplingNo }

// ID returns the trace id as X-Ray writes it.
func (t Trace) ID() string { return segment.TraceID(t.header.Root) }

// caller returns the id of the subsegment that the request came from.
func (t Trace) caller() string {
	if !t.header.Parent.IsValid() {
		return ""
	}
	return t.header.Parent.String()
}

// functionHeader is the tracing header that the function gets.
func (t Trace) functionHeader(functionSegment string) string {
	sampled := "1"
	if !t.Sampled() {
		sampled = "0"
	}
	lineage := t.header.Lineage()
	if lineage == "" {
		lineage = "1:10ca1000:0"
	}
	return "Root=" + t.ID() + ";Parent=" + functionSegment + ";Sampled=" + sampled + ";Lineage=" + lineage
}

// attempt is one run of the function for an event, as the platform saw it.
type attempt struct {
	segment string // id of the function segment

	started time.Time // the service turned to it; includes what follows
	cold    bool
	process time.Time // cold: the process started
	ready   time.Time // cold: its initialization ended

	initFailed bool

	handler time.Time // the function got the event
	ended   time.Time // it asked for the next one, or was gone
	result  xraytest.Result
}

func (a attempt) failed() bool { return a.result.FunctionError != "" }

// functionSegment is the segment that Lambda writes for the function's own
// time.
func functionSegment(fn xraytest.Function, t Trace, a attempt) *segment.Document {
	d := &segment.Document{
		Name: fn.Name, ID: a.segment, TraceID: t.ID(), ParentID: t.service,
		Origin: "AWS::Lambda::Function", ResourceARN: fn.ARN(),
		StartTime: micros(a.handler), EndTime: micros(a.ended),
		AWS: map[string]any{
			"function_arn":    fn.ARN(),
			"account_id":      fn.AccountID,
			"resource_names":  []string{fn.Name},
			"cloudwatch_logs": []map[string]string{{"log_group": fn.LogGroup()}},
		},
		Fault: a.failed(),
		Cause: causeOf(a.result),
	}
	if a.cold {
		// Before the segment's start, in its tree all the same.
		d.Subsegments = []*segment.Document{{
			Name: "Initialization", ID: newID(),
			StartTime: micros(a.process), EndTime: micros(a.ready),
			AWS:   map[string]any{"function_arn": fn.ARN()},
			Fault: a.initFailed,
		}}
	}
	return d
}

// causeOf returns what the function reported to the Runtime API: the cause
// object that aws-lambda-go sends for X-Ray, or else the error object.
func causeOf(r xraytest.Result) *segment.Cause {
	if r.FunctionError == "" {
		return nil
	}
	var reported struct {
		WorkingDirectory string `json:"working_directory"`
		Exceptions       []struct {
			Type    string               `json:"type"`
			Message string               `json:"message"`
			Stack   []segment.StackFrame `json:"stack"`
		} `json:"exceptions"`
	}
	if json.Unmarshal(r.XRayCause, &reported) == nil && len(reported.Exceptions) > 0 {
		c := &segment.Cause{WorkingDirectory: reported.WorkingDirectory}
		for _, e := range reported.Exceptions {
			c.Exceptions = append(c.Exceptions, segment.Exception{ID: newID(), Type: e.Type, Message: e.Message, Stack: e.Stack})
		}
		return c
	}
	e := segment.Exception{ID: newID(), Type: r.ErrorType}
	var object struct{ ErrorMessage string }
	if json.Unmarshal(r.ErrorObject, &object) == nil {
		e.Message = object.ErrorMessage
	}
	return &segment.Cause{Exceptions: []segment.Exception{e}}
}

// serviceSegment is the segment that Lambda writes for the request. status is
// that of the invoke API: 200 even if the function failed, 202 where the
// event was only accepted.
func serviceSegment(fn xraytest.Function, t Trace, requestID string, status int, received, ended time.Time) *segment.Document {
	return &segment.Document{
		Name: fn.Name, ID: t.service, TraceID: t.ID(), ParentID: t.caller(),
		Origin: "AWS::Lambda", ResourceARN: fn.ARN(),
		StartTime: millis(received), EndTime: millis(ended),
		HTTP: &segment.HTTP{Response: segment.HTTPResponse{Status: status}},
		AWS:  map[string]any{"request_id": requestID, "function_arn": fn.ARN()},
	}
}

// dwellTime is the time an asynchronous event waited for its first attempt.
func dwellTime(received, started time.Time) *segment.Document {
	return &segment.Document{Name: "Dwell Time", ID: newID(), StartTime: millis(received), EndTime: millis(started)}
}

// attemptSubsegment is attempt number n, with what the service adds to the
// function's own time. An event that is tried again keeps its earlier
// attempts.
func attemptSubsegment(n int, a attempt) *segment.Document {
	return &segment.Document{
		Name: "Attempt #" + strconv.Itoa(n), ID: newID(),
		StartTime: millis(a.started), EndTime: millis(a.ended),
		HTTP:  &segment.HTTP{Response: segment.HTTPResponse{Status: 200}},
		Fault: a.failed(),
	}
}

// millis writes t as the service segment has it, in milliseconds.
func millis(t time.Time) json.Number {
	ms := t.UnixMilli()
	return json.Number(fmt.Sprintf("%d.%03d", ms/1000, ms%1000))
}

func micros(t time.Time) json.Number {
	us := t.UnixMicro()
	return json.Number(fmt.Sprintf("%d.%06d", us/1e6, us%1e6))
}

// newID returns a random segment id.
func newID() string { return hex.EncodeToString(randomBytes(8)) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	b[0] |= 1 // an id is never zero
	return b
}
