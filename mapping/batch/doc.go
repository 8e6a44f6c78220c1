// Package batch holds the spans of one request between who decodes them and who
// maps them: in memory that is used again, with resources and lists that repeat
// from request to request made once. Every reader of OTLP fills it, so that all
// give the mapper the same values.
package batch
