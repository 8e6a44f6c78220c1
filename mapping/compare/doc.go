// Package compare holds lambdaxray against the other ways from OpenTelemetry to
// X-Ray: the same input, the same machine, the same run.
//
// [Flatten] takes documents apart into one [Record] a span, [Diff] compares two
// sets of them field by field, and [Differences] is the one list of what is
// meant to differ from the Collector's awsxrayexporter, with the reason. The
// tests fail on a difference that is not on the list, and on an entry of the
// list that no longer differs.
//
// The benchmarks carry the implementation's name as impl=…, so that benchstat
// compares them:
//
//	go test -run '^$' -bench . -count 10 | benchstat -col /impl -
//
// This module is never released: it requires the peers, and nobody who uses
// lambdaxray should inherit those.
package compare
