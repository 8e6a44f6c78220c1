package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// runBenchmarks runs the benchmarks of mapping/compare and of its functions. They
// take turns, as go test's -count would not have them: a slow minute of the
// machine falls on all implementations.
func runBenchmarks(ctx context.Context, dir string, e effort, r *results) error {
	for range e.count {
		out, err := goCommand(ctx, dir, "test", "-run", "^$", "-bench", "^Benchmark(MapTrace|ExceptionSpan|Batch|Invocation|Collector)$", "-benchtime", e.benchtime, "./...")
		if err != nil {
			return err
		}
		if err := parseBenchmarks(out, r); err != nil {
			return err
		}
	}
	return nil
}

// parseBenchmarks adds the values of go test's output. A measure is the
// benchmark's name without impl=…, a space and the unit.
//
//	BenchmarkMapTrace/impl=lambdaxray-2    1000    5931 ns/op    0 allocs/op
func parseBenchmarks(out string, r *results) error {
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		measure, impl, ok := splitName(f[0])
		if !ok {
			return fmt.Errorf("benchmark %s: its name has no impl=…", f[0])
		}
		for i := 2; i+1 < len(f); i += 2 {
			v, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				return fmt.Errorf("benchmark %s: %w", f[0], err)
			}
			r.add(measure+" "+f[i+1], impl, v)
		}
	}
	return nil
}

// splitName takes impl=… out of a benchmark's name, and the number of
// processors off its end.
func splitName(name string) (measure, impl string, ok bool) {
	name = strings.TrimPrefix(name, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			name = name[:i]
		}
	}
	before, impl, ok := strings.Cut(name, "/impl=")
	return before, impl, ok
}
