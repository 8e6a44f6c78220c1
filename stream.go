package lambdaxray

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// streaming traces a function whose result is, or may turn out to be, an
// io.Reader. A lambda.Handler returns bytes, so such a result must reach
// aws-lambda-go as a reader: from a function that gets the event as raw JSON and
// decodes it as aws-lambda-go would.
//
// The event is scanned once more than without tracing, which is why functions
// with any other result do not go this way. An event that is no JSON does not get
// here, as aws-lambda-go refuses it; Lambda lets none through. A function that takes
// no event may get one, so there it stays unknown.
type streaming struct {
	*tracing
	function *function
}

// handler returns what aws-lambda-go is to run.
func (s *streaming) handler(opts []lambda.Option) lambda.Handler {
	if s.function.event == nil {
		return lambda.NewHandlerWithOptions(func(ctx context.Context) (io.Reader, error) {
			return s.invoke(ctx, nil)
		}, opts...)
	}
	return lambda.NewHandlerWithOptions(func(ctx context.Context, event json.RawMessage) (io.Reader, error) {
		return s.invoke(ctx, event)
	}, opts...)
}

// invoke returns a reader whatever the result is: JSON that aws-lambda-go encodes
// lies in a buffer that it shares between invocations.
func (s *streaming) invoke(ctx context.Context, event []byte) (io.Reader, error) {
	if s.tracing == nil {
		stream, response, err := s.function.respond(ctx, event)
		return readerOf(stream, response), err
	}
	ctx, span := s.begin(ctx, event)
	defer span.unwind()
	stream, response, err := s.function.respond(ctx, event)
	if stream != nil {
		return newStream(stream, span), nil
	}
	return readerOf(nil, span.respond(response, err)), err
}

// respond calls the function. As with aws-lambda-go a reader is the response unless
// its JSON says something.
func (f *function) respond(ctx context.Context, event []byte) (stream io.Reader, response []byte, err error) {
	result, err := f.call(ctx, event, handlertrace.HandlerTrace{})
	if err != nil {
		return nil, nil, err
	}
	response, err = f.encode(result)
	if r, ok := result.(io.Reader); ok && (err != nil || bytes.HasPrefix(response, []byte("{}"))) {
		return r, nil, nil
	}
	return nil, response, err
}

func readerOf(stream io.Reader, response []byte) io.Reader {
	if stream != nil {
		return stream
	}
	return &answer{text: bytes.NewReader(response)}
}

// answer is a response in JSON. It has no exported fields, so that its own JSON says
// nothing and aws-lambda-go reads it.
type answer struct{ text *bytes.Reader }

func (a *answer) Read(p []byte) (int, error) { return a.text.Read(p) }

// ContentType is what aws-lambda-go gives its own JSON.
func (*answer) ContentType() string { return "application/json" }

// stream is a response on its way out. The function span ends with it: at the
// end of the data, at an error, or when aws-lambda-go closes it.
//
// It has no exported fields, so that its JSON says nothing.
type stream struct {
	reader   io.Reader
	function *functionSpan
	prelude  []byte    // what was read first, as far as the status may be in it
	ended    sync.Once // reading and closing are different goroutines' work
}

// typedStream is a stream that knows its content type.
type typedStream struct {
	*stream
	contentType string
}

// integrationResponse is the content type of a stream that begins with a prelude
// in JSON: status, headers and cookies of the HTTP response, then eight zeros.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
const integrationResponse = "application/vnd.awslambda.http-integration-response"

// maxPrelude is as far as the status is looked for, in bytes. aws-lambda-go writes
// it first.
const maxPrelude = 512

func newStream(r io.Reader, span *functionSpan) io.Reader {
	s := &stream{reader: r, function: span}
	t, ok := r.(interface{ ContentType() string })
	if !ok {
		span.streams = true
		return s
	}
	contentType := t.ContentType() // may panic
	if span.http && contentType == integrationResponse {
		s.prelude = make([]byte, 0, maxPrelude)
	}
	span.streams = true
	return typedStream{stream: s, contentType: contentType}
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
		s.ended.Do(func() { s.function.panicked(value) })
		if value != nil { // nil: runtime.Goexit
			panic(value)
		}
	}()
	n, err := s.reader.Read(p)
	returned = true
	if room := cap(s.prelude) - len(s.prelude); room > 0 {
		s.prelude = append(s.prelude, p[:min(n, room)]...)
	}
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
	s.ended.Do(func() {
		defer s.function.contain()
		defer s.function.close(s.function.config.flush)
		switch {
		case !s.function.span.IsRecording():
		case err != nil && err != io.EOF: // aws-lambda-go takes a wrapped one for an error
			s.function.failed(err)
		case s.function.http:
			code, _ := lambdaevent.Status(s.prelude)
			s.function.setStatus(code)
		}
	})
}
