// Package mapping turns OpenTelemetry spans into AWS X-Ray segment documents,
// placed the way Lambda means them.
//
// Spans go in ([Span], built from OpenTelemetry API types), documents come out
// (compact JSON, one []byte each). A [Mapper] groups the spans of a batch into
// trees, decides which document each tree belongs to, writes every attribute
// exactly once (typed field, annotation or metadata), and packs the trees into
// the fewest documents under a byte budget.
//
// How a span gets there: it is placed in its document (place.go); one pass over its
// attributes finds what fills the slots of the table (attributes.go); each block
// reads slots, and spends those that it has written; what nobody has spent becomes
// annotation or metadata; the encoded spans are packed (pack.go), and a span that is
// too large is written again with less (trim.go). The order of the blocks counts:
// the name comes first and spends, so that what names a node is not said again.
//
// The package is pure: no I/O, no clock, no environment, no randomness, no
// goroutine, no log. The same spans give the same bytes.
//
// # What a span can say to X-Ray
//
// These attributes of a span are about its document and are not in it:
//
//	aws.xray.annotations     keys of attributes to index, a list
//	aws.xray.metadata.<ns>   a JSON object, the metadata namespace <ns>
//	aws.xray.error           true or false: the flag, whatever the status and the
//	aws.xray.fault           codes say; where one of the three is true the others
//	aws.xray.throttle        are not set by status or codes
//	aws.xray.namespace       "aws" or "remote": a call that makes a node; "none": a
//	                         custom subsegment; not read on function spans and segments
//	aws.xray.inprogress      true: the span is still open
package mapping
