// Command bench measures lambdaxray against every other way from a Go function
// to X-Ray, in one run on one machine, and prints one table.
//
//	go run ./examples/bench            # a few minutes
//	go run ./examples/bench -short     # everything once: does it still run?
//
// Each number is a median. Benchmarks are those of mapping/compare, run by go
// test. Start-up, memory and latency are of real binaries, the functions in
// mapping/compare/functions, as processes under a local Runtime API, latency with six
// spans beneath the function's: rounds run all of them one after the other, and a difference is taken
// within its round, so that what else the machine does falls on all alike.
//
// It also writes the picture that the README shows, examples/bench/bench.svg.
package main
