// Package sampling samples traces by X-Ray's sampling rules, for services outside
// Lambda. Inside Lambda the platform does that and its tracing header says what
// was decided.
//
//	sampler, err := sampling.New(res)
//	if err != nil {
//		return err
//	}
//	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSampler(sampler), …)
//
// A [Sampler] asks the X-Ray daemon, or whatever else signs and forwards the two
// calls to X-Ray, for the account's rules and for its share of their reservoirs.
//
// # What decides
//
// A valid parent, local or remote, decides. A remote parent whose tracing header
// has no Sampled, or Sampled=?, has not decided: the rules do, if package
// propagator extracted it; other propagators take that for a no.
//
// Else the rule of the lowest priority number that matches. It matches if all of
// these do; * stands for any text, ? for one character, letters match in either case:
//
//	ServiceName   the name that segments of the resource get
//	ServiceType   their origin; AWS::ECS::Container on both launch types of ECS
//	ResourceARN   aws.ecs.container.arn, else cloud.resource_id
//	HTTPMethod    http.request.method, or http.method
//	Host          server.address, http.host and older names, without or with the port
//	URLPath       url.path, http.target, else the path of url.full or http.url
//	Attributes    each key is an attribute of the span, each value matches as text
//
// All but the first three are what a span has when it starts. A text that is not
// there matches only "*".
//
// Of the requests that match a rule, so many a second are sampled as X-Ray
// assigned to this process; while nothing is assigned, one a second if the rule has a
// reservoir. Of the others the rule's fixed rate, or X-Ray's boost of it, by the
// trace id.
//
// Until there are rules, when no call has succeeded for an hour, and when no rule
// matches, the rules of [WithLocalRules] decide, or one request a second and 5 %.
//
// # What it costs
//
// A decision does not wait and does not allocate; BenchmarkSampling in
// mapping/compare has its time. No goroutine stays: a decision that finds a call due
// starts one, which ends with the call. An idle process makes no calls.
// Rules are asked for every five minutes, targets every ten seconds or as X-Ray
// says, for the rules that had requests. A call may take five seconds. A call that
// fails is reported to OpenTelemetry's error handler once, until it works again;
// its statistics go with the next.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html
package sampling
