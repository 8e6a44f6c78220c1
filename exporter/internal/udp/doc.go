// Package udp carries documents to the X-Ray daemon, one a datagram: how the
// daemon's address is written, when it is looked up, and how a burst is spread
// out so that the daemon's socket holds it.
//
// It is package exporter's default way out, and knows nothing of spans:
// the Lambda extension, whose start every cold start waits for, links it without
// the SDK.
package udp
