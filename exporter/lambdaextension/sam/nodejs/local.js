// What is missing outside Lambda; there nothing loads this.
//
// It stands in for aws-lambda-ric's native client, which needs a C++ compiler and cmake to
// be built. Like that one it posts while the function waits, and no instrumentation
// sees it: a thread of its own talks to the Runtime API.
const http = require('http')
const Module = require('module')
const { Worker } = require('worker_threads')

const worker = new Worker(`
const http = require('http')
const { parentPort } = require('worker_threads')
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
function call (method, path, headers, body, done) {
  const req = http.request({ hostname, port, agent, method, path: '/2018-06-01/runtime/invocation/' + path, headers }, (res) => {
    let text = ''
    res.setEncoding('utf8').on('data', (part) => { text += part }).on('end', () => done(res.headers, text))
  })
  req.on('error', () => process.exit(1)).end(body)
}
parentPort.on('message', ({ kind, id, body, cause, flag }) => {
  if (kind === 'next') {
    call('GET', 'next', {}, '', (headers, bodyJson) => parentPort.postMessage({ headers, bodyJson }))
    return
  }
  const headers = { 'Content-Type': 'application/json' }
  if (kind === 'error') headers['Lambda-Runtime-Function-Xray-Error-Cause'] = cause
  call('POST', id + '/' + kind, headers, body, () => {
    Atomics.store(flag, 0, 1)
    Atomics.notify(flag, 0)
  })
})
`, { eval: true, execArgv: [], env: process.env })

function post (message) {
  const flag = new Int32Array(new SharedArrayBuffer(4))
  worker.postMessage({ ...message, flag })
  Atomics.wait(flag, 0, 0)
}

const client = {
  initializeClient () {},
  next: () => new Promise((resolve) => {
    worker.once('message', resolve)
    worker.postMessage({ kind: 'next' })
  }),
  done: (id, body) => post({ kind: 'response', id, body }),
  error: (id, body, cause) => post({ kind: 'error', id, body, cause })
}

const load = Module._load
Module._load = function (request, ...more) {
  return request === './rapid-client.node' ? client : load.call(this, request, ...more)
}

// Node.js 20 does not know HTTP_PROXY, by which services are reached that are not there.
// They keep their names; what the AWS SDK and the exporter call has agents of its own.
if (process.env.HTTP_PROXY) {
  const proxy = new URL(process.env.HTTP_PROXY)
  const connect = http.globalAgent.createConnection
  http.globalAgent.createConnection = (options, done) =>
    connect.call(http.globalAgent, { ...options, host: proxy.hostname, port: proxy.port }, done)
}
