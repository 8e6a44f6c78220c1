// Package exception says what an error looks like in a segment's cause.
package exception

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// FormattingStrategy makes exceptions of errors. It is called from many
// goroutines.
type FormattingStrategy interface {
	Error(message string) *XRayError
	Errorf(formatString string, args ...any) *XRayError
	Panic(message string) *XRayError
	Panicf(formatString string, args ...any) *XRayError
	ExceptionFromError(err error) Exception
}

// Exception is an entry of a cause.
type Exception struct {
	ID      string  `json:"id,omitempty"`
	Type    string  `json:"type,omitempty"`
	Message string  `json:"message,omitempty"`
	Stack   []Stack `json:"stack,omitempty"`
	Remote  bool    `json:"remote,omitempty"`
}

// Stack is a frame.
type Stack struct {
	Path  string `json:"path,omitempty"`
	Line  int    `json:"line,omitempty"`
	Label string `json:"label,omitempty"`
}

// StackTracer is an error that knows the program counters of where it was made.
type StackTracer interface {
	StackTrace() []uintptr
}

// Error is an error of aws-sdk-go v1.
type Error interface {
	error
	Code() string
	Message() string
	OrigErr() error
}

// RequestFailure is an error of aws-sdk-go v1 that a service has answered with.
type RequestFailure interface {
	Error
	StatusCode() int
	RequestID() string
}

// MultiError is several errors in one.
type MultiError []error

// Error returns the number of errors and each on a line.
func (e MultiError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d errors occurred:\n", len(e))
	for _, err := range e {
		fmt.Fprintf(&b, "* %v\n", err)
	}
	return b.String()
}

// XRayError is an error with a type of its own and the stack it was made at.
type XRayError struct {
	Type    string
	Message string
	Stack   []uintptr
}

// Error returns the message.
func (e *XRayError) Error() string { return e.Message }

// StackTrace returns the program counters.
func (e *XRayError) StackTrace() []uintptr { return e.Stack }

// maxFrames is how many frames a stack has.
const maxFrames = 32

// DefaultFormattingStrategy takes the type and the text of an error, and its
// stack: its own, as a [StackTracer] or an error of github.com/pkg/errors has it,
// or that of the caller.
type DefaultFormattingStrategy struct {
	FrameCount int // frames a stack has at most
}

// NewDefaultFormattingStrategy returns one with 32 frames. The error is nil.
func NewDefaultFormattingStrategy() (*DefaultFormattingStrategy, error) {
	return &DefaultFormattingStrategy{FrameCount: maxFrames}, nil
}

// NewDefaultFormattingStrategyWithDefinedErrorFrameCount returns one with
// frameCount frames, from 0 to 32; of another number it returns an error.
func NewDefaultFormattingStrategyWithDefinedErrorFrameCount(frameCount int) (*DefaultFormattingStrategy, error) {
	if frameCount < 0 || frameCount > maxFrames {
		return nil, fmt.Errorf("exception: frameCount %d: has to be from 0 to %d", frameCount, maxFrames)
	}
	return &DefaultFormattingStrategy{FrameCount: frameCount}, nil
}

// Error returns an error of type "error" with the caller's stack.
func (s *DefaultFormattingStrategy) Error(message string) *XRayError {
	return &XRayError{Type: "error", Message: message, Stack: s.callers(1)}
}

// Errorf is Error with a format.
func (s *DefaultFormattingStrategy) Errorf(formatString string, args ...any) *XRayError {
	return &XRayError{Type: "error", Message: fmt.Sprintf(formatString, args...), Stack: s.callers(1)}
}

// Panic returns an error of type "panic". Called while a panic is recovered, its
// stack is where the panic came from.
func (s *DefaultFormattingStrategy) Panic(message string) *XRayError {
	return &XRayError{Type: "panic", Message: message, Stack: belowPanic(s.callers(1))}
}

// Panicf is Panic with a format.
func (s *DefaultFormattingStrategy) Panicf(formatString string, args ...any) *XRayError {
	return &XRayError{Type: "panic", Message: fmt.Sprintf(formatString, args...), Stack: belowPanic(s.callers(1))}
}

// callers returns the stack of the caller's caller, skip frames further up.
func (s *DefaultFormattingStrategy) callers(skip int) []uintptr {
	pcs := make([]uintptr, s.FrameCount)
	return pcs[:runtime.Callers(skip+2, pcs)]
}

// belowPanic returns the part of a stack below runtime.gopanic and what calls that
// for a fault (runtime.panicmem, runtime.sigpanic), or all of it.
func belowPanic(pcs []uintptr) []uintptr {
	i := slices.IndexFunc(pcs, func(pc uintptr) bool { return functionOf(pc) == "runtime.gopanic" })
	if i < 0 {
		return pcs
	}
	for i++; i < len(pcs)-1 && strings.HasPrefix(functionOf(pcs[i]), "runtime."); {
		i++
	}
	return pcs[i:]
}

// functionOf returns the function that a return address is in: the call is one
// before it.
func functionOf(pc uintptr) string {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Name()
	}
	return ""
}

// ExceptionFromError returns err as an exception.
func (s *DefaultFormattingStrategy) ExceptionFromError(err error) Exception {
	e := Exception{
		ID:      newID(),
		Type:    strings.ReplaceAll(fmt.Sprintf("%T", err), "*", ""),
		Message: err.Error(),
	}
	var failure RequestFailure
	e.Remote = errors.As(err, &failure) && failure.RequestID() != ""
	var typed *XRayError
	if errors.As(err, &typed) {
		e.Type = typed.Type
	}
	if pcs := stackOf(err); pcs != nil {
		e.Stack = frames(pcs)
	} else {
		e.Stack = frames(s.outside())
	}
	return e
}

func newID() string {
	var id [8]byte
	rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
