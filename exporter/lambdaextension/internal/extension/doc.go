// Package extension is the Lambda extension: the spans that a function sends become
// documents for the X-Ray daemon within the request that brought them. Beside that it
// asks the Extensions API for events, which tell it of invocations and of the end.
//
// It has no queue and no goroutine of its own, and nothing depends on how long
// something took, as the environment freezes between any two steps: no timer runs
// between the first event and SHUTDOWN. It never fails a function: what goes wrong is
// logged, and requests are answered all the same.
//
// A function's spans may be read before the event of its invocation, as Lambda tells
// both at once. So the span decides where it belongs, and an event that is there
// only adds to that.
package extension
