package mapping

import (
	"math"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// slot is the place an attribute has in a document. Attributes that say the
// same thing in different generations of the conventions share one.
type slot uint8

const (
	slotNone slot = iota // not a typed field: annotation or metadata
	slotHTTPMethod
	slotHTTPStatus
	slotHTTPHost
	slotHTTPTarget
	slotURLFull
	slotURLScheme
	slotURLPath
	slotURLQuery
	slotServerAddress
	slotServerPort
	slotNetPeerName // the server on a CLIENT span, the client on a SERVER span
	slotNetPeerPort
	slotClientAddress
	slotPeerAddress
	slotUserAgent
	slotResponseSize
	slotRPCSystem
	slotRPCService
	slotRPCMethod
	slotRPCStatus
	slotAWSService
	slotAWSOperation
	slotAWSRegion
	slotAWSRequestID
	slotAWSID2
	slotAWSAccount
	slotAWSRetries
	slotAWSTable
	slotAWSTables
	slotAWSBucket
	slotAWSObjectKey
	slotAWSQueueURL
	slotAWSTopicARN
	slotAWSFunction
	slotAWSSecret
	slotAWSStream
	slotAWSStateMachine
	slotMessageCount
	slotDBSystem
	slotDBName
	slotDBQuery
	slotDBUser
	slotDBConnection
	slotDBOperation
	slotMessagingSystem
	slotMessagingDestination
	slotMessagingOperation
	slotPeerService
	slotLocalService
	slotRemoteService
	slotSpanKind
	slotAnnotations
	slotInProgress
	slotColdStart
	slotInvocationID
	slotInvokedARN
	slotResourceID
	slotUser
	slotErrorType
	slotResend
	// Resource attributes.
	slotServiceName
	slotServiceVersion
	slotServiceNamespace
	slotServiceInstance
	slotFunctionName
	slotCloudProvider
	slotCloudPlatform
	slotAvailabilityZone
	slotHostID
	slotHostType
	slotHostImage
	slotContainerName
	slotContainerID
	slotTaskARN
	slotTaskFamily
	slotClusterARN
	slotContainerARN
	slotLaunchType
	slotK8sCluster
	slotK8sPod
	slotLogGroupNames
	slotLogGroupARNs
	slotSDKName
	slotSDKLanguage
	slotSDKVersion
	slotAutoVersion
	numSlots
)

// attributeTable is the one place that knows attribute keys: which slot a key
// fills. A key marked older gives way to the current one when a span has both.
//
// Sources: OpenTelemetry semantic conventions 1.43 and the generations before
// (https://opentelemetry.io/docs/specs/semconv/), and the Collector's X-Ray
// conventions (aws.xray.*, aws.local.*, aws.remote.*, aws.span.kind).
var attributeTable = [...]struct {
	key   string
	slot  slot
	older bool
}{
	{"http.request.method", slotHTTPMethod, false},
	{"http.method", slotHTTPMethod, true},
	{"http.response.status_code", slotHTTPStatus, false},
	{"http.status_code", slotHTTPStatus, true},
	{"http.host", slotHTTPHost, true},
	{"http.target", slotHTTPTarget, true},
	{"url.full", slotURLFull, false},
	{"http.url", slotURLFull, true},
	{"url.scheme", slotURLScheme, false},
	{"http.scheme", slotURLScheme, true},
	{"url.path", slotURLPath, false},
	{"url.query", slotURLQuery, false},
	{"server.address", slotServerAddress, false},
	{"net.peer.name", slotNetPeerName, true},
	{"net.host.name", slotServerAddress, true},
	{"http.server_name", slotServerAddress, true},
	{"server.port", slotServerPort, false},
	{"net.peer.port", slotNetPeerPort, true},
	{"net.host.port", slotServerPort, true},
	{"client.address", slotClientAddress, false},
	{"http.client_ip", slotClientAddress, true},
	{"network.peer.address", slotPeerAddress, false},
	{"net.sock.peer.addr", slotPeerAddress, true},
	{"net.peer.ip", slotPeerAddress, true},
	{"user_agent.original", slotUserAgent, false},
	{"http.user_agent", slotUserAgent, true},
	{"http.response.body.size", slotResponseSize, false},
	{"http.response_content_length", slotResponseSize, true},

	{"rpc.system.name", slotRPCSystem, false},
	{"rpc.system", slotRPCSystem, true},
	{"rpc.service", slotRPCService, false},
	{"rpc.method", slotRPCMethod, false},
	{"rpc.response.status_code", slotRPCStatus, false},
	{"rpc.grpc.status_code", slotRPCStatus, true},

	{"aws.service", slotAWSService, false},
	{"aws.operation", slotAWSOperation, false},
	{"aws.region", slotAWSRegion, false},
	{"cloud.region", slotAWSRegion, true},
	{"aws.request_id", slotAWSRequestID, false},
	{"aws.requestId", slotAWSRequestID, true},
	{"aws.extended_request_id", slotAWSID2, false},
	{"cloud.account.id", slotAWSAccount, false},
	{"aws.account_id", slotAWSAccount, true},
	{"aws.retries", slotAWSRetries, false},
	{"aws.table.name", slotAWSTable, false},
	{"aws.table_name", slotAWSTable, true},
	{"aws.dynamodb.table_names", slotAWSTables, false},
	{"aws.s3.bucket", slotAWSBucket, false},
	{"aws.bucket.name", slotAWSBucket, true},
	{"aws.s3.key", slotAWSObjectKey, false},
	{"aws.sqs.queue.url", slotAWSQueueURL, false},
	{"aws.queue.url", slotAWSQueueURL, true},
	{"aws.queue_url", slotAWSQueueURL, true},
	{"messaging.url", slotAWSQueueURL, true},
	{"aws.sns.topic.arn", slotAWSTopicARN, false},
	{"aws.topic.arn", slotAWSTopicARN, true},
	{"faas.invoked_name", slotAWSFunction, false},
	{"aws.lambda.function.name", slotAWSFunction, true},
	{"aws.secretsmanager.secret.arn", slotAWSSecret, false},
	{"aws.kinesis.stream_name", slotAWSStream, false},
	{"aws.stream.name", slotAWSStream, true},
	{"aws.step_functions.state_machine.arn", slotAWSStateMachine, false},
	{"messaging.batch.message_count", slotMessageCount, false},

	{"db.system.name", slotDBSystem, false},
	{"db.system", slotDBSystem, true},
	{"db.namespace", slotDBName, false},
	{"db.name", slotDBName, true},
	{"db.query.text", slotDBQuery, false},
	{"db.statement", slotDBQuery, true},
	{"db.user", slotDBUser, true},
	{"db.connection_string", slotDBConnection, true},
	{"db.operation.name", slotDBOperation, false},
	{"db.operation", slotDBOperation, true},

	{"messaging.system", slotMessagingSystem, false},
	{"messaging.destination.name", slotMessagingDestination, false},
	{"messaging.destination", slotMessagingDestination, true},
	{"messaging.operation.name", slotMessagingOperation, false},

	{"service.peer.name", slotPeerService, false},
	{"peer.service", slotPeerService, true},
	{"aws.local.service", slotLocalService, false},
	{"aws.remote.service", slotRemoteService, false},
	{"aws.span.kind", slotSpanKind, false},
	{"aws.xray.annotations", slotAnnotations, false},
	{"aws.xray.inprogress", slotInProgress, false},

	{"faas.coldstart", slotColdStart, false},
	{"faas.invocation_id", slotInvocationID, false},
	{"faas.execution", slotInvocationID, true},
	{"aws.lambda.invoked_arn", slotInvokedARN, false},
	{"cloud.resource_id", slotResourceID, false},
	{"faas.id", slotResourceID, true},

	{"user.id", slotUser, false},
	{"enduser.id", slotUser, true},
	{"error.type", slotErrorType, false},
	{"http.request.resend_count", slotResend, false},

	{"service.name", slotServiceName, false},
	{"service.version", slotServiceVersion, false},
	{"service.namespace", slotServiceNamespace, false},
	{"service.instance.id", slotServiceInstance, false},
	{"faas.name", slotFunctionName, false},
	{"cloud.provider", slotCloudProvider, false},
	{"cloud.platform", slotCloudPlatform, false},
	{"cloud.availability_zone", slotAvailabilityZone, false},
	{"host.id", slotHostID, false},
	{"host.type", slotHostType, false},
	{"host.image.id", slotHostImage, false},
	{"container.name", slotContainerName, false},
	{"container.id", slotContainerID, false},
	{"aws.ecs.task.arn", slotTaskARN, false},
	{"aws.ecs.task.family", slotTaskFamily, false},
	{"aws.ecs.cluster.arn", slotClusterARN, false},
	{"aws.ecs.container.arn", slotContainerARN, false},
	{"aws.ecs.launchtype", slotLaunchType, false},
	{"k8s.cluster.name", slotK8sCluster, false},
	{"k8s.pod.name", slotK8sPod, false},
	{"aws.log.group.names", slotLogGroupNames, false},
	{"aws.log.group.arns", slotLogGroupARNs, false},
	{"telemetry.sdk.name", slotSDKName, false},
	{"telemetry.sdk.language", slotSDKLanguage, false},
	{"telemetry.sdk.version", slotSDKVersion, false},
	{"telemetry.distro.version", slotAutoVersion, false},
	{"telemetry.auto.version", slotAutoVersion, true},
}

// metadataPrefix marks an attribute whose value is the JSON object of a
// metadata namespace: aws.xray.metadata.<namespace>.
const metadataPrefix = "aws.xray.metadata."

// keyIndex finds a key in attributeTable: open addressing over a hash of the
// key's length, first four and last eight bytes. 3 times faster than a Go map,
// which hashes every byte; every span pays it once an attribute.
var keyIndex = func() (t [512]uint8) {
	for i := range attributeTable {
		h := hashKey(attributeTable[i].key)
		for t[h] != 0 {
			h = (h + 1) % uint32(len(t))
		}
		t[h] = uint8(i + 1)
	}
	return t
}()

// hashKey returns a place in keyIndex.
func hashKey(key string) uint32 {
	n := len(key)
	var v uint64
	if n >= 8 {
		v = load64(key, n-8) ^ load64(key, 0)<<7
	} else {
		for i := range n {
			v = v<<8 | uint64(key[i])
		}
	}
	return uint32((v ^ uint64(n)<<56) * 0x9e3779b97f4a7c15 >> 55)
}

// entryOf returns the index of key in attributeTable, or -1.
func entryOf(key string) int {
	h := hashKey(key)
	for {
		i := keyIndex[h]
		if i == 0 {
			return -1
		}
		if attributeTable[i-1].key == key {
			return int(i - 1)
		}
		h = (h + 1) % uint32(len(keyIndex))
	}
}

// fields is one pass over a list of attributes: which attribute fills which
// slot, and which of them a block has written. What no block takes is left for
// annotations and metadata.
type fields struct {
	attrs []attribute.KeyValue
	have  slotSet
	used  []slot           // the slots that are set below
	index [numSlots]int32  // 1 + index into attrs; 0: no such attribute
	texts [numSlots]string // the attribute's string, if it is one
	taken []bool           // attrs[i] has been written
	seen  keySet           // keys of attributes without a slot
}

// scan reads attrs. Where two attributes want one slot the current convention
// wins; where one key comes twice the last one counts, as in attribute.Set.
func (f *fields) scan(attrs []attribute.KeyValue) {
	f.reset()
	f.attrs = attrs
	f.taken = resize(f.taken, len(attrs))
	f.seen.reset(len(attrs))
	for i := range attrs {
		f.taken[i] = false
		key := string(attrs[i].Key)
		e := entryOf(key)
		if e < 0 {
			f.leave(i)
			continue
		}
		s := attributeTable[e].slot
		f.have.add(s)
		before := int(f.index[s]) - 1
		switch {
		case before < 0:
			f.used = append(f.used, s)
			f.set(s, i)
		case attrs[before].Key == attrs[i].Key:
			f.taken[before] = true // said twice
			f.set(s, i)
		case attrs[before].Value == attrs[i].Value && attributeTable[e].older:
			f.taken[i] = true
		case attrs[before].Value == attrs[i].Value:
			f.taken[before] = true
			f.set(s, i)
		case isPlace(s): // not to metadata, which would have the secrets of a URL
			if attributeTable[e].older {
				f.taken[i] = true
			} else {
				f.taken[before] = true
				f.set(s, i)
			}
		case attributeTable[e].older:
			f.leave(i)
		default:
			f.leave(before)
			f.set(s, i)
		}
	}
}

// reset empties the slots that the last scan has set, which are few.
func (f *fields) reset() {
	for _, s := range f.used {
		f.index[s], f.texts[s] = 0, ""
	}
	f.attrs, f.used, f.have = nil, f.used[:0], slotSet{}
}

func (f *fields) set(s slot, i int) {
	f.index[s] = int32(i + 1)
	f.texts[s] = ""
	if v := &f.attrs[i].Value; v.Type() == attribute.STRING {
		f.texts[s] = v.AsString()
	}
}

// isPlace reports whether a slot holds a URL, a part of one with a query, or a
// connection string: what may carry secrets and is cleaned when it is written.
func isPlace(s slot) bool {
	return s == slotURLFull || s == slotURLQuery || s == slotHTTPTarget || s == slotDBConnection
}

// leave leaves attrs[i] for annotations and metadata, where a key that comes
// twice counts once.
func (f *fields) leave(i int) {
	if before, again := f.seen.put(string(f.attrs[i].Key), i, f.attrs); again {
		f.taken[before] = true
	}
}

// slotSet is a set of slots. A block asks it once whether any attribute is for
// the block, which most spans can answer with no.
type slotSet [(numSlots + 63) / 64]uint64

func (s *slotSet) add(x slot) { s[x/64] |= 1 << (x % 64) }

func setOf(slots ...slot) (s slotSet) {
	for _, x := range slots {
		s.add(x)
	}
	return s
}

func (s *slotSet) meets(t *slotSet) bool {
	for i := range s {
		if s[i]&t[i] != 0 {
			return true
		}
	}
	return false
}

// value returns the attribute of a slot without taking it, or nil.
//
//go:noinline
func (f *fields) value(s slot) *attribute.Value {
	if i := f.index[s]; i != 0 {
		return &f.attrs[i-1].Value
	}
	return nil
}

// text returns the string of a slot without taking it; "" if there is none.
func (f *fields) text(s slot) string { return f.texts[s] }

// take marks the attribute of a slot as written.
//
//go:noinline
func (f *fields) take(s slot) {
	if i := f.index[s]; i != 0 {
		f.taken[i-1] = true
	}
}

// takeText returns the string of a slot and takes it.
//
//go:noinline
func (f *fields) takeText(s slot) string {
	t := f.text(s)
	if t != "" {
		f.taken[f.index[s]-1] = true
	}
	return t
}

// number returns the integer of a slot without taking it. Producers also send
// numbers as strings and as whole floats.
func (f *fields) number(s slot) (int64, bool) {
	v := f.value(s)
	if v == nil {
		return 0, false
	}
	switch v.Type() {
	case attribute.INT64:
		return v.AsInt64(), true
	case attribute.STRING:
		if n, err := strconv.ParseInt(v.AsString(), 10, 64); err == nil {
			return n, true
		}
	case attribute.FLOAT64:
		if n := v.AsFloat64(); n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), true
		}
	}
	return 0, false
}

// count is number for what cannot be negative.
func (f *fields) count(s slot) (int64, bool) {
	n, ok := f.number(s)
	return n, ok && n >= 0
}

// flag returns the boolean of a slot without taking it.
//
//go:noinline
func (f *fields) flag(s slot) (value, ok bool) {
	v := f.value(s)
	if v == nil || v.Type() != attribute.BOOL {
		return false, false
	}
	return v.AsBool(), true
}

// keySet finds keys that come twice among the attributes without a slot. Below
// 16 attributes it compares, above it hashes.
type keySet struct {
	few   []int32
	table []int32
	many  bool
}

func (s *keySet) reset(n int) {
	s.few = s.few[:0]
	s.many = n > 16
	if !s.many {
		return
	}
	size := 32
	for size < 2*n {
		size *= 2
	}
	s.table = resize(s.table, size)
	clear(s.table)
}

// put records that attrs[i] has this key, and returns where it was before.
func (s *keySet) put(key string, i int, attrs []attribute.KeyValue) (before int, again bool) {
	if !s.many {
		for n, j := range s.few {
			if string(attrs[j].Key) == key {
				s.few[n] = int32(i)
				return int(j), true
			}
		}
		s.few = append(s.few, int32(i))
		return 0, false
	}
	h := uint64(14695981039346656037)
	for j := range len(key) {
		h = (h ^ uint64(key[j])) * 1099511628211
	}
	for mask := uint64(len(s.table) - 1); ; h++ {
		j := s.table[h&mask]
		if j == 0 {
			s.table[h&mask] = int32(i + 1)
			return 0, false
		}
		if string(attrs[j-1].Key) == key {
			s.table[h&mask] = int32(i + 1)
			return int(j - 1), true
		}
	}
}

// resize returns s with length n, reallocated only when it has to grow.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}
