const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb')
const http = require('http')

const db = new DynamoDBClient({})

function get (url) {
  return new Promise((resolve, reject) => {
    http.get(url, (res) => res.resume().on('end', resolve)).on('error', reject)
  })
}

exports.handler = async (event) => {
  await db.send(new GetItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } }))
  await get(process.env.TEST_URL)
  switch (event.end) {
    case 'error': throw new TypeError('no such order')
    case 'hang': return new Promise(() => setTimeout(() => {}, 3600e3))
    case 'exit': process.exit(1)
  }
  return 'done'
}
