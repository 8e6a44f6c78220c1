// Package stack reads stack traces as the runtimes of eight languages write them:
// text in, exceptions with their frames out, most recent call first and chained
// by their causes. A file has a language. Any text may come: nothing panics, and
// what is no stack trace is kept as it is.
package stack

// Limits of what is read from one stack trace. The console shows less than
// this, and a document has room for little more.
const (
	maxFrames     = 50 // per exception
	maxExceptions = 10 // per stack trace, causes included
)

// Frame is one call of a stack.
type Frame struct {
	Path, Label string
	Line        int // 0: unknown
}

// Exception is one exception of a stack trace.
type Exception struct {
	Type, Message string
	Truncated     int    // frames left out
	Caused        bool   // the next exception in the list caused this one
	Text          string // what could not be parsed, as it came

	first, end int // its frames: Stack.frames[first:end]
}

// Stack collects exceptions. All its strings are substrings of what Add was
// given; a reused stack does not allocate.
type Stack struct {
	Exceptions []Exception

	frames []Frame
	base   int // the first exception of the current Add
}

// Frames returns the frames of exception i, most recent call first.
func (s *Stack) Frames(i int) []Frame { return s.frames[s.Exceptions[i].first:s.Exceptions[i].end] }

// Scratch above these sizes is left to the garbage collector.
const (
	maxKeptExceptions = 1 << 10
	maxKeptFrames     = 16 << 10
)

// Reset forgets all exceptions and keeps the memory, unless it is very much.
func (s *Stack) Reset() {
	if cap(s.Exceptions) > maxKeptExceptions || cap(s.frames) > maxKeptFrames {
		*s = Stack{}
		return
	}
	clear(s.frames)
	clear(s.Exceptions)
	s.frames, s.Exceptions, s.base = s.frames[:0], s.Exceptions[:0], 0
}

// Add appends the exception of one event, and the causes that its stack trace
// names. typ and message win over what the text says. Text that holds no frame
// and no cause is kept as it is.
func (s *Stack) Add(lang Language, typ, message, text string) {
	s.base = len(s.Exceptions)
	s.Exceptions = append(s.Exceptions, Exception{Type: typ, Message: message})
	if text == "" {
		return
	}
	if lang == Unknown {
		lang = sniff(text)
	}
	switch lang {
	case Go:
		s.parseGo(text)
	case Java:
		s.parseJava(text)
	case Python:
		s.parsePython(text)
	case Node:
		s.parseNode(text)
	case DotNet:
		s.parseDotNet(text)
	case PHP:
		s.parsePHP(text)
	case Ruby:
		s.parseRuby(text)
	case Rust:
		s.parseRust(text)
	case Document:
		s.parseDocument(text)
	}
	top := &s.Exceptions[s.base]
	if top.first == top.end && len(s.Exceptions) == s.base+1 {
		top.Text = text
	}
}

// top is the index of the exception that the event itself describes.
func (s *Stack) top() int { return s.base }

// last is the index of the exception opened last.
func (s *Stack) last() int { return len(s.Exceptions) - 1 }

// describe fills in what the event did not say about exception i.
func (s *Stack) describe(i int, typ, message string) {
	x := &s.Exceptions[i]
	if x.Type == "" {
		x.Type = typ
	}
	if x.Message == "" {
		x.Message = message
	}
}

// open appends an exception; caused says that it is the cause of the one before
// it. It reports whether there was room; if not, the last exception keeps rest,
// the unread part of the text.
func (s *Stack) open(caused bool, typ, message, rest string) bool {
	prev := &s.Exceptions[s.last()]
	if len(s.Exceptions)-s.base >= maxExceptions {
		prev.Text = rest
		return false
	}
	prev.Caused = caused
	s.Exceptions = append(s.Exceptions, Exception{Type: typ, Message: message})
	return true
}

// push appends a frame to exception i. The frames of an exception are
// contiguous: one that comes after another exception's frames is only counted,
// like one above the limit.
func (s *Stack) push(i int, f Frame) {
	x := &s.Exceptions[i]
	if x.first == x.end {
		x.first, x.end = len(s.frames), len(s.frames)
	}
	if x.end != len(s.frames) || x.end-x.first >= maxFrames {
		x.Truncated++
		return
	}
	s.frames = append(s.frames, f)
	x.end++
}
