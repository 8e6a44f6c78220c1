package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const output = `goos: linux
cpu: AMD EPYC
BenchmarkMapTrace/impl=lambdaxray-2         	    1000	      5000 ns/op	 345.26 MB/s	      1629 ns/span	       0 B/op	       0 allocs/op
BenchmarkMapTrace/impl=lambdaxray-2         	    1000	      7000 ns/op	 345.26 MB/s	      1629 ns/span	       0 B/op	       0 allocs/op
BenchmarkMapTrace/impl=awsxrayexporter-2    	    1000	    120000 ns/op	  55.60 MB/s	     19276 ns/span	   51345 B/op	     676 allocs/op
BenchmarkBatch/spans=10/impl=lambdaxray     	       5	     11898 ns/op	      1190 ns/span
PASS
`

func TestParseBenchmarks(t *testing.T) {
	r := newResults()
	if err := parseBenchmarks(output, r); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		measure, impl string
		want          float64
	}{
		{"MapTrace ns/op", "lambdaxray", 6000},
		{"MapTrace allocs/op", "awsxrayexporter", 676},
		{"Batch/spans=10 ns/span", "lambdaxray", 1190},
	} {
		if got, ok := r.median(tc.measure, tc.impl); got != tc.want || !ok {
			t.Errorf("%s of %s: %v, %t; want %v", tc.measure, tc.impl, got, ok, tc.want)
		}
	}
	if err := parseBenchmarks("BenchmarkX-2 1 5 ns/op\n", r); err == nil {
		t.Error("a benchmark without impl= passes")
	}
}

func TestQuantile(t *testing.T) {
	for _, tc := range []struct {
		samples []float64
		q, want float64
	}{
		{[]float64{7}, 0.99, 7},
		{[]float64{3, 1, 2}, 0.5, 2},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{1, 2, 3}, 1, 3},
	} {
		if got := quantile(tc.samples, tc.q); got != tc.want {
			t.Errorf("quantile(%v, %v) = %v, want %v", tc.samples, tc.q, got, tc.want)
		}
	}
}

func TestCell(t *testing.T) {
	r := newResults()
	if err := parseBenchmarks(output, r); err != nil {
		t.Fatal(err)
	}
	r.add("Collector/spans=300 spans/s", ours, 200_000)
	r.add("Collector/spans=300 spans/s", "awsxrayexporter", 25_000)
	r.add(sizeMB, "xrayudp", 7.1)
	got := map[string]string{
		"mapping":     rowOf("MapTrace ns/op").cell(r, "awsxrayexporter"),
		"allocations": rowOf("MapTrace allocs/op").cell(r, "awsxrayexporter"),
		"own":         rowOf("MapTrace ns/op").cell(r, ours),
		"Collector":   rowOf("Collector/spans=300 spans/s").cell(r, "awsxrayexporter"),
		"size":        rowOf(sizeMB).cell(r, "xrayudp"),
		"not taken":   rowOf(sizeMB).cell(r, "otlp-http"),
	}
	want := map[string]string{
		"mapping": "120.0 (20×)", "allocations": "676", "own": "6.0",
		"Collector": "25000 (8.0×)", "size": "+7.10", "not taken": "·",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

func TestTableAndChart(t *testing.T) {
	r := newResults()
	if err := parseBenchmarks(output, r); err != nil {
		t.Fatal(err)
	}
	m := machine{goVersion: "go1.26", platform: "linux/arm64", cpu: "<cpu> & co", cores: 2, date: time.Unix(0, 0).UTC()}
	var table bytes.Buffer
	printTable(&table, r, m)
	for _, want := range []string{"map a trace of 6 spans, µs", "120.0 (20×)", "go1.26 linux/arm64, <cpu> & co, 2 cores, 1970-01-01"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, &table)
		}
	}
	svg := chart(r, m)
	d := xml.NewDecoder(bytes.NewReader(svg))
	bars := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 2 {
		t.Errorf("%d bars, want 2\n%s", bars, svg)
	}
}
