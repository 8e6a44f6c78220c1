// What OpenTelemetry's Node.js layer sets up, by hand.
require('./rapid.js')
const { trace } = require('@opentelemetry/api')
const { AwsInstrumentation } = require('@opentelemetry/instrumentation-aws-sdk')
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { AWSXRayLambdaPropagator } = require('@opentelemetry/propagator-aws-xray-lambda')
const { BatchSpanProcessor, SimpleSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')

const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-' + process.env.TEST_EXPORTER)
const Processor = process.env.TEST_PROCESSOR === 'simple' ? SimpleSpanProcessor : BatchSpanProcessor
const provider = new NodeTracerProvider({ spanProcessors: [new Processor(new OTLPTraceExporter())] })
provider.register({ propagator: new AWSXRayLambdaPropagator() })
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [new AwsLambdaInstrumentation(), new AwsInstrumentation({ suppressInternalInstrumentation: true }), new HttpInstrumentation()]
})
trace.getTracer('test').startSpan('load configuration').end()
