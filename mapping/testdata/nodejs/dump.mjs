// dump.mjs writes the spans of a Node.js program as OTLP JSON to standard output:
// what OpenTelemetry's instrumentations of HTTP and of the AWS SDK really record,
// against stubs on this machine. The golden case nodejs_program was made with it:
//
//	npm install && node dump.mjs >../golden/nodejs_program/spans.json
//
// Versions are those of package.json. Ids and times are numbered in their order, so
// that the file says nothing of the machine.
import http from 'node:http';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { createRequire } from 'node:module';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({
    'cloud.provider': 'aws', 'cloud.platform': 'aws_lambda', 'cloud.region': 'eu-west-1', 'faas.name': 'orders',
    'service.name': 'orders', 'telemetry.sdk.language': 'nodejs', 'telemetry.sdk.name': 'opentelemetry',
  }),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation({ disableIncomingRequestInstrumentation: true }), new AwsInstrumentation()] });

// The SDKs are loaded after they are instrumented.
const require = createRequire(import.meta.url);
const { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } = require('@aws-sdk/client-dynamodb');
const { SQSClient, SendMessageCommand, ReceiveMessageCommand } = require('@aws-sdk/client-sqs');
const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
const { S3Client, GetObjectCommand } = require('@aws-sdk/client-s3');
const { KMSClient, DecryptCommand } = require('@aws-sdk/client-kms');

const answers = {
  'DynamoDB_20120810.GetItem': [200, { Item: {} }],
  'DynamoDB_20120810.PutItem': [400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', message: 'slow down' }],
  'DynamoDB_20120810.UpdateItem': [400, { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'The conditional request failed' }],
  'AmazonSQS.SendMessage': [200, { MessageId: 'm-1', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' }],
  'AmazonSQS.ReceiveMessage': [200, { Messages: [{ MessageId: 'm-1', ReceiptHandle: 'r', Body: 'hello', MD5OfBody: '5d41402abc4b2a76b9719d911017c592' }] }],
  'TrentService.Decrypt': [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }],
};
const stub = http.createServer((request, response) => {
  request.resume().on('end', () => {
    const [status, body] = answers[request.headers['x-amz-target']] ?? [0, null];
    if (status) {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'request-1' });
      return response.end(JSON.stringify(body));
    }
    if (request.method === 'POST') { // SNS speaks XML
      response.writeHead(200, { 'content-type': 'text/xml' });
      return response.end('<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>n-1</MessageId></PublishResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></PublishResponse>');
    }
    if (request.url.startsWith('/invoices')) {
      response.writeHead(503, { 'content-type': 'application/xml' });
      return response.end('<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
    }
    response.writeHead(request.url.startsWith('/stock') ? 404 : 200, { 'content-type': 'application/json' });
    response.end('{}');
  });
});
await new Promise((resolve) => stub.listen(0, '127.0.0.1', resolve));
const port = stub.address().port;
const client = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', maxAttempts: 2, credentials: { accessKeyId: 'a', secretAccessKey: 's' } };

const get = (path) => new Promise((resolve) => http.get(`http://127.0.0.1:${port}${path}`, (r) => r.resume().on('end', resolve)).on('error', resolve));
const queue = `http://127.0.0.1:${port}/123456789012/orders`;
const attempts = [
  () => new DynamoDBClient(client).send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: 'o-1' } } })),
  () => new DynamoDBClient(client).send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: 'o-1' } } })),
  () => new DynamoDBClient(client).send(new UpdateItemCommand({ TableName: 'orders', Key: { id: { S: 'o-1' } } })),
  () => new SQSClient(client).send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'hello' })),
  () => new SQSClient(client).send(new ReceiveMessageCommand({ QueueUrl: queue })),
  () => new SNSClient(client).send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:123456789012:orders', Message: 'hello' })),
  () => new S3Client({ ...client, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'invoices', Key: '2026/1.pdf' })),
  () => new KMSClient(client).send(new DecryptCommand({ CiphertextBlob: new Uint8Array([1]) })),
  () => get('/prices?token=secret'),
  () => get('/stock/4711'),
  () => new Promise((resolve) => http.get('http://127.0.0.1:1/refused').on('error', resolve)),
];

const tracer = trace.getTracer('@opentelemetry/instrumentation-aws-lambda', '0.0.0');
const remote = trace.setSpanContext(context.active(), { traceId: '6ae729c0a006649127e371903a2de979', spanId: '53995c3f42cd8ad8', traceFlags: 1, isRemote: true });
await context.with(remote, () => tracer.startActiveSpan('orders', { kind: SpanKind.SERVER, attributes: { 'faas.invocation_id': 'request-0' } }, async (span) => {
  for (const attempt of attempts) {
    try { await attempt(); } catch (error) { span.addEvent('failed', { name: error.name }); }
  }
  const failure = new Error('no price', { cause: new TypeError('price is not a number') });
  span.recordException(failure);
  span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
  span.end();
}));
stub.close();

// What differs from run to run is replaced: ids, times, ports, paths.
const text = new TextDecoder().decode(JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans()));
const out = JSON.parse(text);
const ids = new Map();
const numbered = (id) => {
  if (!id || id === '53995c3f42cd8ad8') return id;
  if (!ids.has(id)) ids.set(id, (0x6000000000000001n + BigInt(ids.size)).toString(16));
  return ids.get(id);
};
const all = out.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
const instants = new Map([...new Set(all.flatMap((s) => [s.startTimeUnixNano, s.endTimeUnixNano, ...s.events.map((e) => e.timeUnixNano)]))]
  .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)).map((t, i) => [t, String(1793534400000000000n + BigInt(i) * 1000000n)]));
for (const s of [...all].sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))) {
  s.spanId = numbered(s.spanId);
}
for (const s of all) {
  s.traceId = '6ae729c0a006649127e371903a2de979';
  s.parentSpanId = numbered(s.parentSpanId);
  s.startTimeUnixNano = instants.get(s.startTimeUnixNano);
  s.endTimeUnixNano = instants.get(s.endTimeUnixNano);
  for (const e of s.events) e.timeUnixNano = instants.get(e.timeUnixNano);
}
console.log(JSON.stringify(out, null, 2)
  .replaceAll(`:${port}`, ':8000').replace(new RegExp(`"intValue": "?${port}"?`, 'g'), '"intValue": 8000')
  .replaceAll(process.cwd(), '/var/task').replace(/"[^"]*\b(Node|node)\.?js\/[0-9.]+[^"]*"/g, '"aws-sdk-js"')
  .replace(/("user_agent.original",\s*"value": \{\s*"stringValue": )"[^"]*"/g, '$1"agent"'));
