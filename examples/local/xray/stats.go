package xray

import (
	"cmp"
	"math"
	"slices"
)

// SummaryStatistics counts the completed requests of a service or an edge. A
// request counts once: as a fault, else throttled, else as another error, else
// as ok.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_ServiceStatistics.html
type SummaryStatistics struct {
	OkCount           int
	ErrorStatistics   ErrorStatistics
	FaultStatistics   FaultStatistics
	TotalCount        int
	TotalResponseTime float64 // seconds
}

// ErrorStatistics counts client errors, 4xx.
type ErrorStatistics struct {
	ThrottleCount int // 429
	OtherCount    int
	TotalCount    int
}

// FaultStatistics counts faults, 5xx.
type FaultStatistics struct {
	OtherCount int
	TotalCount int
}

// HistogramEntry counts the requests that took the same time, to the millisecond.
type HistogramEntry struct {
	Value float64 // seconds
	Count int
}

// add counts one request. What is in progress has no outcome yet and does not
// count.
func (s *SummaryStatistics) add(p *part) {
	if p.doc.InProgress {
		return
	}
	s.TotalCount++
	s.TotalResponseTime += between(p.start, p.end)
	switch {
	case p.doc.Fault:
		s.FaultStatistics.OtherCount++
		s.FaultStatistics.TotalCount++
	case p.doc.Throttle:
		s.ErrorStatistics.ThrottleCount++
		s.ErrorStatistics.TotalCount++
	case p.doc.Error:
		s.ErrorStatistics.OtherCount++
		s.ErrorStatistics.TotalCount++
	default:
		s.OkCount++
	}
}

// between returns the seconds from start to end, to the microsecond: a double that
// counts from 1970 has no more digits than that.
func between(start, end float64) float64 { return math.Round((end-start)*1e6) / 1e6 }

// addToHistogram counts a duration in a histogram, which is sorted by value.
func addToHistogram(h []HistogramEntry, seconds float64) []HistogramEntry {
	value := math.Round(seconds*1000) / 1000
	i, found := slices.BinarySearchFunc(h, value, func(e HistogramEntry, v float64) int { return cmp.Compare(e.Value, v) })
	if !found {
		h = slices.Insert(h, i, HistogramEntry{Value: value})
	}
	h[i].Count++
	return h
}
