// Command migrate looks for uses of aws-xray-sdk-go in packages and says what each
// becomes; with -fix and -otel it makes the changes.
//
//	go run github.com/lambdaxray/lambdaxray/examples/migrate@latest ./...
//
// Without a flag it reports: file, line, what is used, what it becomes in each step,
// and what needs a decision and why.
//
// With -fix it does step one: the imports of the SDK become those of package xray of
// lambdaxray, which has the SDK's API on OpenTelemetry spans, and go.mod requires it.
//
// With -otel it does step two, and step one where that has not been done: calls that
// can become those of lambdaxray and OpenTelemetry. What needs a decision stays as it
// is, on package xray.
//
// Edits are of names, imports and single arguments: comments and layout stay. A
// second run changes nothing.
//
// The same binary is a tool for go fix and go vet:
//
//	go fix -fixtool=$(which migrate) ./...
//	go fix -fixtool=$(which migrate) -xray.otel ./...
//	go vet -vettool=$(which migrate) ./...
//
// These do not touch go.mod; run go mod tidy.
package main
