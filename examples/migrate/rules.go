package main

// rule is what becomes of something that the SDK exports.
type rule struct {
	becomes string // in step two
	decide  string // why step two leaves it to the program's author; "": it does not
	unless  string // why it may be left in spite of becomes
}

// decision returns why a use was left.
func (r rule) decision() string {
	if r.decide != "" {
		return r.decide
	}
	return r.unless
}

// rules are the SDK's identifiers by package and name, the most used first.
var rules = map[string]rule{
	"xray.Configure": {
		becomes: "nothing, if it sets LogLevel and LogFormat only, which have no effect",
		unless:  "what it sets has to go somewhere: DaemonAddr to exporter.WithDaemonAddress, ServiceVersion to OTEL_RESOURCE_ATTRIBUTES=service.version=…, SamplingStrategy to exporter/sampling, Emitter to exporter.WithEmitter",
	},
	"xray.BeginSegment": {
		decide: "in a Lambda function lambdaxray.Start has made the function span: a child span is otel.Tracer(…).Start; elsewhere a root is a span of kind server, and its service is the resource's service.name",
	},
	"xray.BeginSegmentWithSampling": {decide: "a root span; what decides about sampling is the provider's sampler: exporter/sampling"},
	"xray.BeginSubsegment": {
		becomes: "otel.Tracer(…).Start, and Close(nil) becomes End()",
		unless:  "the segment is used for more than Close(nil): an error is span.RecordError with span.SetStatus, an annotation lambdaxray.Annotate(ctx, …)",
	},
	"xray.BeginSubsegmentWithoutSampling": {decide: "a span that is not sampled is a matter of the sampler"},
	"xray.NewSegmentFromHeader":           {decide: "the router's own instrumentation (otelgin, otelecho, otelhttp) does it; X-Ray's header is propagator.XRay"},
	"xray.Handler": {
		decide: "otelhttp.NewHandler(h, name), and the name of the node is the resource's service.name; in a Lambda function nothing: lambdaxray.Start has the event's request",
	},
	"xray.HandlerWithContext": {decide: "as Handler"},
	"xray.Client": {
		becomes: "&http.Client{Transport: otelhttp.NewTransport(nil)} for Client(nil)",
		unless:  "a client of one's own is copied: set Transport to otelhttp.NewTransport(client.Transport)",
	},
	"xray.RoundTripper": {becomes: "otelhttp.NewTransport"},
	"xray.Capture":      {becomes: "lambdaxray.Capture"},
	"xray.CaptureAsync": {decide: "a goroutine with lambdaxray.Capture; in a Lambda function wait for it, since what ends after the invocation is sent with the next one"},
	"xray.AddAnnotation": {
		becomes: "lambdaxray.Annotate",
		unless:  "its error is looked at, and lambdaxray.Annotate has none",
	},
	"xray.AddMetadata": {
		becomes: `lambdaxray.Metadata(ctx, "", key, value)`,
		unless:  "its error is looked at, and lambdaxray.Metadata has none",
	},
	"xray.AddMetadataToNamespace": {
		becomes: "lambdaxray.Metadata",
		unless:  "its error is looked at, and lambdaxray.Metadata has none",
	},
	"xray.AddError":             {decide: "return the error from lambdaxray.Capture, or span.RecordError with span.SetStatus(codes.Error, …)"},
	"xray.GetSegment":           {decide: "trace.SpanFromContext(ctx), which has no fields to read"},
	"xray.Segment":              {decide: "trace.Span"},
	"xray.TraceID":              {becomes: "lambdaxray.TraceID"},
	"xray.RequestWasTraced":     {decide: "trace.SpanContextFromContext before the server's span has started, IsRemote"},
	"xray.DetachContext":        {becomes: "context.WithoutCancel"},
	"xray.TraceIDHeaderKey":     {becomes: `the string "x-amzn-trace-id"`},
	"xray.LambdaTraceHeaderKey": {becomes: `the string "x-amzn-trace-id"`},
	"xray.SetLogger":            {decide: "otel.SetErrorHandler gets the errors; there are no other messages"},
	"xray.SQLContext":           {decide: "XSAM/otelsql, with a span for begin, rows and commit as well"},
	"xray.SQLConnector":         {decide: "as SQLContext"},
	"xray.ContextWithConfig":    {decide: "a provider of its own, in place of a configuration in the context"},
	"xray.AWS":                  {decide: "aws-sdk-go v1 is out of support: move to version 2 with otelaws, then delete this line"},
	"xray.AWSSession":           {decide: "aws-sdk-go v1 is out of support: move to version 2 with otelaws, then delete this line"},
	"xray.AWSWithWhitelist":     {decide: "as AWS"},
	"xray.BeginFacadeSegment":   {decide: "trace.ContextWithRemoteSpanContext with propagator.Header.SpanContext"},
	"xray.NewFixedSegmentNamer": {decide: "the name of the node is the resource's service.name"},
	"xray.NewDynamicSegmentNamer": {
		decide: "the name of the node is the resource's service.name; one by host is the span's aws.local.service",
	},
	"xray.UnaryClientInterceptor": {decide: "otelgrpc.NewClientHandler, by grpc.WithStatsHandler"},
	"xray.UnaryServerInterceptor": {decide: "otelgrpc.NewServerHandler, by grpc.StatsHandler"},
	"xray.NewFastHTTPInstrumentor": {
		decide: "a span around the handler, with the context of propagator.XRay",
	},
	"awsv1.AWS":                       {decide: "aws-sdk-go v1 is out of support: move to version 2 with otelaws, then delete this line"},
	"awsv1.AWSSession":                {decide: "aws-sdk-go v1 is out of support: move to version 2 with otelaws, then delete this line"},
	"xraygrpc.UnaryClientInterceptor": {decide: "otelgrpc.NewClientHandler, by grpc.WithStatsHandler"},
	"xraygrpc.UnaryServerInterceptor": {decide: "otelgrpc.NewServerHandler, by grpc.StatsHandler"},

	"instrumentation/awsv2.AWSV2Instrumentor": {becomes: "otelaws.AppendMiddlewares"},

	"header.FromString":         {decide: "propagator.ParseHeader, which has an error"},
	"header.Header":             {decide: "propagator.Header"},
	"awsplugins/ecs.Init":       {decide: "contrib's detectors/aws/ecs, as the provider's resource"},
	"awsplugins/ec2.Init":       {decide: "contrib's detectors/aws/ec2, as the provider's resource"},
	"awsplugins/beanstalk.Init": {decide: "OTEL_RESOURCE_ATTRIBUTES: cloud.platform=aws_elastic_beanstalk"},

	"strategy/sampling.NewLocalizedStrategy":              {decide: "exporter/sampling.NewLocal, as the provider's sampler; not in a Lambda function"},
	"strategy/sampling.NewLocalizedStrategyFromJSONBytes": {decide: "exporter/sampling.NewLocal, as the provider's sampler; not in a Lambda function"},
	"strategy/sampling.NewLocalizedStrategyFromFilePath":  {decide: "exporter/sampling.NewLocal, as the provider's sampler; not in a Lambda function"},
	"strategy/sampling.NewCentralizedStrategy":            {decide: "exporter/sampling.New, as the provider's sampler; not in a Lambda function"},

	"strategy/ctxmissing.NewDefaultLogErrorStrategy":     {decide: "nothing: a call without a span in its context does nothing"},
	"strategy/ctxmissing.NewDefaultIgnoreErrorStrategy":  {decide: "nothing: a call without a span in its context does nothing"},
	"strategy/ctxmissing.NewDefaultRuntimeErrorStrategy": {decide: "nothing: a call without a span in its context does nothing"},
}
