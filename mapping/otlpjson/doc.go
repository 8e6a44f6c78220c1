// Package otlpjson reads spans from OTLP JSON: TracesData, or the same as an
// ExportTraceServiceRequest, one document or several one after the other, as
// the Collector's file exporter writes them. Reading is exact where the format
// is (names in lowerCamelCase, ids in hex) and lenient where producers differ
// (64-bit integers as strings or numbers, enums as numbers or names, ids in base64).
//
// What [mapping.Span] has no place for is left out: trace state, the
// attributes of scopes, schema addresses, and everything that is not traces.
//
// Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
package otlpjson
