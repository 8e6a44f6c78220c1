// Package logger holds the one Logger of package xray and those below it.
package logger

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/lambdaxray/lambdaxray/xray/xraylog"
)

var current atomic.Pointer[xraylog.Logger]

func init() {
	Set(xraylog.NewDefaultLogger(os.Stdout, xraylog.LogLevelInfo))
}

// Set makes l the Logger; nil is [xraylog.NullLogger].
func Set(l xraylog.Logger) {
	if l == nil {
		l = xraylog.NullLogger
	}
	current.Store(&l)
}

type message struct {
	format string
	args   []any
}

func (m message) String() string { return fmt.Sprintf(m.format, m.args...) }

func log(level xraylog.LogLevel, format string, args []any) {
	(*current.Load()).Log(level, message{format, args})
}

// Debugf logs what only somebody who looks for a fault wants to know.
func Debugf(format string, args ...any) { log(xraylog.LogLevelDebug, format, args) }

// Warnf logs what works, but not as the program says.
func Warnf(format string, args ...any) { log(xraylog.LogLevelWarn, format, args) }

// Errorf logs what does not work.
func Errorf(format string, args ...any) { log(xraylog.LogLevelError, format, args) }
