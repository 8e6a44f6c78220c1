package xray

import (
	"math"
	"slices"
)

// maxBuckets is how many bars a histogram has at most.
const maxBuckets = 64

// histogram counts durations in buckets of about equal width on a logarithmic
// scale, from 0.1 ms to 1000 s. What was added can be taken out again, exactly.
type histogram []bucket

type bucket struct {
	index  uint8
	count  int32
	micros int64 // of all in it together
}

// bucketOf returns the index of a duration's bucket: the first is for what is below
// 0.1 ms, the last for what is above 1000 s. Each is 30 % wide.
func bucketOf(micros int64) uint8 {
	if micros < 100 {
		return 0
	}
	const perDecade = (maxBuckets - 2) / 7.0
	return uint8(min(1+int((math.Log10(float64(micros))-2)*perDecade), maxBuckets-1))
}

// add counts a duration; n is 1, or -1 to take it out.
func (h *histogram) add(micros int64, n int32) {
	h.merge(bucket{bucketOf(micros), n, int64(n) * micros})
}

func (h *histogram) merge(b bucket) {
	i, found := slices.BinarySearchFunc(*h, b.index, func(b bucket, index uint8) int { return int(b.index) - int(index) })
	if !found {
		*h = slices.Insert(*h, i, b)
		return
	}
	at := &(*h)[i]
	at.count += b.count
	at.micros += b.micros
	if at.count == 0 {
		*h = slices.Delete(*h, i, i+1)
	}
}

func (h *histogram) addAll(other histogram) {
	for _, b := range other {
		h.merge(b)
	}
}

// value is the average of a bucket, in seconds.
func (b bucket) value() float64 { return roundMicros(float64(b.micros) / float64(b.count) / 1e6) }

func roundMicros(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }

// quantile returns the duration that a share q of all does not exceed, to about a
// bucket's width; 0 if there are none.
func (h histogram) quantile(q float64) float64 {
	total := int32(0)
	for _, b := range h {
		total += b.count
	}
	rank := int32(math.Ceil(q * float64(total)))
	for _, b := range h {
		if rank -= b.count; rank <= 0 {
			return b.value()
		}
	}
	return 0
}

// outcome is how a request ended.
type outcome uint8

const (
	pending outcome = iota
	ok
	clientError
	throttled
	fault
)

var outcomeNames = [...]string{"pending", "ok", "error", "throttle", "fault"}

// stats counts requests. What is in progress is counted apart.
type stats struct {
	counts [5]int32 // by outcome
	micros int64    // of the completed ones
	times  histogram
}

// add counts a request of an outcome; n is 1, or -1 to take it out.
func (s *stats) add(o outcome, micros int64, n int32) {
	s.counts[o] += n
	if o != pending {
		s.micros += int64(n) * micros
		s.times.add(micros, n)
	}
}

func (s *stats) addAll(other *stats) {
	for i, n := range other.counts {
		s.counts[i] += n
	}
	s.micros += other.micros
	s.times.addAll(other.times)
}

func (s *stats) total() int {
	return int(s.counts[ok] + s.counts[clientError] + s.counts[throttled] + s.counts[fault])
}
