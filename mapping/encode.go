package mapping

import (
	"cmp"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
	"github.com/lambdaxray/lambdaxray/mapping/internal/stack"
)

// X-Ray's limits, in characters.
const (
	maxName       = 200
	maxString     = 250
	maxAnnotation = 1000
)

// maxStatus is the largest number that can be an HTTP status.
const maxStatus = 999

// maxAnnotations is how many annotations a document may have.
const maxAnnotations = 50

// encoder writes one span at a time. Each document block has a file and an
// append<Block> function; a block spends the attributes it writes, and what no
// block has spent ends as annotation or metadata.
type encoder struct {
	config *config
	spanPlace
	spanFacts
	fields    fields
	stack     stack.Stack
	said      []saidException    // of exceptions in stack, by index
	seen      keySet             // keys of one event's or link's attributes
	clean     attribute.KeyValue // one that is not written as it came
	renamed   Span               // a span whose name is not written as it came
	annotated int                // annotations written into this document so far
	trim      *trim              // what to leave out; nil: nothing

	// Scratch of the annotations.
	wanted    []string // keys of the span's aws.xray.annotations
	annotates []bool   // attribute i is one asked for by name
	keys      []extent // annotation keys written on this span

	resourceSpent []bool // attribute i of the resource is an annotation, where annotatesResource is set
}

// spanPlace is a span and where it stands.
type spanPlace struct {
	span   *Span
	parent *Span // the span above in the same document, nil at its top
	res    *Resource
	id     trace.SpanID
	role   role

	merged     bool // a call whose node another call makes
	linksAbove bool // the segment that is made around it has its links
}

// spanFacts is what has been found out about the span; zero when its writing
// starts.
type spanFacts struct {
	namespace         namespace
	system            string   // AWS messaging or database system, see service.go
	operation         string   // of an AWS call, as written
	status            int64    // HTTP status, 0: none
	url               urlParts // of url.full
	account           string   // of a segment, as written
	named             bool     // the document's name is the span's
	byName            bool     // some annotations are asked for by name
	annotatesResource bool     // some are attributes of the resource
	wholeURL          string   // without credentials, if http.request.url had to be cut

	// What metadata holds without its credentials: db.connection_string where there
	// is no sql block, and a broker's URL where there is no queue_url.
	connection, queue, queueKey string
}

// begin prepares the encoder for a span.
func (e *encoder) begin(s, parent *Span, id trace.SpanID, r role) {
	if name := e.publicName(s); name != s.Name {
		e.renamed = *s
		e.renamed.Name = name
		s = &e.renamed
	}
	e.spanPlace = spanPlace{span: s, parent: parent, res: resourceOf(s), id: id, role: r}
}

// release drops the references into the caller's spans.
func (e *encoder) release() {
	e.spanPlace, e.spanFacts, e.trim = spanPlace{}, spanFacts{}, nil
	e.fields.reset()
	e.stack.Reset()
	clear(e.said[:cap(e.said)])
	e.seen.attrs = nil
	e.clean, e.renamed = attribute.KeyValue{}, Span{}
	clear(e.wanted[:cap(e.wanted)])
}

// scratch returns how many attributes the scratch has room for.
func (e *encoder) scratch() int {
	return max(cap(e.fields.spent), cap(e.fields.seen.table), cap(e.seen.table), cap(e.wanted), cap(e.annotates))
}

// segment reports whether the span itself is written as a segment.
func (e *encoder) segment() bool {
	return e.role == roleSegment || e.role == roleFunctionSegment
}

// function reports whether the span is a function span.
func (e *encoder) function() bool {
	return e.role == roleFunction || e.role == roleFunctionSegment
}

// client reports whether the span is the calling side of a request.
func (e *encoder) client() bool {
	return e.span.Kind == trace.SpanKindClient || e.span.Kind == trace.SpanKindProducer
}

// server reports whether the span is the serving side of a request.
func (e *encoder) server() bool {
	return e.span.Kind == trace.SpanKindServer || e.span.Kind == trace.SpanKindConsumer
}

// read finds out what the blocks have to know before the first of them is written.
func (e *encoder) read() {
	e.spanFacts = spanFacts{}
	e.fields.scan(e.span.Attributes)
	if n, ok := e.fields.count(slotHTTPStatus); ok && n <= maxStatus {
		e.status = n
	}
	if u := e.fields.text(slotURLFull); u != "" {
		e.url = splitURL(u)
	}
	e.findWanted()
	e.classify()
	if e.namespace != namespaceAWS {
		return
	}
	e.findQueueURL()
	if e.status == 0 && e.span.Status == codes.Error {
		e.status = e.statusInErrors()
	}
}

// appendSpan writes the span without its braces, envelope and children.
func (e *encoder) appendSpan(dst []byte) []byte {
	e.read()

	dst = e.appendIdentity(dst)
	switch {
	case e.segment():
		dst = e.appendSegmentFields(dst)
	case e.role == roleDependency: // the segment around it has its name
		e.spendLegal(slotLocalService)
	}
	dst = e.appendFlags(dst)
	dst = e.appendCause(dst)
	dst = e.appendHTTP(dst)
	dst = e.appendAWS(dst)
	dst = e.appendSQL(dst)
	e.spendPlaces()
	if e.segment() {
		dst = e.appendLinks(dst)
	}
	dst = e.appendAnnotations(dst)
	return e.appendMetadata(dst)
}

// appendIdentity writes name, id, times and namespace.
func (e *encoder) appendIdentity(dst []byte) []byte {
	dst = append(dst, `"name":"`...)
	mark := len(dst)
	dst = e.appendName(dst)
	e.named = string(dst[mark:]) == e.span.Name
	dst = append(dst, `","id":`...)
	dst = appendSpanID(dst, e.id)
	dst = appendTimes(dst, e.span, e.inProgress())
	switch e.namespace {
	case namespaceAWS:
		dst = append(dst, `,"namespace":"aws"`...)
	case namespaceRemote:
		dst = append(dst, `,"namespace":"remote"`...)
	}
	return dst
}

// inProgress reports whether the span is still open.
func (e *encoder) inProgress() bool {
	open, ok := e.fields.flag(slotInProgress)
	if ok {
		e.fields.spend(slotInProgress)
	}
	return open || e.span.EndTime == 0
}

// appendTimes writes start_time, and end_time or in_progress. A span that ends
// before it starts has no duration, and nothing starts before 1970; metadata
// keeps such times as they came.
func appendTimes(dst []byte, s *Span, open bool) []byte {
	start := max(s.StartTime, 0)
	dst = append(dst, `,"start_time":`...)
	dst = jsonenc.AppendSeconds(dst, start)
	if open {
		return append(dst, `,"in_progress":true`...)
	}
	dst = append(dst, `,"end_time":`...)
	return jsonenc.AppendSeconds(dst, max(start, s.EndTime))
}

// appendSegmentFields writes what only a segment has, outside its blocks.
func (e *encoder) appendSegmentFields(dst []byte) []byte {
	dst = e.appendOrigin(dst)
	arn := e.fields.spendText(slotResourceARN)
	if arn == "" && e.role == roleFunctionSegment {
		arn = e.functionARN()
	}
	if arn != "" {
		dst = jsonenc.AppendStringMember(dst, "resource_arn", arn)
	}
	if user := e.fields.spendUpTo(slotUser, maxString); user != "" {
		dst = jsonenc.AppendStringMember(dst, "user", user)
	}
	if len(e.res.serviceBlock) > 0 {
		dst = append(jsonenc.AppendComma(dst), e.res.serviceBlock...)
	}
	return dst
}

// appendOrigin writes where the segment's service runs. In Lambda only the function
// segment has an origin: a span that stands alone there, of the code outside the
// handler or without its context, is no invocation, and would count as one.
func (e *encoder) appendOrigin(dst []byte) []byte {
	if e.res.origin == "" || e.res.lambda && e.role != roleFunctionSegment {
		return dst
	}
	return jsonenc.AppendStringMember(dst, "origin", e.res.origin)
}

// appendServiceSegment writes the segment of the service that made a
// roleDependency's call: it has the call's times, and the call inside.
func (e *encoder) appendServiceSegment(dst []byte) []byte {
	dst = append(dst, `"name":"`...)
	name := cmp.Or(attributeText(e.span.Attributes, "aws.local.service"), e.res.name)
	dst = appendLegal(dst, name, e.span.Name)
	dst = append(dst, `","id":`...)
	dst = appendSpanID(dst, DeriveID(e.id, PartSegment))
	dst = appendTimes(dst, e.span, isOpen(e.span))
	mark := len(dst)
	dst = e.appendOrigin(dst)
	if len(e.res.serviceBlock) > 0 {
		dst = append(jsonenc.AppendComma(dst), e.res.serviceBlock...)
	}
	dst = append(dst, `,"aws":{`...)
	open := len(dst)
	if e.res.accountID != "" {
		dst = jsonenc.AppendStringMember(dst, "account_id", e.res.accountID)
	}
	dst = e.appendSegmentAWS(dst)
	if len(dst) > open {
		dst = append(dst, '}')
	} else {
		dst = dst[:open-len(`,"aws":{`)]
	}
	dst, metadata := jsonenc.OpenObject(dst, "metadata")
	dst, resource := jsonenc.OpenObject(dst, "otel.resource")
	dst = appendMembers(append(dst, e.res.rest...), e.res.function)
	dst = metadata.Close(resource.Close(dst))
	beforeLinks := len(dst)
	e.linksAbove = true
	if dst = e.appendLinks(dst); len(dst)-mark > e.config.budget/2 {
		e.linksAbove, dst = false, dst[:beforeLinks] // metadata can be trimmed
	}
	if size := len(dst) - mark; size > e.config.budget/2 { // the call itself needs room too
		dst = append(dst[:mark], `,"metadata":{"default":{"lambdaxray.trimmed":{"bytes":`...)
		dst = strconv.AppendInt(dst, int64(size), 10)
		dst = append(dst, "}}}"...)
	}
	return dst
}
