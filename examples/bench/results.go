package main

import (
	"slices"
)

// The implementations, as benchmarks and functions name them.
const (
	ours  = "lambdaxray"
	bare  = "bare" // aws-lambda-go alone: what differences are to
	floor = "sdk"  // OpenTelemetry's SDK with nothing behind it
)

// impls are the columns of the table.
var impls = []string{ours, floor, "aws-xray-sdk-go", "xrayudp", "otlp-grpc", "otlp-http", "awsxrayexporter"}

// results are the samples of each measure of each implementation.
type results struct {
	samples map[string]map[string][]float64
}

func newResults() *results { return &results{samples: make(map[string]map[string][]float64)} }

func (r *results) add(measure, impl string, value float64) {
	if r.samples[measure] == nil {
		r.samples[measure] = make(map[string][]float64)
	}
	r.samples[measure][impl] = append(r.samples[measure][impl], value)
}

// median returns the median of a measure, and false if it was not taken.
func (r *results) median(measure, impl string) (float64, bool) {
	s := r.samples[measure][impl]
	if len(s) == 0 {
		return 0, false
	}
	return quantile(s, 0.5), true
}

// quantile returns the q-quantile of samples, which may be in any order.
func quantile(samples []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
