// Command local runs a Lambda function on this machine and shows what X-Ray would
// show of it, in the terminal and in the browser, with nothing installed. It plays
// Lambda around the real process (Runtime API, Invoke API, freeze, deadline, the
// platform's own segments), the X-Ray daemon that the function writes to, and X-Ray
// itself: documents become traces, and traces the service map.
//
// Without a command it builds examples/function, stands in for the AWS endpoints
// that it calls, and runs a scenario for everything that can happen to an
// invocation. What runs where:
//
//	page                       the page in the browser
//	lambda                     Lambda: processes, attempts, what it writes of them, Invoke
//	xray                       X-Ray: traces, service map, filter expressions, the two APIs
//	server.go                  all that is served, on one address
//	stubs.go, scenarios.go     S3, DynamoDB, SQS and the price service; what happens
//	xray.go                    the daemon, and what comes in
//	servicemap.go, timeline.go what X-Ray's console draws, as text
//
// Everything listens on loopback only.
package main
