// Package translator makes awsxrayexporter's translator callable: its own
// package is internal, and without it a benchmark of the mapping would also
// measure a Collector component and an HTTP client.
package translator

import (
	_ "unsafe" // for go:linkname

	_ "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter" // has the function
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Documents translates traces as the component does, without sending them.
func Documents(td ptrace.Traces) ([]string, error) {
	docs := make([]string, 0, td.SpanCount())
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				d, err := makeSegmentDocuments(span, rs.Resource(), nil, false, nil, true)
				if err != nil {
					return docs, err
				}
				docs = append(docs, d...)
			}
		}
	}
	return docs, nil
}

//go:linkname makeSegmentDocuments github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter/internal/translator.MakeSegmentDocuments
func makeSegmentDocuments(span ptrace.Span, resource pcommon.Resource, indexed []string, indexAll bool, logGroups []string, skipTimestampValidation bool) ([]string, error)
