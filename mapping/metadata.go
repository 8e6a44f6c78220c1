package mapping

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
)

// appendMetadata writes what no other block holds. Namespace "default" has the
// attributes left over, events, links and counts; aws.xray.metadata.<ns> goes
// to its own namespace; otel.resource has the resource, once an invocation.
func (e *encoder) appendMetadata(dst []byte) []byte {
	if e.trim != nil && e.trim.bare {
		return append(e.appendTrimCounts(append(dst, `,"metadata":{"default":{`...)), '}', '}')
	}
	dst, metadata := jsonenc.OpenObject(dst, "metadata")
	dst, byDefault := jsonenc.OpenObject(dst, "default")
	namespaces := false
	for i := range e.fields.attrs {
		if e.fields.spent[i] {
			continue
		}
		at := len(dst)
		kv := &e.fields.attrs[i]
		switch {
		case !strings.HasPrefix(string(kv.Key), metadataPrefix):
			var ok bool
			if kv, ok = e.public(kv, int(e.fields.entries[i])); !ok {
				continue
			}
			dst = appendMember(dst, kv)
		case e.isNamespace(i):
			namespaces = true
			continue
		default:
			dst = e.appendDefault(dst, i)
		}
		if e.trim != nil {
			dst = e.trim.keepAttribute(dst, at, i, kv)
		}
	}
	dst = e.appendFacts(dst)
	if len(e.span.Events) > 0 {
		dst = e.appendEvents(dst)
	}
	if len(e.span.Links) > 0 {
		dst = e.appendMetadataLinks(dst)
	}
	if e.trim != nil {
		dst = e.appendTrimCounts(dst)
	}
	dst = byDefault.Close(dst)
	if namespaces {
		dst = e.appendNamespaces(dst)
	}
	return metadata.Close(e.appendResource(dst))
}

// appendFacts writes what the span says beside its attributes.
func (e *encoder) appendFacts(dst []byte) []byte {
	s := e.span
	if s.Name != "" && e.nameIsLost() {
		dst = jsonenc.AppendString(e.appendFactKey(dst, "otel.span.name"), e.trimText(s.Name))
	}
	if s.ScopeName != "" && (e.parent == nil || e.parent.ScopeName != s.ScopeName) {
		dst = jsonenc.AppendString(e.appendFactKey(dst, "otel.scope.name"), e.trimText(s.ScopeName))
		if s.ScopeVersion != "" {
			dst = jsonenc.AppendString(e.appendFactKey(dst, "otel.scope.version"), e.trimText(s.ScopeVersion))
		}
	}
	if e.wholeURL != "" {
		dst = jsonenc.AppendString(e.appendFactKey(dst, "url.full"), e.trimText(e.wholeURL))
	}
	if e.connection != "" {
		dst = e.appendPlace(dst, "db.connection_string", e.connection)
	}
	if e.queue != "" {
		dst = e.appendPlace(dst, e.queueKey, e.queue)
	}
	if s.TraceState != "" {
		dst = jsonenc.AppendString(e.appendFactKey(dst, "otel.trace_state"), e.trimText(s.TraceState))
	}
	if s.StartTime < 0 {
		dst = jsonenc.AppendSeconds(e.appendFactKey(dst, "otel.start_time"), s.StartTime)
	}
	if s.EndTime != 0 && s.EndTime < max(s.StartTime, 0) {
		dst = jsonenc.AppendSeconds(e.appendFactKey(dst, "otel.end_time"), s.EndTime)
	}
	if e.id != s.SpanID {
		dst = appendSpanID(e.appendFactKey(dst, "otel.duplicate_of"), s.SpanID)
	}
	if s.StatusMessage != "" && !e.statusInCause() {
		dst = jsonenc.AppendString(e.appendFactKey(dst, "otel.status_description"), e.trimText(e.publicText(s.StatusMessage)))
	}
	if s.DroppedAttributes|s.DroppedEvents|s.DroppedLinks != 0 {
		dst = e.appendFactCount(dst, "otel.dropped_attributes_count", s.DroppedAttributes)
		dst = e.appendFactCount(dst, "otel.dropped_events_count", s.DroppedEvents)
		dst = e.appendFactCount(dst, "otel.dropped_links_count", s.DroppedLinks)
	}
	for i := range e.stack.Exceptions {
		if x := &e.stack.Exceptions[i]; x.Text != "" {
			at := len(dst)
			key := "exception.stacktrace"
			if i > 0 {
				key += "." + strconv.Itoa(i+1)
			}
			dst = jsonenc.AppendString(e.appendFactKey(dst, key), e.publicText(x.Text))
			dst = e.trim.keep(dst, at, member{memberStack, i})
		}
	}
	return dst
}

// factKey returns the key of a fact that comes from no attribute. Where an
// attribute has that very key, the fact gets an underscore.
func (e *encoder) factKey(key string) string {
	if e.fields.hasUnspent(key) {
		return key + "_"
	}
	return key
}

func (e *encoder) appendFactKey(dst []byte, key string) []byte {
	return jsonenc.AppendForeignKey(dst, e.factKey(key))
}

// spendPlaces spends what no block has and metadata must not have as it came: a
// connection string, and a broker's URL, which may hold credentials.
func (e *encoder) spendPlaces() {
	f := &e.fields
	if i := f.index[slotDBConnection]; i != 0 && !f.spent[i-1] {
		e.connection = f.spendText(slotDBConnection)
	}
	if i := f.index[slotAWSQueueURL]; i != 0 && e.namespace != namespaceAWS {
		e.queue, e.queueKey = f.spendText(slotAWSQueueURL), string(f.attrs[i-1].Key)
	}
}

// appendPlace writes the part of a connection string that may go out, if there
// is any.
func (e *encoder) appendPlace(dst []byte, key, connection string) []byte {
	mark := len(dst)
	dst = append(e.appendFactKey(dst, key), '"')
	open := len(dst)
	if dst = appendConnection(dst, connection); len(dst) == open {
		return dst[:mark]
	}
	return append(dst, '"')
}

func (e *encoder) appendFactCount(dst []byte, key string, n int) []byte {
	if n <= 0 {
		return dst
	}
	return strconv.AppendInt(e.appendFactKey(dst, key), int64(n), 10)
}

func appendCount(dst []byte, key string, n int) []byte {
	if n <= 0 {
		return dst
	}
	return jsonenc.AppendIntMember(dst, key, int64(n))
}

// statusInCause reports whether the cause repeats the status message.
func (e *encoder) statusInCause() bool {
	if e.causeIsID() {
		return len(e.stack.Exceptions) == 0
	}
	for i := range e.stack.Exceptions {
		if e.stack.Exceptions[i].Message == e.span.StatusMessage {
			return true
		}
	}
	return false
}

// nameIsLost reports whether the span's name cannot be read from the document.
func (e *encoder) nameIsLost() bool {
	name := e.span.Name
	switch {
	case e.named:
		return false
	case e.segment():
		return true
	case e.namespace == namespaceAWS: // service.operation, both in the document
		service := strings.TrimSuffix(name, e.operation)
		dot := strings.IndexByte(service, '.')
		return (dot < 1 || dot != len(service)-1) && name != e.fields.text(slotRPCMethod)
	case e.namespace == namespaceRemote: // the method, in the http block
		method := e.fields.text(slotHTTPMethod)
		return method == "" || name != method && strings.TrimPrefix(name, "HTTP ") != method
	}
	return true
}

// appendEvents writes the events that are no exceptions, with their time.
func (e *encoder) appendEvents(dst []byte) []byte {
	dst, events := jsonenc.OpenList(dst, e.factKey("otel.events"))
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		held := heldOf(ev)
		if held != heldNone && ev.Dropped == 0 && held.hasAll(ev.Attributes) {
			continue
		}
		mark := len(dst)
		dst = append(jsonenc.AppendComma(dst), '{')
		dst = jsonenc.AppendStringMember(dst, "name", ev.Name)
		if ev.Time != 0 {
			dst = jsonenc.AppendSeconds(jsonenc.AppendKey(dst, "time"), ev.Time)
		}
		var attributes jsonenc.Container
		dst, attributes = jsonenc.OpenObject(dst, "attributes")
		dst = attributes.Close(e.appendAttributes(dst, ev.Attributes, held))
		dst = appendCount(dst, "dropped_attributes_count", ev.Dropped)
		dst = e.trim.keep(append(dst, '}'), mark, member{memberEvent, i})
	}
	return events.Close(dst)
}

func (h held) hasAll(attrs []attribute.KeyValue) bool {
	for i := range attrs {
		if !h.has(&attrs[i]) {
			return false
		}
	}
	return true
}

// appendAttributes writes the attributes of an event or a link; of those with the
// same key the last, and those that the cause does not hold.
func (e *encoder) appendAttributes(dst []byte, attrs []attribute.KeyValue, held held) []byte {
	e.seen.reset(attrs)
	for i := range attrs {
		e.seen.put(i)
	}
	for i := range attrs {
		kv := &attrs[i]
		if e.seen.last(string(kv.Key)) == i && !held.has(kv) {
			dst = e.appendPublic(dst, kv, tableIndex(string(kv.Key)))
		}
	}
	return dst
}

// appendResource writes the resource on what stands at the top of an
// invocation or a service: all of it where X-Ray's typed fields are not
// allowed, else what they do not hold.
func (e *encoder) appendResource(dst []byte) []byte {
	mark := len(dst)
	dst, resource := jsonenc.OpenObject(dst, "otel.resource")
	switch {
	case !e.function() && !e.segment():
		return dst[:mark]
	case e.annotatesResource:
		for i := range e.res.attrs {
			if a := &e.res.attrs[i]; !e.resourceSpent[i] && (a.rest || e.role == roleFunction) {
				dst = appendMember(dst, &a.kv)
			}
		}
	case e.role == roleFunction:
		dst = append(dst, e.res.all...)
	default:
		dst = append(dst, e.res.rest...)
	}
	if e.segment() && e.account != e.res.accountID {
		dst = appendMembers(dst, e.res.account)
	}
	if !e.function() || e.functionARN() != e.res.functionID {
		dst = appendMembers(dst, e.res.function)
	}
	if dst = resource.Close(dst); len(dst) == mark {
		return dst
	}
	return e.trim.keep(dst, mark, member{kind: memberResource})
}

// appendMembers writes members that are encoded already.
func appendMembers(dst, members []byte) []byte {
	if len(members) == 0 {
		return dst
	}
	return append(jsonenc.AppendComma(dst), members...)
}
