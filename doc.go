// Package lambdaxray traces Lambda functions with OpenTelemetry and puts every
// span where the Lambda X-Ray model wants it.
//
// [Start] takes the place of lambda.Start: each invocation becomes a function
// span, spans made inside it become its subsegments, and all of them go to the
// X-Ray daemon before the response is posted. Nothing runs between invocations.
package lambdaxray
