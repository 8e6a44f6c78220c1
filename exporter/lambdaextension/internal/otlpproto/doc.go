// Package otlpproto reads OTLP requests as protobuf into batches, and writes the
// answers. The wire format is easyproto's; what the fields mean stands here. pdata
// and protobuf's own library double the binary and its start.
//
// A span that cannot be read is left out, and the others are read. Framing that is
// broken around the spans costs the request.
//
// Source: https://github.com/open-telemetry/opentelemetry-proto, v1
package otlpproto
