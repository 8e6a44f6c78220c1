package exporter

import (
	"context"
	"io"
	"sync"
)

// NewWriterEmitter returns an [Emitter] that writes each document to w as one
// line, in one Write. It is safe for concurrent use; w need not be. After an
// error the rest of an Emit is not written. Shutdown does not close w.
func NewWriterEmitter(w io.Writer) Emitter {
	return &writerEmitter{w: w}
}

type writerEmitter struct {
	mu     sync.Mutex
	w      io.Writer
	closed bool
	line   []byte
}

func (e *writerEmitter) Emit(ctx context.Context, docs [][]byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return &EmitError{Lost: len(docs), Err: errShutdown}
	}
	for i, doc := range docs {
		err := ctx.Err()
		if err == nil {
			e.line = append(append(e.line[:0], doc...), '\n')
			_, err = e.w.Write(e.line)
		}
		if err != nil {
			return &EmitError{Lost: len(docs) - i, Err: err}
		}
	}
	return nil
}

func (e *writerEmitter) Shutdown(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	return nil
}
