package mapping

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdaxray/lambdaxray/mapping/internal/jsonenc"
	"github.com/lambdaxray/lambdaxray/mapping/internal/stack"
)

// appendCause writes the exceptions of the span: one for every event named
// "exception" and for every cause chained inside its stack. Without such an
// event the status message stands for one.
func (e *encoder) appendCause(dst []byte) []byte {
	e.stack.Reset()
	e.said = e.said[:0]
	if len(e.span.Events) == 0 && e.span.Status != codes.Error {
		return dst
	}
	for i := range e.span.Events {
		ev := &e.span.Events[i]
		if text := e.httpFailure(ev); text != "" {
			e.stack.Add(stack.Unknown, httpFailureType, text, "")
		}
		if ev.Name != "exception" {
			continue
		}
		var typ, message, text string
		said := saidException{index: len(e.stack.Exceptions)}
		for j := range ev.Attributes {
			switch kv := &ev.Attributes[j]; kv.Key {
			case "exception.type":
				typ = kv.Value.AsString()
			case "exception.message":
				message = kv.Value.AsString()
			case "exception.stacktrace":
				text = kv.Value.AsString()
			default:
				said.read(kv)
			}
		}
		language := e.res.language
		if said.id != "" { // which all of awsxrayreceiver's have
			e.said = append(e.said, said)
			language = stack.Document
		}
		e.stack.Add(language, typ, message, text)
	}
	if len(e.stack.Exceptions) == 0 && e.causeIsID() {
		return e.appendCauseID(dst)
	}
	if len(e.stack.Exceptions) == 0 && e.span.Status == codes.Error {
		if message := cmp.Or(e.span.StatusMessage, e.fields.spendText(slotStatusText)); message != "" {
			e.stack.Add(stack.Unknown, e.fields.spendText(slotErrorType), message, "")
		}
	}
	if len(e.stack.Exceptions) == 0 {
		return dst
	}
	dst, cause := jsonenc.OpenObject(dst, "cause")
	dst, list := jsonenc.OpenList(dst, "exceptions")
	for i := range e.stack.Exceptions {
		dst = e.appendException(jsonenc.AppendComma(dst), i)
	}
	return cause.Close(list.Close(dst))
}

func (e *encoder) appendException(dst []byte, i int) []byte {
	x := &e.stack.Exceptions[i]
	dst = append(dst, `{"id":`...)
	dst = e.appendExceptionID(dst, i)
	if x.Type != "" {
		dst = jsonenc.AppendStringMember(dst, "type", e.trimText(e.publicText(x.Type)))
	}
	if x.Message != "" {
		dst = jsonenc.AppendStringMember(dst, "message", e.trimText(e.publicText(x.Message)))
	}
	said := e.saidAt(i)
	if said == nil && e.namespace != namespaceNone || said != nil && said.remote { // what was called failed
		dst = append(dst, `,"remote":true`...)
	}
	frames := e.stack.Frames(i)
	truncated := x.Truncated
	if said != nil {
		truncated += int(min(said.truncated, math.MaxInt32))
	}
	if e.trim != nil && len(frames) > e.trim.frames {
		e.trim.cutFrames += len(frames) - e.trim.frames
		truncated += len(frames) - e.trim.frames
		frames = frames[:e.trim.frames]
	}
	if truncated > 0 {
		dst = jsonenc.AppendIntMember(dst, "truncated", int64(truncated))
	}
	if said != nil && said.skipped > 0 {
		dst = jsonenc.AppendIntMember(dst, "skipped", said.skipped)
	}
	if said != nil && said.cause != "" {
		dst = jsonenc.AppendStringMember(dst, "cause", said.cause)
	} else if x.Caused && i+1 < len(e.stack.Exceptions) {
		dst = e.appendExceptionID(jsonenc.AppendKey(dst, "cause"), i+1)
	}
	if len(frames) > 0 {
		dst = append(dst, `,"stack":[`...)
		for j := range frames {
			dst = appendFrame(jsonenc.AppendComma(dst), &frames[j])
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func (e *encoder) appendExceptionID(dst []byte, i int) []byte {
	if said := e.saidAt(i); said != nil {
		return jsonenc.AppendString(dst, said.id)
	}
	var part [24]byte
	name := strconv.AppendInt(append(part[:0], partException...), int64(i), 10)
	return appendSpanID(dst, DeriveID(e.id, string(name)))
}

func appendFrame(dst []byte, f *stack.Frame) []byte {
	dst = append(dst, '{')
	if f.Path != "" {
		path, _, _ := strings.Cut(f.Path, "?") // of a module's URL
		dst = jsonenc.AppendStringMember(dst, "path", path)
	}
	if f.Line > 0 {
		dst = jsonenc.AppendIntMember(dst, "line", int64(f.Line))
	}
	if f.Label != "" {
		dst = jsonenc.AppendStringMember(dst, "label", f.Label)
	}
	return append(dst, '}')
}

// httpFailureType is the type of an exception that stands for one failed HTTP request
// of an AWS call, which the SDK may have tried again.
const httpFailureType = "aws.http.error.event"

// httpFailure returns what an AWS SDK's note of a failed request says; empty if the
// event is none.
func (e *encoder) httpFailure(ev *Event) string {
	if ev.Name != "HTTP request failure" || e.namespace != namespaceAWS {
		return ""
	}
	return attributeText(ev.Attributes, "aws.http.error_message")
}

// held says which attributes of an event the cause holds.
type held uint8

const (
	heldNone      held = iota // the event is no exception
	heldException             // those of the conventions
	heldSaid                  // those and a saidException's
)

func heldOf(ev *Event) held {
	if ev.Name != "exception" {
		return heldNone
	}
	var said saidException
	for i := range ev.Attributes {
		said.read(&ev.Attributes[i])
	}
	if said.id == "" {
		return heldException
	}
	return heldSaid
}

func (h held) has(kv *attribute.KeyValue) bool {
	if h == heldNone {
		return false
	}
	switch kv.Key {
	case "exception.type", "exception.message", "exception.stacktrace":
		return kv.Value.Type() == attribute.STRING
	}
	return h == heldSaid && new(saidException).read(kv)
}
