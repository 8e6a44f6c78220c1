package lambdaxray

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
)

// streaming traces a function whose result is, or may turn out to be, an
// io.Reader. A lambda.Handler returns bytes, so such a result must reach
// aws-lambda-go as the value it is: from a function that gets the event as raw
// JSON, decodes it as aws-lambda-go would, and returns what the traced one does.
//
// The event is scanned once more than without tracing, which is why functions
// with any other result do not go this way. A function that takes no event may
// get one that is no JSON, so there it stays unknown.
type streaming struct {
	*tracing
	function reflect.Value
	context  bool         // the function takes the context
	event    reflect.Type // what it takes as event; nil: nothing
	decoding decoding
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	readerType  = reflect.TypeFor[io.Reader]()
)

// newStreaming returns false for a handler whose result cannot be a reader, or
// which aws-lambda-go will refuse.
func newStreaming(t *tracing, handler any) (*streaming, bool) {
	s := &streaming{tracing: t, function: reflect.ValueOf(handler)}
	if _, ok := handler.(lambda.Handler); ok { // a function type with a method Invoke
		return nil, false
	}
	if s.function.Kind() != reflect.Func || s.function.IsNil() || s.function.Type().IsVariadic() {
		return nil, false
	}
	ft := s.function.Type()
	if ft.NumOut() != 2 || !ft.Out(1).Implements(errorType) ||
		ft.Out(0).Kind() != reflect.Interface && !ft.Out(0).Implements(readerType) {
		return nil, false
	}
	s.context = ft.NumIn() > 0 && ft.In(0) == contextType
	switch takes := ft.NumIn(); {
	case takes == 0, takes == 1 && s.context:
	case takes == 1 && (ft.In(0).Kind() != reflect.Interface || ft.In(0).NumMethod() == 0):
		s.event = ft.In(0)
	case takes == 2 && s.context:
		s.event = ft.In(1)
	default:
		return nil, false
	}
	return s, true
}

// handler returns what aws-lambda-go is to run.
func (s *streaming) handler(opts []lambda.Option) lambda.Handler {
	if s.event == nil {
		return lambda.NewHandlerWithOptions(func(ctx context.Context) (any, error) {
			return s.invoke(ctx, nil)
		}, opts...)
	}
	s.decoding = decodingOf(s.config.lambda)
	return lambda.NewHandlerWithOptions(func(ctx context.Context, event json.RawMessage) (any, error) {
		return s.invoke(ctx, event)
	}, opts...)
}

func (s *streaming) invoke(ctx context.Context, event []byte) (any, error) {
	ctx, inv := s.begin(ctx, event)
	defer inv.unwind()
	result, err := s.call(ctx, event)
	if err == nil && streams(result) {
		return newStream(result.(io.Reader), inv), nil
	}
	inv.end(err, func() (int, bool) { return statusOfValue(result) })
	return result, err
}

// call calls the function.
func (s *streaming) call(ctx context.Context, event []byte) (any, error) {
	args := make([]reflect.Value, 0, 2)
	if s.context {
		args = append(args, reflect.ValueOf(ctx))
	}
	if s.event != nil {
		v := reflect.New(s.event)
		if err := s.decoding.decode(event, v.Interface()); err != nil {
			return nil, err
		}
		args = append(args, v.Elem())
	}
	out := s.function.Call(args)
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

// decoding is how aws-lambda-go's options have events decoded.
type decoding struct{ useNumber, disallowUnknownFields bool }

// decodingOf finds out by trying: the options are functions of a private type.
func decodingOf(opts []lambda.Option) (d decoding) {
	if len(opts) == 0 {
		return d
	}
	number := lambda.NewHandlerWithOptions(func(event any) error {
		_, d.useNumber = event.(json.Number)
		return nil
	}, opts...)
	_, _ = number.Invoke(context.Background(), []byte("1"))
	empty := lambda.NewHandlerWithOptions(func(struct{}) {}, opts...)
	_, err := empty.Invoke(context.Background(), []byte(`{"unknown":1}`))
	d.disallowUnknownFields = err != nil
	return d
}

func (d decoding) decode(event []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(event))
	if d.useNumber {
		decoder.UseNumber()
	}
	if d.disallowUnknownFields {
		decoder.DisallowUnknownFields()
	}
	return decoder.Decode(v)
}

// streams reports whether aws-lambda-go will read the result rather than send
// its JSON: a reader whose JSON says nothing.
func streams(result any) bool {
	if _, ok := result.(io.Reader); !ok {
		return false
	}
	encoded, err := json.Marshal(result)
	return err != nil || bytes.HasPrefix(encoded, []byte("{}"))
}

// stream is a response on its way out. The function span ends with it: at the
// end of the data, at an error, or when aws-lambda-go closes it.
//
// It has no exported fields, so that its JSON says nothing.
type stream struct {
	reader io.Reader
	inv    *invocation
	ended  sync.Once // reading and closing are different goroutines' work
}

// typedStream is a stream that knows its content type.
type typedStream struct {
	*stream
	contentType string
}

func newStream(r io.Reader, inv *invocation) io.Reader {
	inv.streams = true
	s := &stream{reader: r, inv: inv}
	if t, ok := r.(interface{ ContentType() string }); ok {
		return typedStream{stream: s, contentType: t.ContentType()}
	}
	return s
}

// ContentType is what aws-lambda-go sends as the response's type.
func (s typedStream) ContentType() string { return s.contentType }

// Read reads on. A reader that panics ends the process: aws-lambda-go reads in a
// goroutine of net/http, where nobody recovers.
func (s *stream) Read(p []byte) (int, error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		s.ended.Do(func() { s.inv.panicked(value) })
		if value != nil { // nil: runtime.Goexit
			panic(value)
		}
	}()
	n, err := s.reader.Read(p)
	returned = true
	if err != nil {
		s.end(err)
	}
	return n, err
}

// Close closes the reader if it can be closed.
func (s *stream) Close() error {
	defer s.end(nil)
	if c, ok := s.reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (s *stream) end(err error) {
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s.ended.Do(func() {
		s.inv.end(err, func() (int, bool) { return statusOfValue(s.reader) })
	})
}
