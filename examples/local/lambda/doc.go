// Package lambda plays AWS Lambda around the real process of one function: it is
// started when an event needs it, gets one event at a time, is frozen in between
// and killed at its deadline. [Platform] also writes the segments that Lambda
// writes with active tracing; [InvokeAPI] is Lambda's Invoke operation over HTTP.
package lambda
