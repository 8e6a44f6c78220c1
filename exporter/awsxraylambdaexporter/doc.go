// Package awsxraylambdaexporter is an OpenTelemetry Collector exporter that
// sends spans to AWS X-Ray as the Lambda X-Ray model has them.
//
// Spans come in as pdata, package mapping makes the fewest documents of them,
// package xrayapi uploads those with PutTraceSegments (or a socket carries them
// to an X-Ray daemon), and what failed goes back to the Collector's queue.
//
// README.md has the settings.
package awsxraylambdaexporter // import "github.com/lambdaxray/lambdaxray/exporter/awsxraylambdaexporter"

//go:generate mdatagen metadata.yaml
