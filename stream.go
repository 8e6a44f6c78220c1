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
// io.Reader. A lambda.Handler returns bytes, so the result must reach
// aws-lambda-go as the value it is.
//
// Two handlers of aws-lambda-go do that, so that its decoding, encoding and
// options hold: the inner one decodes the event and calls the function, which
// leaves its result in the context; the outer one has the event as raw JSON and
// returns that result. The event is scanned once more than without tracing,
// which is why functions with any other result do not go this way. A function
// that takes no event may get one that is no JSON, so there it stays unknown.
type streaming struct {
	*tracing
	function reflect.Value
	event    bool // the function takes the event
	inner    lambda.Handler
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	readerType  = reflect.TypeFor[io.Reader]()
)

// newStreaming returns false for a handler whose result cannot be a reader, or
// which aws-lambda-go will refuse.
func newStreaming(t *tracing, handler any, opts []lambda.Option) (*streaming, bool) {
	f := reflect.ValueOf(handler)
	if f.Kind() != reflect.Func || f.IsNil() || f.Type().IsVariadic() {
		return nil, false
	}
	ft := f.Type()
	if ft.NumOut() != 2 || !ft.Out(1).Implements(errorType) ||
		ft.Out(0).Kind() != reflect.Interface && !ft.Out(0).Implements(readerType) {
		return nil, false
	}
	in := []reflect.Type{contextType}
	takesContext := ft.NumIn() > 0 && ft.In(0) == contextType
	switch {
	case takesContext && ft.NumIn() <= 2, ft.NumIn() == 0:
		in = append(in, inputs(ft)[min(1, ft.NumIn()):]...)
	case ft.NumIn() == 1 && (ft.In(0).Kind() != reflect.Interface || ft.In(0).NumMethod() == 0):
		in = append(in, ft.In(0))
	default:
		return nil, false
	}
	s := &streaming{tracing: t, function: f, event: len(in) == 2}
	shim := reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{errorType}, false), func(args []reflect.Value) []reflect.Value {
		return s.call(args, takesContext)
	})
	s.inner = lambda.NewHandlerWithOptions(shim.Interface(), opts...)
	return s, true
}

func inputs(ft reflect.Type) []reflect.Type {
	types := make([]reflect.Type, ft.NumIn())
	for i := range types {
		types[i] = ft.In(i)
	}
	return types
}

type resultKey struct{}

// call calls the function with args, of which the first is the context.
func (s *streaming) call(args []reflect.Value, takesContext bool) []reflect.Value {
	ctx := args[0].Interface().(context.Context)
	if !takesContext {
		args = args[1:]
	}
	out := s.function.Call(args)
	*ctx.Value(resultKey{}).(*any) = out[0].Interface()
	err, _ := out[1].Interface().(error)
	v := reflect.New(errorType).Elem()
	if err != nil {
		v.Set(reflect.ValueOf(err))
	}
	return []reflect.Value{v}
}

// handler returns what aws-lambda-go is to run.
func (s *streaming) handler(opts []lambda.Option) lambda.Handler {
	if s.event {
		return lambda.NewHandlerWithOptions(func(ctx context.Context, event json.RawMessage) (any, error) {
			return s.invoke(ctx, event)
		}, opts...)
	}
	return lambda.NewHandlerWithOptions(func(ctx context.Context) (any, error) {
		return s.invoke(ctx, nil)
	}, opts...)
}

func (s *streaming) invoke(ctx context.Context, event []byte) (any, error) {
	ctx, inv := s.begin(ctx, event)
	defer inv.unwind()
	var result any
	_, err := s.inner.Invoke(context.WithValue(ctx, resultKey{}, &result), event)
	if err == nil && streams(result) {
		return newStream(result.(io.Reader), inv), nil
	}
	inv.end(err, func() (int, bool) { return statusOfValue(result) })
	return result, err
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

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.reader.Read(p)
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
