// Package mapping turns OpenTelemetry spans into AWS X-Ray segment documents,
// placed the way Lambda means them.
//
// Spans go in ([Span], built from OpenTelemetry API types), documents come out
// (compact JSON, one []byte each). A [Mapper] groups the spans of a batch into
// trees, decides which document each tree belongs to, writes every attribute
// exactly once (typed field, annotation or metadata), and packs the trees into
// the fewest documents under a byte budget.
//
// The package is pure: no I/O, no clock, no environment, no randomness, no
// goroutine, no log. The same spans give the same bytes.
package mapping
