package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// row is a measure as the table and the picture show it.
type row struct {
	measure string // of results
	label   string
	scale   float64 // by which values are multiplied; 0 is 1
	format  string
	over    bool // a difference to the bare function: no ratios, it may be about nothing
	more    bool // more is better
}

var rows = []row{
	{measure: "MapTrace ns/op", label: "map a trace of 6 spans, µs", scale: 1e-3, format: "%.1f"},
	{measure: "MapTrace allocs/op", label: "  allocations", format: "%.0f"},
	{measure: "ExceptionSpan ns/op", label: "map a span with a Go stack, µs", scale: 1e-3, format: "%.1f"},
	{measure: "Batch/spans=1 ns/span", label: "map 1 span, µs", scale: 1e-3, format: "%.2f"},
	{measure: "Batch/spans=10 ns/span", label: "  a span of 10", scale: 1e-3, format: "%.2f"},
	{measure: "Batch/spans=100 ns/span", label: "  of 100", scale: 1e-3, format: "%.2f"},
	{measure: "Batch/spans=1000 ns/span", label: "  of 1,000", scale: 1e-3, format: "%.2f"},
	{measure: "Batch/spans=10000 ns/span", label: "  of 10,000", scale: 1e-3, format: "%.2f"},
	{measure: "Invocation ns/op", label: "an invocation of 7 spans, µs", scale: 1e-3, format: "%.1f"},
	{measure: "Invocation allocs/op", label: "  allocations", format: "%.0f"},
	{measure: "Invocation wire-B/op", label: "  bytes sent", format: "%.0f"},
	{measure: "Invocation datagrams/op", label: "  datagrams", format: "%.0f"},
	{measure: sizeMB, label: "binary over aws-lambda-go, MB", format: "%+.2f", over: true},
	{measure: startMS, label: "start-up over aws-lambda-go, ms", format: "%+.2f", over: true},
	{measure: memoryMB, label: "resident memory over it, MB", format: "%+.2f", over: true},
	{measure: latencyP50, label: "latency of 6 spans over it, p50, µs", format: "%+.0f", over: true},
	{measure: latencyP99, label: "latency of 6 spans over it, p99, µs", format: "%+.0f", over: true},
	{measure: "Collector/spans=300 spans/s", label: "Collector, one core, spans/s", format: "%.0f", more: true},
	{measure: "Collector/spans=300 allocs/op", label: "  allocations a span", scale: 1. / 300, format: "%.1f"},
	{measure: "Collector/spans=300 wire-B/span", label: "  bytes sent a span", format: "%.0f"},
}

// value is a cell's number in the row's unit.
func (row row) value(r *results, impl string) (float64, bool) {
	v, ok := r.median(row.measure, impl)
	if row.scale != 0 {
		v *= row.scale
	}
	return v, ok
}

// cell is the number, and how many times lambdaxray's it is.
func (row row) cell(r *results, impl string) string {
	v, ok := row.value(r, impl)
	if !ok || impl == floor && row.measure != sizeMB && v == 0 {
		return "·"
	}
	text := fmt.Sprintf(row.format, v)
	own, ok := row.value(r, ours)
	if !ok || impl == ours || row.over || own == 0 || v == 0 {
		return text
	}
	ratio := v / own
	if row.more {
		ratio = own / v
	}
	digits := 1
	if ratio >= 10 {
		digits = 0
	}
	return fmt.Sprintf("%s (%.*f×)", text, digits, ratio)
}

func printTable(w io.Writer, r *results, m machine) {
	fmt.Fprintf(w, "\n%s\n\n", m)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "\t%s\t\n", strings.Join(impls, "\t"))
	labels := make([]string, 0, len(rows))
	width := 0
	for _, row := range rows {
		labels = append(labels, row.label)
		width = max(width, len([]rune(row.label)))
	}
	for i, row := range rows {
		cells := make([]string, len(impls))
		for j, impl := range impls {
			cells[j] = row.cell(r, impl)
		}
		// Labels are aligned on the left, which tabwriter cannot do for one column.
		pad := strings.Repeat(" ", width-len([]rune(labels[i])))
		fmt.Fprintf(tw, "%s%s\t%s\t\n", labels[i], pad, strings.Join(cells, "\t"))
	}
	tw.Flush()
	fmt.Fprintf(w, "\nMedians of one run. (n×): how many times lambdaxray's. sdk: OpenTelemetry's SDK with nothing behind it.\n")
	limit(w, r)
}

// limit says how far the mapping is from what is possible.
func limit(w io.Writer, r *results) {
	own, ok1 := r.median("MapTrace MB/s", ours)
	copied, ok2 := r.median("MapTrace MB/s", "memcopy")
	encoded, ok3 := r.median("MapTrace MB/s", "encodingjson")
	if !ok1 || !ok2 || !ok3 || math.Min(own, encoded) == 0 {
		return
	}
	fmt.Fprintf(w, "The mapping writes %.0f MB/s of documents: %.1f× encoding/json with the structs at hand, 1/%.0f of a copy in cache.\n", own, own/encoded, copied/own)
}
