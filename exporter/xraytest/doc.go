// Package xraytest is AWS's side of a traced Lambda function, on this machine.
//
// The function polls [Runtime] for invocations and sends documents to [Daemon];
// [CheckDocument] says what X-Ray would find wrong with them; [Store] compiles
// them into traces and the service graph; [API] answers as X-Ray's HTTP API;
// [SamplingRules] is what X-Ray knows of sampling.
//
// # In a test
//
// [NewDaemon] and [NewRuntime] take a testing.TB and clean up after themselves.
// A function under test may run in the same process or as a child process with
// the environment of [Runtime.Env]. The sockets are real, so nothing here works
// inside a testing/synctest bubble.
//
// # Outside a test
//
// [StartDaemon], [StartRuntime], [NewStore] and [NewAPI] return errors and
// values of their own lifetime; the local tool is built on them. Everything is
// safe for concurrent use unless it says otherwise.
//
// # What it is not
//
// Nothing is signed or authenticated, and the Extensions API is not served. Where
// X-Ray's behaviour is not documented the package does the simplest thing that the documentation allows.
package xraytest
