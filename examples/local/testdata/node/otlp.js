// A program with OpenTelemetry's SDK: a server span and a call beneath it.
const { trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto')
const { resourceFromAttributes } = require('@opentelemetry/resources')
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'node-otlp' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())]
})
provider.register()
const tracer = trace.getTracer('test')
tracer.startActiveSpan('GET /', { kind: SpanKind.SERVER }, (server) => {
  const call = tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'redis', 'server.address': 'cache' } })
  call.setStatus({ code: SpanStatusCode.ERROR, message: 'down' })
  call.end()
  server.end()
})
provider.shutdown()
