// Package header reads and writes the X-Ray tracing header as aws-xray-sdk-go
// does, with its types. Package propagator of lambdaxray has the same header for
// OpenTelemetry.
package header

import (
	"maps"
	"slices"
	"strings"
)

// What the fields of a header begin with.
const (
	RootPrefix    = "Root="
	ParentPrefix  = "Parent="
	SampledPrefix = "Sampled="
	SelfPrefix    = "Self="
)

// SamplingDecision is the header's field Sampled, written out.
type SamplingDecision string

// The decisions. Of [Requested] the receiver decides and says so in its response;
// [Unknown] is a header without the field, or with a value nobody defined.
const (
	Sampled    SamplingDecision = "Sampled=1"
	NotSampled SamplingDecision = "Sampled=0"
	Requested  SamplingDecision = "Sampled=?"
	Unknown    SamplingDecision = ""
)

// Header is the value of X-Amzn-Trace-Id. Nothing in it is checked.
type Header struct {
	TraceID          string
	ParentID         string
	SamplingDecision SamplingDecision

	AdditionalData map[string]string // the other fields but Self
}

// FromString returns what s says, whatever s is. Fields come in any order, with
// spaces around them; of a repeated one the last counts. The result is never nil.
func FromString(s string) *Header {
	h := &Header{AdditionalData: map[string]string{}}
	for field := range strings.SplitSeq(s, ";") {
		field = strings.TrimSpace(field)
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			continue
		}
		switch key {
		case "Root":
			h.TraceID = value
		case "Parent":
			h.ParentID = value
		case "Sampled":
			h.SamplingDecision = decision(field)
		case "Self": // of the last hop only
		default:
			h.AdditionalData[key] = value
		}
	}
	return h
}

func decision(field string) SamplingDecision {
	switch d := SamplingDecision(field); d {
	case Sampled, NotSampled, Requested:
		return d
	}
	return Unknown
}

// String returns the header as it goes out: Root, Parent, Sampled, and the other
// fields in the order of their keys.
func (h Header) String() string {
	var fields []string
	if h.TraceID != "" {
		fields = append(fields, RootPrefix+h.TraceID)
	}
	if h.ParentID != "" {
		fields = append(fields, ParentPrefix+h.ParentID)
	}
	if h.SamplingDecision != Unknown {
		fields = append(fields, string(h.SamplingDecision))
	}
	for _, key := range slices.Sorted(maps.Keys(h.AdditionalData)) {
		fields = append(fields, key+"="+h.AdditionalData[key])
	}
	return strings.Join(fields, ";")
}
