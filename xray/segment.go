package xray

import (
	"encoding/json"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/xray/header"
	"github.com/lambdaxray/lambdaxray/xray/strategy/exception"
	"github.com/lambdaxray/lambdaxray/xray/strategy/sampling"
)

// Segment is a segment or subsegment: a span, and beside it what the program
// writes into its fields. They are read once, by [Segment.Close]. Writing ids or
// StartTime has no effect, which is logged once; see the package documentation.
//
// The fields are guarded by the lock that a Segment is. Its methods take it but
// for those that begin with Get and DownstreamHeader. Methods of a nil Segment do
// nothing.
type Segment struct {
	sync.RWMutex

	parent   *Segment
	span     trace.Span
	foreign  bool   // somebody else's span: written at once, closed by its owner
	closed   bool   // by Close, or given up by RemoveSubsegment
	lost     bool   // begun in a context without a parent
	peer     string // address of the connection that a request came over
	begun    begun  // the ids as they were
	children []*Segment
	open     int     // children not closed
	diverted Emitter // takes the tree in place of OpenTelemetry; nil: nobody

	Sampled          bool           `json:"-"`
	RequestWasTraced bool           `json:"-"`
	ContextDone      bool           `json:"-"`
	Emitted          bool           `json:"-"`
	IncomingHeader   *header.Header `json:"-"`
	ParentSegment    *Segment       `json:"-"` // the topmost

	TraceID   string  `json:"trace_id,omitempty"`
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	StartTime float64 `json:"start_time"`
	EndTime   float64 `json:"end_time,omitempty"`

	InProgress  bool       `json:"in_progress,omitempty"`
	ParentID    string     `json:"parent_id,omitempty"`
	Fault       bool       `json:"fault,omitempty"`
	Error       bool       `json:"error,omitempty"`
	Throttle    bool       `json:"throttle,omitempty"`
	Cause       *CauseData `json:"cause,omitempty"`
	ResourceARN string     `json:"resource_arn,omitempty"`
	Origin      string     `json:"origin,omitempty"`

	Type         string   `json:"type,omitempty"`
	Namespace    string   `json:"namespace,omitempty"`
	User         string   `json:"user,omitempty"`
	PrecursorIDs []string `json:"precursor_ids,omitempty"`

	HTTP *HTTPData      `json:"http,omitempty"`
	AWS  map[string]any `json:"aws,omitempty"`

	Service *ServiceData `json:"service,omitempty"`
	SQL     *SQLData     `json:"sql,omitempty"`

	Annotations map[string]any            `json:"annotations,omitempty"`
	Metadata    map[string]map[string]any `json:"metadata,omitempty"`

	Subsegments []json.RawMessage `json:"subsegments,omitempty"` // for an [Emitter] of the program's own

	Configuration *Config `json:"-"`

	Facade bool `json:"-"` // the platform's segment, which is not ours to send

	Dummy bool // not sampled: nothing is kept and nothing sent
}

// begun is what Close finds changed and cannot honour.
type begun struct {
	traceID, id, parentID string
	startTime             float64
	sampled               bool
}

// CauseData is what went wrong.
type CauseData struct {
	WorkingDirectory string                `json:"working_directory,omitempty"`
	Paths            []string              `json:"paths,omitempty"`
	Exceptions       []exception.Exception `json:"exceptions,omitempty"`
}

// HTTPData is an HTTP request and what was answered.
type HTTPData struct {
	Request  *RequestData  `json:"request,omitempty"`
	Response *ResponseData `json:"response,omitempty"`
}

// RequestData is what was asked.
type RequestData struct {
	Method        string `json:"method,omitempty"`
	URL           string `json:"url,omitempty"`
	ClientIP      string `json:"client_ip,omitempty"`
	UserAgent     string `json:"user_agent,omitempty"`
	XForwardedFor bool   `json:"x_forwarded_for,omitempty"`
	Traced        bool   `json:"traced,omitempty"`
}

// ResponseData is what was answered.
type ResponseData struct {
	Status        int `json:"status,omitempty"`
	ContentLength int `json:"content_length,omitempty"` // bytes
}

// ServiceData is the program.
type ServiceData struct {
	Version        string `json:"version,omitempty"`
	RuntimeVersion string `json:"runtime_version,omitempty"`
	Runtime        string `json:"runtime,omitempty"`
}

// SQLData is a query. SanitizedQuery is sent as it is.
type SQLData struct {
	ConnectionString string `json:"connection_string,omitempty"`
	URL              string `json:"url,omitempty"`
	DatabaseType     string `json:"database_type,omitempty"`
	DatabaseVersion  string `json:"database_version,omitempty"`
	DriverVersion    string `json:"driver_version,omitempty"`
	User             string `json:"user,omitempty"`
	Preparation      string `json:"preparation,omitempty"`
	SanitizedQuery   string `json:"sanitized_query,omitempty"`
}

// SDK names the SDK inside a segment's aws block.
type SDK struct {
	Version  string `json:"sdk_version,omitempty"`
	Type     string `json:"sdk,omitempty"`
	RuleName string `json:"sampling_rule_name,omitempty"`
}

// GetCause returns Cause, made if need be.
func (seg *Segment) GetCause() *CauseData {
	if seg.Cause == nil {
		seg.Cause = &CauseData{}
	}
	return seg.Cause
}

// GetHTTP returns HTTP, made if need be.
func (seg *Segment) GetHTTP() *HTTPData {
	if seg.HTTP == nil {
		seg.HTTP = &HTTPData{}
	}
	return seg.HTTP
}

// GetAWS returns AWS, made if need be.
func (seg *Segment) GetAWS() map[string]any {
	if seg.AWS == nil {
		seg.AWS = map[string]any{}
	}
	return seg.AWS
}

// GetService returns Service, made if need be.
func (seg *Segment) GetService() *ServiceData {
	if seg.Service == nil {
		seg.Service = &ServiceData{}
	}
	return seg.Service
}

// GetSQL returns SQL, made if need be.
func (seg *Segment) GetSQL() *SQLData {
	if seg.SQL == nil {
		seg.SQL = &SQLData{}
	}
	return seg.SQL
}

// GetRequest returns Request, made if need be.
func (d *HTTPData) GetRequest() *RequestData {
	if d.Request == nil {
		d.Request = &RequestData{}
	}
	return d.Request
}

// GetResponse returns Response, made if need be.
func (d *HTTPData) GetResponse() *ResponseData {
	if d.Response == nil {
		d.Response = &ResponseData{}
	}
	return d.Response
}

// GetConfiguration returns Configuration, made if need be.
func (seg *Segment) GetConfiguration() *Config {
	if seg.Configuration == nil {
		seg.Configuration = &Config{}
	}
	return seg.Configuration
}

// AddRuleName notes the sampling rule that decided.
func (seg *Segment) AddRuleName(sd *sampling.Decision) {
	if seg == nil || sd == nil || sd.Rule == nil {
		return
	}
	sdk, ok := seg.GetAWS()["xray"].(SDK)
	if !ok {
		sdk = SDK{Version: SDKVersion, Type: SDKType}
	}
	sdk.RuleName = *sd.Rule
	seg.GetAWS()["xray"] = sdk
}

// DownstreamHeader returns the tracing header of a call that the segment makes:
// with the fields of the incoming header that nobody knows, Lineage among them.
func (seg *Segment) DownstreamHeader() *header.Header {
	h := &header.Header{}
	if seg == nil || SdkDisabled() {
		return h
	}
	top := seg.ParentSegment
	if top == nil {
		top = seg
	}
	if in := top.IncomingHeader; in != nil {
		*h = *in
	}
	if h.TraceID == "" {
		h.TraceID = top.TraceID
	}
	h.SamplingDecision = header.NotSampled
	if top.Sampled {
		h.SamplingDecision = header.Sampled
	}
	h.ParentID = seg.ID
	return h
}

// RemoveSubsegment gives up a child that is still open: it is not sent. It
// reports whether remove is one.
func (seg *Segment) RemoveSubsegment(remove *Segment) bool {
	if seg == nil || remove == nil || !seg.forget(remove) {
		return false
	}
	remove.Lock()
	defer remove.Unlock()
	remove.closed = true
	return true
}

// forget takes a child off the list of those that are not closed.
func (seg *Segment) forget(child *Segment) bool {
	seg.Lock()
	defer seg.Unlock()
	for i, c := range seg.children {
		if c == child {
			last := len(seg.children) - 1
			seg.children[i], seg.children[last] = seg.children[last], nil
			seg.children = seg.children[:last]
			seg.open--
			return true
		}
	}
	return false
}

func (seg *Segment) inProgress() bool {
	if seg == nil {
		return false
	}
	seg.RLock()
	defer seg.RUnlock()
	return seg.InProgress && !seg.closed
}
