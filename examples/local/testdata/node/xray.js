// A program with AWS's X-Ray SDK: a segment, a subsegment with an annotation, and a
// call that nobody answers.
const AWSXRay = require('aws-xray-sdk-core')
const http = AWSXRay.captureHTTPs(require('http'), true)

const segment = new AWSXRay.Segment('node-xray')
AWSXRay.getNamespace().run(() => {
  AWSXRay.setSegment(segment)
  const work = segment.addNewSubsegment('work')
  work.addAnnotation('customer', 'ada')
  work.close()
  http.get('http://127.0.0.1:1/p').on('error', () => segment.close())
})
