package segment

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Document is a segment, a subsegment that is sent alone, or a subsegment within
// one. It has every field of the developer guide; what else a document holds is
// not read.
type Document struct {
	Name        string         `json:"name"`
	ID          string         `json:"id"`
	TraceID     string         `json:"trace_id,omitempty"`
	ParentID    string         `json:"parent_id,omitempty"`
	Type        string         `json:"type,omitempty"`       // "subsegment" on an independent subsegment
	StartTime   json.Number    `json:"start_time,omitempty"` // seconds since the Unix epoch
	EndTime     json.Number    `json:"end_time,omitempty"`   // seconds since the Unix epoch
	InProgress  bool           `json:"in_progress,omitempty"`
	Namespace   string         `json:"namespace,omitempty"` // "aws", "remote" or empty
	Origin      string         `json:"origin,omitempty"`
	ResourceARN string         `json:"resource_arn,omitempty"`
	User        string         `json:"user,omitempty"`
	Inferred    bool           `json:"inferred,omitempty"` // only in what X-Ray returns
	Error       bool           `json:"error,omitempty"`
	Throttle    bool           `json:"throttle,omitempty"`
	Fault       bool           `json:"fault,omitempty"`
	Cause       *Cause         `json:"cause,omitempty"`
	HTTP        *HTTP          `json:"http,omitempty"`
	AWS         map[string]any `json:"aws,omitempty"`
	SQL         *SQL           `json:"sql,omitempty"`
	Service     *Service       `json:"service,omitempty"`

	Annotations  map[string]any            `json:"annotations,omitempty"`
	Metadata     map[string]map[string]any `json:"metadata,omitempty"`
	Links        []Link                    `json:"links,omitempty"`
	PrecursorIDs []string                  `json:"precursor_ids,omitempty"`
	Subsegments  []*Document               `json:"subsegments,omitempty"`
}

// Cause lists the exceptions behind an error or fault.
type Cause struct {
	// ID is set when the cause is only a reference to an exception recorded in
	// a child; then nothing else is.
	ID               string      `json:"-"`
	WorkingDirectory string      `json:"working_directory,omitempty"`
	Paths            []string    `json:"paths,omitempty"`
	Exceptions       []Exception `json:"exceptions,omitempty"`
}

// Exception is one exception with its stack, most recent call first.
type Exception struct {
	ID        string       `json:"id"`
	Type      string       `json:"type,omitempty"`
	Message   string       `json:"message,omitempty"`
	Remote    bool         `json:"remote,omitempty"`
	Truncated int          `json:"truncated,omitempty"` // frames left out
	Skipped   int          `json:"skipped,omitempty"`   // exceptions left out between this and its child
	Cause     string       `json:"cause,omitempty"`     // id of the exception that caused this one
	Stack     []StackFrame `json:"stack,omitempty"`
}

// StackFrame is one frame of an exception's stack.
type StackFrame struct {
	Path  string `json:"path,omitempty"`
	Line  int    `json:"line,omitempty"`
	Label string `json:"label,omitempty"`
}

// HTTP is the http block.
type HTTP struct {
	Request  HTTPRequest  `json:"request,omitzero"`
	Response HTTPResponse `json:"response,omitzero"`
}

// HTTPRequest is the request half of the http block.
type HTTPRequest struct {
	Method        string `json:"method,omitempty"`
	URL           string `json:"url,omitempty"`
	UserAgent     string `json:"user_agent,omitempty"`
	ClientIP      string `json:"client_ip,omitempty"`
	XForwardedFor bool   `json:"x_forwarded_for,omitempty"`
	Traced        bool   `json:"traced,omitempty"`
}

// HTTPResponse is the response half of the http block.
type HTTPResponse struct {
	Status        int   `json:"status,omitempty"`
	ContentLength int64 `json:"content_length,omitempty"`
}

// SQL is the sql block.
type SQL struct {
	ConnectionString string `json:"connection_string,omitempty"`
	URL              string `json:"url,omitempty"`
	SanitizedQuery   string `json:"sanitized_query,omitempty"`
	DatabaseType     string `json:"database_type,omitempty"`
	DatabaseVersion  string `json:"database_version,omitempty"`
	DriverVersion    string `json:"driver_version,omitempty"`
	User             string `json:"user,omitempty"`
	Preparation      string `json:"preparation,omitempty"`
}

// Service is the service block.
type Service struct {
	Version        string `json:"version,omitempty"`
	Runtime        string `json:"runtime,omitempty"`
	RuntimeVersion string `json:"runtime_version,omitempty"`
}

// Link is one entry of a segment's links.
type Link struct {
	ID         string         `json:"id"`
	TraceID    string         `json:"trace_id"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Parse reads one segment document. An error that wraps a
// [json.UnmarshalTypeError] comes with the document all the same: it lacks what
// has the wrong type, as X-Ray drops it, and the error names the first of these
// outside a cause.
// With any other error the document is nil. [Check] names all that is wrong.
func Parse(data []byte) (*Document, error) {
	var d Document
	err := json.Unmarshal(data, &d)
	if err == nil {
		return &d, nil
	}
	err = fmt.Errorf("segment document: %w", err)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" {
		return &d, err
	}
	return nil, err
}

// UnmarshalJSON reads a cause in either of its two forms: the id of an
// exception, or the object. Parts of a wrong type are left out without an error,
// which would end the reading of the whole document.
func (c *Cause) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.ID)
	}
	type object Cause
	err := json.Unmarshal(data, (*object)(c))
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return nil
	}
	return err
}

// MarshalJSON writes the form that was read.
func (c Cause) MarshalJSON() ([]byte, error) {
	if c.ID != "" {
		return json.Marshal(c.ID)
	}
	type object Cause
	return json.Marshal(object(c))
}
