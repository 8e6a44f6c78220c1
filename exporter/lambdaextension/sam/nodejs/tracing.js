// What OpenTelemetry's Node.js layer sets up, by hand. NODE_OPTIONS loads it before the
// handler.
const { trace } = require('@opentelemetry/api')
const { AwsInstrumentation } = require('@opentelemetry/instrumentation-aws-sdk')
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { AWSXRayLambdaPropagator } = require('@opentelemetry/propagator-aws-xray-lambda')
const { BatchSpanProcessor, SimpleSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')

// On Lambda protobuf is enough; the others are for development.
const exporters = { 'http/protobuf': 'proto', 'http/json': 'http', grpc: 'grpc' }
const protocol = process.env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf'
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-' + exporters[protocol])
// The batch processor sends once an invocation, the simple one once a span.
const Processor = process.env.SPAN_PROCESSOR === 'simple' ? SimpleSpanProcessor : BatchSpanProcessor

const provider = new NodeTracerProvider({ spanProcessors: [new Processor(new OTLPTraceExporter())] })
provider.register({ propagator: new AWSXRayLambdaPropagator() })
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [new AwsLambdaInstrumentation(), new AwsInstrumentation({ suppressInternalInstrumentation: true }), new HttpInstrumentation()]
})
trace.getTracer('orders').startSpan('load configuration').end()
