// Collector runs the OpenTelemetry Collector with the awsxraylambda exporter on
// this machine: spans of a real SDK go in over OTLP, documents come out at a fake
// X-Ray, and each scenario checks them. run.sh builds the Collector first.
//
// Nothing listens beyond loopback, and everything started is ended.
package main
