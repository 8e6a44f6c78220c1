package xray

import "github.com/lambdaxray/lambdaxray/xray/pattern"

// SegmentNamer names the segment of a request after the host that was asked.
type SegmentNamer interface {
	Name(host string) string
}

// FixedSegmentNamer gives every segment one name.
type FixedSegmentNamer struct {
	FixedName string
}

// NewFixedSegmentNamer returns one. AWS_XRAY_TRACING_NAME takes precedence over
// every name of a segment.
func NewFixedSegmentNamer(name string) *FixedSegmentNamer {
	return &FixedSegmentNamer{FixedName: name}
}

// Name returns FixedName.
func (n *FixedSegmentNamer) Name(string) string { return n.FixedName }

// DynamicSegmentNamer names a segment after the host if that is recognised.
type DynamicSegmentNamer struct {
	FallbackName    string
	RecognizedHosts string // with * and ?
}

// NewDynamicSegmentNamer returns one.
func NewDynamicSegmentNamer(fallback string, recognized string) *DynamicSegmentNamer {
	return &DynamicSegmentNamer{FallbackName: fallback, RecognizedHosts: recognized}
}

// Name returns host if it fits RecognizedHosts, and else FallbackName.
func (n *DynamicSegmentNamer) Name(host string) string {
	if pattern.WildcardMatchCaseInsensitive(n.RecognizedHosts, host) {
		return host
	}
	return n.FallbackName
}
