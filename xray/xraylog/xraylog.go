// Package xraylog is where messages of package xray go.
package xraylog

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Logger takes messages. It is called from many goroutines.
type Logger interface {
	// Log takes a message, which is formatted only if its String is called.
	Log(level LogLevel, msg fmt.Stringer)
}

// LogLevel is how severe a message is; higher is worse.
type LogLevel int

// The levels.
const (
	LogLevelDebug LogLevel = iota + 1
	LogLevelInfo
	LogLevelWarn
	LogLevelError
)

var levels = [...]string{LogLevelDebug: "DEBUG", LogLevelInfo: "INFO", LogLevelWarn: "WARN", LogLevelError: "ERROR"}

// String returns the level in capitals.
func (l LogLevel) String() string {
	if l < LogLevelDebug || l > LogLevelError {
		return fmt.Sprintf("UNKNOWNLOGLEVEL<%d>", int(l))
	}
	return levels[l]
}

// NewDefaultLogger returns a Logger that writes the messages of at least minLevel
// to w, a line each, never two at once.
func NewDefaultLogger(w io.Writer, minLevel LogLevel) Logger {
	return &lineLogger{w: w, min: minLevel}
}

type lineLogger struct {
	mu  sync.Mutex
	w   io.Writer
	min LogLevel
}

func (l *lineLogger) Log(level LogLevel, msg fmt.Stringer) {
	if level < l.min {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%s [%s] %s\n", time.Now().Format(time.RFC3339), level, msg)
}

// NullLogger takes messages and forgets them.
var NullLogger = nullLogger{}

type nullLogger struct{}

func (nullLogger) Log(LogLevel, fmt.Stringer) {}
