package exporter

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
)

func TestWriterOneDocumentALine(t *testing.T) {
	var buf bytes.Buffer
	e := NewWriterEmitter(&buf)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := e.Emit(t.Context(), [][]byte{doc(i, 300), doc(i, 400)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	lines := strings.Split(strings.TrimSuffix(buf.String(), "\n"), "\n")
	if len(lines) != 40 {
		t.Errorf("%d lines", len(lines))
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "{") || !strings.HasSuffix(l, "}") {
			t.Errorf("line %q", l)
		}
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left == 0 {
		return 0, errors.New("disk full")
	}
	w.left--
	return len(p), nil
}

func TestWriterErrors(t *testing.T) {
	var ee *EmitError
	e := NewWriterEmitter(&failingWriter{left: 1})
	if err := e.Emit(t.Context(), docs(3, 0)); !errors.As(err, &ee) || ee.Lost != 2 || ee.Error() != "2 documents lost: disk full" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e = NewWriterEmitter(&failingWriter{left: 1})
	if err := e.Emit(ctx, docs(1, 0)); !errors.As(err, &ee) || !errors.Is(err, context.Canceled) || ee.Error() != "1 document lost: context canceled" {
		t.Errorf("context done: %v", err)
	}
	for range 2 {
		if err := e.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := e.Emit(t.Context(), docs(1, 0)); !errors.Is(err, errShutdown) {
		t.Errorf("after Shutdown: %v", err)
	}
}
