// Package xraytest is AWS's side of a traced Lambda function, for tests of it.
//
// The function polls [Runtime] for invocations and sends documents to [Daemon], or
// to [API] by PutTraceSegments; [segment.Check] says what X-Ray would find wrong
// with them; [SamplingRules] is what X-Ray knows of sampling. Extensions register with
// the Runtime as well, and may subscribe to its Telemetry API.
//
// # In a test
//
// [Invoke] runs a function for one invocation and returns its documents. [NewDaemon]
// and [NewRuntime] are the parts of it, for a function in the same process or a
// child process with the environment of [Runtime.Env]; [Daemon.Drain] waits for
// documents whose number is not known. All take a testing.TB, as [T], and clean up
// after themselves. The sockets are real, so nothing here works inside a
// testing/synctest bubble.
//
// # Outside a test
//
// [StartDaemon], [StartRuntime] and [NewAPI] return errors and values of their own
// lifetime. Package testing is not linked. Everything is safe for concurrent use
// unless it says otherwise.
//
// # What it is not
//
// Nothing is signed or authenticated. The Telemetry API sends over HTTP, to loopback,
// and does not know how much memory a function uses. Where
// X-Ray's behaviour is not documented the package does the simplest thing that the
// documentation allows. What X-Ray makes of documents (traces, service graph,
// filter expressions) is in examples/local.
package xraytest
