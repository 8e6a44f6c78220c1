// The function of sam/nodejs, and what else can come of an invocation.
const { handler } = require('./index.js')

exports.handler = async (event) => {
  const result = await handler(event)
  switch (event.end) {
    case 'error': throw new TypeError('no such order')
    case 'hang': return new Promise(() => setTimeout(() => {}, 3600e3))
    case 'exit': process.exit(1)
  }
  return result
}
