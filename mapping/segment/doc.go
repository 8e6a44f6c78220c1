// Package segment is X-Ray's segment document as a thing of its own: [Parse]
// reads one, [Check] says which of X-Ray's rules it breaks, [TraceID] and
// [Seconds] spell ids and times as X-Ray does, and the limits of documents and
// datagrams stand here once.
//
// Package mapping writes documents; nothing here does. All functions are safe
// for concurrent use.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
package segment
