package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// besideRow is a measure of the extension, with what it may be.
type besideRow struct {
	measure, label, format string
	most                   float64
	ratio                  bool // most is a share of the better Collector's value
}

var besideRows = []besideRow{
	{besideReady, "exec to ready, ms", "%.2f", 0.25, true},
	{besideCPU, "processor time to ready, ms", "%.2f", 0.25, true},
	{besideResident, "resident when ready, MB", "%.1f", 7, false},
	{besideAfter, "resident after 10,000 exports, MB", "%.1f", 11, false},
	{besideSize, "binary, MB", "%.2f", 7, false},
	{besideExport + "HTTP protobuf", "export of 7 spans, HTTP protobuf, µs", "%.0f", 0.8, true},
	{besideExport + "HTTP JSON", "  HTTP JSON", "%.0f", 0.8, true},
	{besideExport + "gRPC", "  gRPC", "%.0f", 1.3, true},
}

// cells are the row's columns: the servers, the share of the better Collector's, and
// the target.
func (row besideRow) cells(r *results) []string {
	cells, best := []string{row.label}, math.Inf(1)
	own, measured := r.median(row.measure, extension)
	for _, impl := range []string{extension, collectorPlain, collectorQueue} {
		v, ok := r.median(row.measure, impl)
		if !ok {
			cells = append(cells, "·")
			continue
		}
		cells = append(cells, fmt.Sprintf(row.format, v))
		if impl != extension {
			best = min(best, v)
		}
	}
	share, known := own/best, measured && !math.IsInf(best, 1)
	if known {
		cells = append(cells, fmt.Sprintf("%.2f", share))
	} else {
		cells = append(cells, "·")
	}
	target := fmt.Sprintf("≤ %g", row.most)
	if row.ratio {
		target += "×"
	} else {
		share, known = own, measured
	}
	if known && share > row.most {
		target += ", missed"
	}
	return append(cells, target)
}

// printBeside prints the extension's table. missing says why a part is not there.
func printBeside(w io.Writer, r *results, m machine, missing error) {
	fmt.Fprintf(w, "\nThe extension beside a Collector of the OTLP receiver and awsxraylambdaexporter; every document was received\n%s\n\n", m)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join([]string{"", extension, collectorPlain, collectorQueue, "share", "target"}, "\t"))
	for _, row := range besideRows {
		fmt.Fprintln(tw, strings.Join(row.cells(r), "\t"))
	}
	tw.Flush()
	fmt.Fprint(w, "\nMedians of one run; share: of the better Collector's. With its queue a Collector answers before it has written.\n")
	if missing != nil {
		fmt.Fprintf(w, "Not all was measured: %v\n", missing)
	}
}
