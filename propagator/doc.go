// Package propagator carries trace context the way X-Ray and Lambda do.
//
// A [Header] is one X-Ray tracing header: Root names the trace, Parent the span
// that calls, Sampled the decision, and every other field travels on. [XRay] reads
// and writes it on carriers, [Lambda] also finds the one that Lambda hands to an
// invocation. What the event of an invocation says is package lambdaevent's matter.
//
// # The tracing header
//
//	X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1
//
// Fields come in any order with spaces around them. All that is not Root, Parent
// or Sampled goes on unchanged, but for Self, which is meant for one hop only.
// Lineage counts the hops of an event: without it Lambda's recursive loop
// detection is off.
//
// # Which propagator
//
// Use [Lambda] for what starts a function and [XRay] for everything else: outgoing
// calls and servers that are not functions. Inside a function XRay finds nothing,
// since the header is not in the event. The reverse misuse is worse: Lambda in a
// server inside the function gives every request without a header the
// invocation's parent.
//
// Where Lambda's active tracing is on, do not hand the headers of an API Gateway
// event to [Lambda] as its carrier: they name the gateway as the parent, and the
// function's spans would hang beside the function segment. [HeaderFromLambda]
// gives the platform's own header.
//
// # Environment
//
// _X_AMZN_TRACE_ID is the tracing header of the current invocation. Lambda's Go
// runtime sets it only where one invocation runs at a time; the context is read
// first for that reason.
package propagator
