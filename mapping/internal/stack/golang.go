package stack

import "strings"

// parseGo reads the text of runtime/debug.Stack: pairs of lines, the call and
// the place. Lines "Caused by: type: message", each with frames of its own or
// none, chain further exceptions.
//
//	goroutine 34 [running]:
//	main.(*handler).price(0xc0000b4000, {0x9d3e58, 0xc0000b2030})
//		/var/task/main.go:87 +0x1d3
//	created by main.main in goroutine 1
//		/var/task/main.go:41 +0x8c
//	Caused by: *fs.PathError: open prices.json: no such file
func (s *Stack) parseGo(text string) {
	i, leading, goroutines := s.top(), true, 0
	for c := lines(text); c.next(); {
		switch {
		case strings.HasPrefix(c.line, "Caused by: "):
			typ, message := cutHeader(c.line[len("Caused by: "):])
			if !s.open(true, typ, message, c.rest()) {
				return
			}
			i, leading = s.last(), false
			c.mark(message)
		case s.pushGo(i, c, &leading):
			c.unmark()
		case strings.HasPrefix(c.line, "goroutine "):
			if goroutines++; goroutines > 1 {
				return // a dump of all goroutines: the others did not fail
			}
		case strings.HasPrefix(c.line, "...") && c.marked < 0:
			s.Exceptions[i].Truncated += number(c.line[3:]) // "...23 frames elided..."
		case c.marked >= 0: // a message of several lines
			s.Exceptions[i].Message = c.message()
		}
	}
}

// pushGo reads a call from the current line and its place from the next. It
// reports whether there was one: a message may hold tabs too.
func (s *Stack) pushGo(i int, c *cursor, leading *bool) bool {
	if c.end == len(c.text) || c.text[c.end] != '\t' {
		return false
	}
	call := c.line
	place, last := c.peek()
	place = place[1:]
	if *leading && goMachinery(call) {
		return c.next()
	}
	if j := strings.LastIndexByte(place, ' '); j > 0 && strings.HasPrefix(place[j:], " +0x") {
		place = place[:j]
	}
	path, line, ok := cutLine(place)
	if !ok {
		if !last {
			return false
		}
		path = "" // the recorder's buffer ended here, in the middle of the path
	}
	*leading = false
	s.push(i, Frame{Path: path, Label: goLabel(call), Line: line})
	return c.next()
}

// goLabel returns the function of a call line: no argument values, which are
// addresses, and no goroutine.
func goLabel(line string) string {
	if f, ok := strings.CutPrefix(line, "created by "); ok {
		f, _, _ = strings.Cut(f, " in goroutine ")
		return f
	}
	if !strings.HasSuffix(line, ")") {
		return line
	}
	for i := 0; ; i++ {
		j := strings.IndexByte(line[i:], '(')
		if j < 0 {
			return line
		}
		// The parenthesis of a receiver has a star behind it, which arguments have
		// not.
		if i += j; i > 0 && line[i+1] != '*' {
			return line[:i]
		}
	}
}

// goMachinery reports whether a call above all others belongs to the taking of the
// stack, or to the panic, and not to the program.
func goMachinery(call string) bool {
	const bridge = "github.com/lambdaxray/lambdaxray."
	return strings.HasPrefix(call, "panic(") ||
		strings.HasPrefix(call, "runtime.") ||
		strings.HasPrefix(call, "runtime/debug.") ||
		strings.HasPrefix(call, "go.opentelemetry.io/otel/sdk/trace.") ||
		strings.HasPrefix(call, bridge)
}

// IsPanic reports whether a stack trace is of a Go panic.
func IsPanic(text string) bool {
	return strings.HasPrefix(text, "goroutine ") && strings.Contains(text, "\npanic(")
}
