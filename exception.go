package lambdaxray

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// maxCauses bounds the chain of one error. Cyclic chains end there too.
const maxCauses = 10

// recordError marks span as failed and adds an exception event for err: its
// type and message, and as stack trace the Go stack, if err knows one, followed
// by a line "Caused by: <type>: <message>" for each error it wraps, outermost
// first.
//
// Source: https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/
func recordError(span trace.Span, err error) {
	if !span.IsRecording() {
		return
	}
	typ, message := describe(err)
	text, stacked := appendErrorStack(nil, err)
	text, _ = appendCauses(text, err, maxCauses, stacked)
	record(span, typ, message, text)
}

// recordPanic is recordError for the value of a panic, called by the deferred
// function that recovered it, while the panicking frames are still on the stack.
func recordPanic(span trace.Span, value any) {
	if !span.IsRecording() {
		return
	}
	typ, message := fmt.Sprintf("%T", value), fmt.Sprint(value)
	text := trimStack(debug.Stack())
	if err, ok := value.(error); ok {
		text, _ = appendCauses(text, err, maxCauses, true)
	}
	record(span, typ, message, text)
}

func record(span trace.Span, typ, message string, stack []byte) {
	span.SetStatus(codes.Error, message)
	attrs := appendString(make([]attribute.KeyValue, 0, 3), semconv.ExceptionTypeKey, typ)
	attrs = appendString(attrs, semconv.ExceptionMessageKey, message)
	attrs = appendString(attrs, semconv.ExceptionStacktraceKey, string(stack))
	span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(attrs...))
}

// describe returns the type and message of err as a person would look for them.
// fmt.Sprint stands a panicking Error method, which a typed nil easily has.
func describe(err error) (typ, message string) {
	if e, ok := err.(messages.InvokeResponse_Error); ok && e.Type != "" {
		return e.Type, e.Message
	}
	return fmt.Sprintf("%T", err), fmt.Sprint(err)
}

// appendCauses writes the errors below err, depth first, at most left of them,
// and returns how many it may still write. The first Go stack found in the chain
// is written beneath its error unless stacked says that there is one already.
func appendCauses(text []byte, err error, left int, stacked bool) ([]byte, int) {
	for _, err := range unwrap(err) {
		if left == 0 {
			break
		}
		if err == nil {
			continue
		}
		left--
		typ, message := describe(err)
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		// One line a cause: errors.Join puts its messages on lines of their own.
		text = append(text, "Caused by: "+typ+": "+strings.ReplaceAll(message, "\n", "; ")+"\n"...)
		if !stacked {
			text, stacked = appendErrorStack(text, err)
		}
		text, left = appendCauses(text, err, left, stacked)
	}
	return text, left
}

// unwrap returns the errors right below err. It stands a panicking Unwrap, which a
// typed nil easily has.
func unwrap(err error) (below []error) {
	defer func() { _ = recover() }()
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

// appendErrorStack writes the Go stack that err itself knows, in the form of
// debug.Stack, and reports whether there was one.
func appendErrorStack(text []byte, err error) ([]byte, bool) {
	switch e := err.(type) {
	case messages.InvokeResponse_Error:
		for _, f := range e.StackTrace {
			text = append(text, f.Label+"()\n\t"+f.Path+":"+strconv.Itoa(int(f.Line))+"\n"...)
		}
		return text, len(e.StackTrace) > 0
	case fmt.Formatter:
		return appendVerboseStack(text, fmt.Sprintf("%+v", e))
	}
	return text, false
}

// appendVerboseStack finds the first stack in what %+v gives for the errors of
// github.com/pkg/errors and those that follow it: a line with the function, then
// one with a tab and file:line.
func appendVerboseStack(text []byte, verbose string) ([]byte, bool) {
	tab := strings.Index(verbose, "\n\t")
	if tab < 0 {
		return text, false
	}
	rest := verbose[strings.LastIndexByte(verbose[:tab], '\n')+1:]
	start := len(text)
	for {
		function, after, ok := strings.Cut(rest, "\n\t")
		if !ok || strings.Contains(function, "\n") {
			break
		}
		place, after, _ := strings.Cut(after, "\n")
		text = append(text, function+"()\n\t"+place+"\n"...)
		rest = after
	}
	return text, len(text) > start
}

// trimStack cuts what debug.Stack gives inside a deferred function down to the
// frames of the handler: from below the panic to above aws-lambda-go.
func trimStack(stack []byte) []byte {
	header, frames, _ := bytes.Cut(stack, []byte("\n"))
	for first := true; first || passesOn(frames); first = false {
		i := bytes.Index(frames, []byte("\npanic("))
		if i < 0 {
			break
		}
		frames = skipFrame(frames[i+1:])
	}
	for bytes.HasPrefix(frames, []byte("runtime.")) { // runtime.panicmem, runtime.sigpanic
		frames = skipFrame(frames)
	}
	for _, own := range []string{packagePath + ".(*bufferedHandler).Invoke(", packagePath + ".(*function).call(", packagePath + ".(*stream).Read(", "github.com/aws/aws-lambda-go/lambda."} {
		if i := bytes.Index(frames, []byte("\n"+own)); i >= 0 {
			frames = frames[:i+1]
		}
	}
	// The two frames of reflect through which the function was called.
	if i := bytes.LastIndex(frames, []byte("\nreflect.Value.call(")); i >= 0 && bytes.Count(frames[i+1:], []byte("\n")) == 4 {
		frames = frames[:i+1]
	}
	return append(append(header, '\n'), frames...)
}

// passesOn reports whether the frame below a panic is of one who hands on the
// panic that it has recorded: Capture, or End of a span of the SDK that was
// deferred. The origin is further down.
func passesOn(frames []byte) bool {
	return bytes.HasPrefix(frames, []byte(packagePath+".")) ||
		bytes.HasPrefix(frames, []byte("go.opentelemetry.io/otel/sdk/trace."))
}

// skipFrame drops a frame, which is two lines.
func skipFrame(frames []byte) []byte {
	for range 2 {
		_, frames, _ = bytes.Cut(frames, []byte("\n"))
	}
	return frames
}
