// Command bench measures lambdaxray against every other way from a Go function
// to X-Ray, and the Lambda extension beside a Collector, in one run on one machine.
// It prints a table of each.
//
//	go run ./examples/bench             # a few minutes
//	go run ./examples/bench -extension  # the extension and the Collector alone
//	go run ./examples/bench -short      # everything once: does it still run?
//
// Each number is a median. Benchmarks are those of mapping/compare, run by go
// test. Start-up, memory and latency are of real binaries, the functions in
// mapping/compare/functions, as processes under a local Runtime API, latency with six
// spans beneath the function's: rounds run all of them one after the other, and a difference is taken
// within its round, so that what else the machine does falls on all alike.
//
// The extension is the one in the layer. The Collector is built with the Collector
// Builder from this checkout, of the OTLP receiver and awsxraylambdaexporter; where the
// builder cannot be had, its columns are empty and the table says so.
//
// It also writes the picture that the README shows, examples/bench/bench.svg.
package main
