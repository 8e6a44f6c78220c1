package extension

import (
	"fmt"
	"io"
	"sync"
)

// Logger writes lines to the function's log, each kind once: whoever reads them pays
// for each.
type Logger struct {
	w    io.Writer
	mu   sync.Mutex
	said map[string]bool
}

// maxSaid bounds the kinds of lines.
const maxSaid = 256

// NewLogger returns a Logger that writes to w.
func NewLogger(w io.Writer) *Logger { return &Logger{w: w, said: make(map[string]bool)} }

// Once writes a line if none of this kind was written before.
func (l *Logger) Once(kind, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said[kind] || len(l.said) == maxSaid {
		return
	}
	l.said[kind] = true
	fmt.Fprintf(l.w, "lambdaxray: "+format+"\n", args...) // to a log that cannot be written nobody can be told
}
