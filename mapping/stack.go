package mapping

import "strings"

// Limits of what is read from one stack trace. The console shows less than
// this, and a document has room for little more.
const (
	maxFrames     = 50 // per exception
	maxExceptions = 10 // per stack trace, causes included
)

// frame is one call of a stack.
type frame struct {
	path, label string
	line        int // 0: unknown
}

// exception is an entry of a document's cause.
type exception struct {
	typ, message string
	first, end   int    // stack.frames[first:end], most recent call first
	truncated    int    // frames left out
	cause        bool   // the next exception in the list caused this one
	text         string // what could not be parsed, as it came
}

// stack collects the exceptions of one span. All its strings are substrings of
// what add was given; a reused stack does not allocate.
type stack struct {
	frames     []frame
	exceptions []exception
	base       int // the first exception of the current add
}

// reset forgets all exceptions and keeps the memory.
func (s *stack) reset() {
	clear(s.frames)
	clear(s.exceptions)
	s.frames, s.exceptions, s.base = s.frames[:0], s.exceptions[:0], 0
}

// add appends the exception of one event, and the causes that its stack trace
// names. typ and message win over what the text says. Text that holds no frame
// and no cause is kept as it is.
func (s *stack) add(lang language, typ, message, text string) {
	s.base = len(s.exceptions)
	s.exceptions = append(s.exceptions, exception{typ: typ, message: message})
	if text == "" {
		return
	}
	if lang == languageUnknown {
		lang = sniff(text)
	}
	switch lang {
	case languageGo:
		s.parseGo(text)
	case languageJava:
		s.parseJava(text)
	case languagePython:
		s.parsePython(text)
	case languageNode:
		s.parseNode(text)
	case languageDotNet:
		s.parseDotNet(text)
	case languagePHP:
		s.parsePHP(text)
	case languageRuby:
		s.parseRuby(text)
	case languageRust:
		s.parseRust(text)
	}
	top := &s.exceptions[s.base]
	if top.first == top.end && len(s.exceptions) == s.base+1 {
		top.text = text
	}
}

// top is the index of the exception that the event itself describes.
func (s *stack) top() int { return s.base }

// last is the index of the exception opened last.
func (s *stack) last() int { return len(s.exceptions) - 1 }

// describe fills in what the event did not say about exception i.
func (s *stack) describe(i int, typ, message string) {
	x := &s.exceptions[i]
	if x.typ == "" {
		x.typ = typ
	}
	if x.message == "" {
		x.message = message
	}
}

// open appends an exception; caused says that it is the cause of the one before
// it. It reports whether there was room; if not, the last exception keeps rest,
// the unread part of the text.
//
//go:noinline
func (s *stack) open(caused bool, typ, message, rest string) bool {
	prev := &s.exceptions[s.last()]
	if len(s.exceptions)-s.base >= maxExceptions {
		prev.text = rest
		return false
	}
	prev.cause = caused
	s.exceptions = append(s.exceptions, exception{typ: typ, message: message})
	return true
}

// push appends a frame to exception i. The frames of an exception are
// contiguous: one that comes after another exception's frames is only counted,
// like one above the limit.
//
//go:noinline
func (s *stack) push(i int, f frame) {
	x := &s.exceptions[i]
	if x.first == x.end {
		x.first, x.end = len(s.frames), len(s.frames)
	}
	if x.end != len(s.frames) || x.end-x.first >= maxFrames {
		x.truncated++
		return
	}
	s.frames = append(s.frames, f)
	x.end++
}

// language is what wrote a stack trace.
type language uint8

const (
	languageUnknown language = iota
	languageGo
	languageJava
	languagePython
	languageNode
	languageDotNet
	languagePHP
	languageRuby
	languageRust
)

// languageOf reads telemetry.sdk.language.
//
// Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/telemetry/
func languageOf(sdkLanguage string) language {
	switch sdkLanguage {
	case "go":
		return languageGo
	case "java":
		return languageJava
	case "python":
		return languagePython
	case "nodejs", "webjs":
		return languageNode
	case "dotnet":
		return languageDotNet
	case "php":
		return languagePHP
	case "ruby":
		return languageRuby
	case "rust":
		return languageRust
	}
	return languageUnknown
}

// sniff recognises a stack trace whose resource does not name a language.
func sniff(text string) language {
	switch {
	case strings.HasPrefix(text, "goroutine "), strings.Contains(text, "\ngoroutine "):
		return languageGo
	case strings.Contains(text, "Traceback (most recent call last):"):
		return languagePython
	case strings.HasPrefix(text, "#0 "), strings.Contains(text, "\n#0 "):
		return languagePHP
	case strings.Contains(text, "\n\tat "):
		return languageJava
	case strings.Contains(text, "\n    at "):
		return languageNode
	case strings.HasPrefix(text, "   at "), strings.Contains(text, "\n   at "):
		return languageDotNet
	case strings.Contains(text, ":in `"), strings.Contains(text, ":in '"):
		return languageRuby
	case strings.HasPrefix(text, "   0: "), strings.Contains(text, "\n   0: "):
		return languageRust
	case strings.Contains(text, ".go:"):
		return languageGo
	}
	return languageUnknown
}

// nextLine cuts the first line off text, without its line end.
func nextLine(text string) (line, rest string) {
	i := strings.IndexByte(text, '\n')
	if i < 0 {
		return text, ""
	}
	line, rest = text[:i], text[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, rest
}

// cutHeader splits "type: message".
func cutHeader(s string) (typ, message string) {
	typ, message, _ = strings.Cut(s, ": ")
	return typ, message
}

// cutLine splits "path:12". It reports whether there was a line number.
func cutLine(s string) (path string, line int, ok bool) {
	i := len(s)
	for i > 0 && s[i-1]-'0' <= 9 {
		i--
	}
	if i == 0 || i == len(s) || s[i-1] != ':' {
		return s, 0, false
	}
	return s[:i-1], number(s[i:]), true
}

// number reads the decimal digits at the start of s; 0 if there are none or too
// many.
//
//go:noinline
func number(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i]-'0' <= 9; i++ {
		if i == 9 {
			return 0
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}
