package lambdaxray

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel"
)

// function is a handler function. It decodes events, calls and encodes results as
// aws-lambda-go does, with one difference: the response is the invocation's own.
// What the Invoke of aws-lambda-go's handlers returns lies in a buffer that is back
// in a pool by then, where the next invocation writes over it.
type function struct {
	value   reflect.Value
	context bool         // it takes the context
	event   reflect.Type // what it takes as event; nil: nothing
	results int
	encoding
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	readerType  = reflect.TypeFor[io.Reader]()
)

// newFunction returns false for a handler that is no function, or one that
// aws-lambda-go refuses.
func newFunction(handler any) (*function, bool) {
	f := &function{value: reflect.ValueOf(handler)}
	if f.value.Kind() != reflect.Func {
		return nil, false
	}
	t := f.value.Type()
	f.results = t.NumOut()
	if f.results > 2 || f.results > 0 && !t.Out(f.results-1).Implements(errorType) {
		return nil, false
	}
	in := t.NumIn()
	f.context = in > 0 && isContext(t.In(0))
	switch {
	case in == 1 && !f.context && t.In(0).Kind() == reflect.Interface && t.In(0).NumMethod() > 0:
		return nil, false // an interface that is no context
	case in == 2 && !f.context, in > 2:
		return nil, false
	case in == 2, in == 1 && !f.context:
		f.event = t.In(in - 1)
	}
	return f, true
}

// isContext reports whether t is context.Context or an interface just like it.
func isContext(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.Implements(contextType) && contextType.Implements(t)
}

// mayStream reports whether the result can be an io.Reader.
func (f *function) mayStream() bool {
	if f.results < 2 {
		return false
	}
	result := f.value.Type().Out(0)
	return result.Kind() == reflect.Interface || result.Implements(readerType)
}

// Invoke makes the function a lambda.Handler. Its result must not be a reader.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	result, err := f.call(ctx, payload, handlertrace.FromContext(ctx))
	if err != nil {
		return nil, err
	}
	return f.encode(result)
}

// call calls the function with what payload decodes to. The result is nil if the
// function has none.
func (f *function) call(ctx context.Context, payload []byte, hooks handlertrace.HandlerTrace) (any, error) {
	args := make([]reflect.Value, 0, 2)
	if f.context {
		args = append(args, reflect.ValueOf(ctx))
	}
	if f.event != nil {
		event := reflect.New(f.event)
		if err := f.decode(payload, event.Interface()); err != nil {
			return nil, err
		}
		if hooks.RequestEvent != nil {
			hooks.RequestEvent(ctx, event.Elem().Interface())
		}
		args = append(args, event.Elem())
	}
	out := f.value.Call(args)
	if f.results > 0 {
		// An error type of the function's own makes a typed nil an error here, as in
		// aws-lambda-go.
		if err, ok := out[f.results-1].Interface().(error); ok {
			return nil, err
		}
	}
	if f.results < 2 {
		return nil, nil
	}
	result := out[0].Interface()
	if hooks.ResponseEvent != nil {
		hooks.ResponseEvent(ctx, result)
	}
	return result, nil
}

// encoding is how aws-lambda-go's options have events and responses encoded. The
// zero value is how it is without any.
type encoding struct {
	useNumber, disallowUnknownFields bool
	escapeHTML                       bool
	prefix, indent                   string
}

// encodingOf finds out by trying: the options are functions of a private type.
func encodingOf(opts []lambda.Option) (e encoding) {
	if len(opts) == 0 {
		return e
	}
	h := lambda.NewHandlerWithOptions(func(event struct{ Number any }) (any, error) {
		_, e.useNumber = event.Number.(json.Number)
		return []string{"<"}, nil
	}, opts...)
	_, err := h.Invoke(context.Background(), []byte(`{"Unknown":1}`))
	e.disallowUnknownFields = err != nil
	response, _ := h.Invoke(context.Background(), []byte(`{"Number":1}`))
	text := string(response)
	e.escapeHTML = !strings.Contains(text, "<")
	// An indented list is "[\n", prefix, indent, the member, "\n", prefix, "]\n".
	if inside, ok := strings.CutPrefix(text, "[\n"); ok {
		inside = strings.TrimSuffix(inside, "]\n")
		e.prefix = inside[strings.LastIndexByte(inside, '\n')+1:]
		e.indent = strings.TrimPrefix(inside[:strings.IndexByte(inside, '"')], e.prefix)
	}
	return e
}

func (e encoding) decode(event []byte, v any) error {
	if !e.useNumber && !e.disallowUnknownFields {
		// It reads the event where it lies, which spares two allocations. Of what is not
		// exactly one JSON value it leaves v alone.
		err := json.Unmarshal(event, v)
		if _, ok := errors.AsType[*json.SyntaxError](err); !ok {
			return err
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(event))
	if e.useNumber {
		decoder.UseNumber()
	}
	if e.disallowUnknownFields {
		decoder.DisallowUnknownFields()
	}
	return decoder.Decode(v)
}

func (e encoding) encode(v any) ([]byte, error) {
	var text written
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(e.escapeHTML)
	encoder.SetIndent(e.prefix, e.indent)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	if e.prefix == "" && e.indent == "" {
		text = text[:len(text)-1] // the newline, as aws-lambda-go
	}
	return text, nil
}

// written is what has been written to it. The JSON encoder writes once, so unlike a
// bytes.Buffer it is as large as that.
type written []byte

func (w *written) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

// exclusive is for a handler that lambda.NewHandler made: nobody but its own Runtime
// API loop can have a response of it before that is back in the pool. So nobody
// else runs it until the response is copied.
type exclusive struct {
	running sync.Mutex
	next    lambda.Handler
}

func newExclusive(next lambda.Handler) *exclusive {
	if lambdacontext.MaxConcurrency() > 1 {
		otel.Handle(errors.New("lambdaxray: a handler made by lambda.NewHandler runs one invocation at a time, as it shares the memory of its responses; give lambdaxray the function itself"))
	}
	return &exclusive{next: next}
}

// isAWSHandler reports whether h was made by lambda.NewHandler, which returns those
// as they are.
func isAWSHandler(h lambda.Handler) bool { return lambda.NewHandler(h) == h }

func (e *exclusive) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e.running.Lock()
	defer e.running.Unlock()
	response, err := e.next.Invoke(ctx, payload)
	return bytes.Clone(response), err
}
