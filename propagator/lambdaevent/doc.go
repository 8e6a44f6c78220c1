// Package lambdaevent says what a Lambda event says about where it came from.
//
// [Parse] looks at an [Event] and gives its [Source]: what sent it, and so what
// faas.trigger it is. From there the HTTP [Request] behind it, the trace contexts
// that its sender or the senders of its messages put into it, and, of the response
// that the function gives, its HTTP [Status].
//
// An event is read where it lies: nothing is decoded that nobody asks for.
package lambdaevent
