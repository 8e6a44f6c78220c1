// Package telemetry reads what Lambda's Telemetry API sends: batches of events, of
// which those that have times of an invocation are returned.
//
// What comes is read leniently: schema versions differ, fields are missing, and what
// is not known is left out. One event that cannot be read does not take its batch
// along.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
package telemetry
