package lambdaxray

import (
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Limits of what is recorded of one error. A document holds 64 KB.
const (
	maxCauses  = 10       // of the chain; cyclic chains end there too
	maxMessage = 16 << 10 // bytes of one message
	maxFrames  = 100      // of a panic's stack
)

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
	hide := secretsOf(err)
	typ, message := describe(err, hide)
	text, stacked := appendErrorStack(nil, err)
	text, _ = appendCauses(text, err, hide, maxCauses, stacked)
	recordException(span, typ, message, text)
}

// recordPanic is recordError for the value of a panic, called by the deferred
// function that recovered it, while the panicking frames are still on the stack.
func recordPanic(span trace.Span, value any) {
	if !span.IsRecording() {
		return
	}
	text := appendPanicStack(nil)
	err, ok := value.(error)
	if !ok {
		recordException(span, fmt.Sprintf("%T", value), cutMessage(fmt.Sprint(value)), text)
		return
	}
	hide := secretsOf(err)
	typ, message := describe(err, hide)
	text, _ = appendCauses(text, err, hide, maxCauses, true)
	recordException(span, typ, message, text)
}

func recordException(span trace.Span, typ, message string, stack []byte) {
	span.SetStatus(codes.Error, message)
	attrs := appendStrings(make([]attribute.KeyValue, 0, 3), []keyString{
		{semconv.ExceptionTypeKey, typ},
		{semconv.ExceptionMessageKey, message},
		{semconv.ExceptionStacktraceKey, string(stack)},
	})
	span.AddEvent(semconv.ExceptionEventName, trace.WithAttributes(attrs...))
}

// describe returns the type and message of err as a person would look for them,
// without what is to be hidden. fmt.Sprint stands a panicking Error method, which a
// typed nil easily has.
func describe(err error, hide secrets) (typ, message string) {
	if e, ok := runtimeError(err); ok && e.Type != "" {
		typ, message = e.Type, e.Message
	} else {
		typ, message = fmt.Sprintf("%T", err), fmt.Sprint(err)
	}
	return typ, cutMessage(hide.from(message))
}

// runtimeError returns err as what a function gives aws-lambda-go to name the type
// itself.
func runtimeError(err error) (*messages.InvokeResponse_Error, bool) {
	switch e := err.(type) {
	case messages.InvokeResponse_Error:
		return &e, true
	case *messages.InvokeResponse_Error:
		return e, e != nil
	}
	return nil, false
}

// cutMessage keeps one message from filling a document.
func cutMessage(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	kept := strings.ToValidUTF8(message[:maxMessage], "")
	return fmt.Sprintf("%s… (%d bytes more)", kept, len(message)-len(kept))
}

// secrets are the URLs of the HTTP requests that an error tells of, which its
// message repeats with user and query.
type secrets []string

func secretsOf(err error) secrets { return appendSecrets(nil, err, maxCauses) }

func appendSecrets(hide secrets, err error, left int) secrets {
	if e, ok := err.(*url.Error); ok && e != nil && withoutSecrets(e.URL) != e.URL {
		hide = append(hide, e.URL)
	}
	for _, below := range unwrap(err) {
		if left == 0 {
			break
		}
		left--
		hide = appendSecrets(hide, below, left)
	}
	return hide
}

// from returns message without what the URLs in it should not say.
func (hide secrets) from(message string) string {
	for _, u := range hide {
		message = strings.ReplaceAll(message, u, withoutSecrets(u))
		if quoted := strings.Trim(strconv.Quote(u), `"`); quoted != u { // as in url.Error's own message
			message = strings.ReplaceAll(message, quoted, withoutSecrets(quoted))
		}
	}
	return message
}

// withoutSecrets returns a URL without user, query and fragment.
func withoutSecrets(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	if scheme, rest, ok := strings.Cut(u, "//"); ok {
		host, path, more := strings.Cut(rest, "/")
		host = host[strings.LastIndexByte(host, '@')+1:]
		u = scheme + "//" + host
		if more {
			u += "/" + path
		}
	}
	return u
}

// appendCauses writes the errors below err, depth first, at most left of them,
// and returns how many it may still write. The first Go stack found in the chain
// is written beneath its error unless stacked says that there is one already.
func appendCauses(text []byte, err error, hide secrets, left int, stacked bool) ([]byte, int) {
	for _, err := range unwrap(err) {
		if left == 0 {
			break
		}
		if err == nil {
			continue
		}
		left--
		typ, message := describe(err, hide)
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		// One line a cause: errors.Join puts its messages on lines of their own.
		text = append(text, "Caused by: "+typ+": "+strings.ReplaceAll(message, "\n", "; ")+"\n"...)
		if !stacked {
			text, stacked = appendErrorStack(text, err)
		}
		text, left = appendCauses(text, err, hide, left, stacked)
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
	if e, ok := runtimeError(err); ok {
		for _, f := range e.StackTrace {
			text = appendFrame(text, f.Label, f.Path, int(f.Line))
		}
		return text, len(e.StackTrace) > 0
	}
	if e, ok := err.(fmt.Formatter); ok {
		return appendVerboseStack(text, fmt.Sprintf("%+v", e))
	}
	return text, false
}

func appendFrame(text []byte, function, file string, line int) []byte {
	return append(text, function+"()\n\t"+file+":"+strconv.Itoa(line)+"\n"...)
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
	for {
		function, after, ok := strings.Cut(rest, "\n\t")
		if !ok || strings.Contains(function, "\n") {
			return text, true
		}
		place, after, _ := strings.Cut(after, "\n")
		text = append(text, function+"()\n\t"+place+"\n"...)
		rest = after
	}
}

// appendPanicStack writes the handler's part of a panicking stack: from below the
// panic to above the frames of this package and aws-lambda-go that called the
// handler.
func appendPanicStack(text []byte) []byte {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var stack []runtime.Frame
	// Above a panic lies what is being deferred. Whoever hands on a panic that he has
	// recorded lies right below one of his own; the origin is further down then.
	found, handedOn := false, false
walk:
	for frame, _ := frames.Next(); frame.PC != 0; frame, _ = frames.Next() {
		switch {
		case frame.Function == "runtime.gopanic" && (!found || handedOn):
			stack, found, handedOn = stack[:0], true, false
		case !found, strings.HasPrefix(frame.Function, "runtime."):
		case callsHandler(frame.Function):
			break walk
		default:
			handedOn = handedOn || len(stack) == 0 && handsOn(frame.Function)
			stack = append(stack, frame)
		}
	}
	// The two frames of reflect through which the function was called.
	if n := len(stack); n > 2 && stack[n-1].Function == "reflect.Value.Call" && stack[n-2].Function == "reflect.Value.call" {
		stack = stack[:n-2]
	}
	for _, f := range stack {
		text = appendFrame(text, f.Function, f.File, f.Line)
	}
	return text
}

// handsOn reports whether the function right below a panic is of one who hands on
// the panic that it has recorded: Capture, or End of a span of the SDK that was
// deferred.
func handsOn(function string) bool {
	return strings.HasPrefix(function, packagePath+".") || strings.HasPrefix(function, "go.opentelemetry.io/otel/sdk/trace.")
}

// callers are what calls the handler, and methods of what it takes and returns.
var callers = [...]string{
	packagePath + ".(*function).", packagePath + ".encoding.",
	packagePath + ".(*bufferedHandler).",
	packagePath + ".(*streaming).", packagePath + ".newStream", packagePath + ".(*stream).",
	"github.com/aws/aws-lambda-go/lambda.",
}

func callsHandler(function string) bool {
	for _, caller := range callers {
		if strings.HasPrefix(function, caller) {
			return true
		}
	}
	return false
}
