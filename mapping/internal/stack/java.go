package stack

import "strings"

// parseJava reads what Throwable.printStackTrace writes, for any JVM language;
// PHP's OpenTelemetry SDK writes the same form.
//
//	java.lang.IllegalStateException: state is not legal
//		at a.B.c(B.java:626)
//		Suppressed: java.io.IOException: while closing
//			at d.E.f(E.java:1)
//			... 1 more
//	Caused by: java.lang.IllegalArgumentException: bad argument
//		at d.E.f(E.java:1)
//		... 2 more
//
// A suppressed exception stands between an exception and its cause, one step
// further in. Each depth is read in a pass of its own, so that a cause comes
// right after its exception and the suppressed ones after the chain.
func (s *Stack) parseJava(text string) {
	s.parseJavaDepth(text, 0)
	for depth := 1; depth < maxExceptions && strings.Contains(text, "Suppressed: "); depth++ {
		if before := len(s.Exceptions); !s.parseJavaDepth(text, depth) || len(s.Exceptions) == before {
			return
		}
	}
}

// parseJavaDepth reads the exceptions that stand depth steps in. It reports
// whether there was room for all.
func (s *Stack) parseJavaDepth(text string, depth int) bool {
	i := s.top()
	inside := depth == 0 // below the first exception of this depth
	for c := lines(text); c.next(); {
		body, steps := indent(c.line)
		suppressed, isSuppressed := strings.CutPrefix(body, "Suppressed: ")
		cause, isCause := strings.CutPrefix(body, "Caused by: ")
		switch {
		case steps == depth && depth > 0 && isSuppressed, steps == depth && isCause && inside:
			typ, message := cutHeader(suppressed)
			if isCause {
				typ, message = cutHeader(cause)
			}
			if strings.HasPrefix(typ, "[CIRCULAR REFERENCE") {
				break
			}
			if !s.open(isCause, typ, message, c.rest()) {
				return false
			}
			i, inside = s.last(), true
			c.mark(message)
		case isCause, isSuppressed:
			c.unmark()
		case steps == depth+1 && inside && s.pushJava(i, body):
			c.unmark()
		case c.first() && depth == 0 && steps == 0:
			typ, message := cutHeader(c.line)
			s.describe(i, typ, message)
			if s.Exceptions[i].Message == message && message != "" {
				c.mark(message)
			}
		case c.marked >= 0 && !strings.HasPrefix(body, "at "):
			s.Exceptions[i].Message = c.message()
		}
	}
	return true
}

// pushJava reads a line "at module/a.B.c(B.java:626)" or "... 2 more".
func (s *Stack) pushJava(i int, body string) bool {
	if more, ok := strings.CutPrefix(body, "... "); ok {
		s.Exceptions[i].Truncated += number(more)
		return true
	}
	call, ok := strings.CutPrefix(body, "at ")
	if !ok {
		return false
	}
	open := strings.LastIndexByte(call, '(')
	if open < 0 {
		return false
	}
	path, line, _ := cutLine(strings.TrimSuffix(call[open+1:], ")"))
	s.push(i, Frame{Path: path, Label: javaLabel(call[:open]), Line: line})
	return true
}

// javaLabel drops class loader and module before class and method. The slash
// in the name of a hidden class, "A$$Lambda/0x0000.run", stays.
func javaLabel(call string) string {
	i := strings.LastIndexByte(call, '/')
	if i >= 0 && strings.HasPrefix(call[i+1:], "0x") {
		i = strings.LastIndexByte(call[:i], '/')
	}
	return call[i+1:]
}

// indent splits a line from its indentation, in steps of one tab or four
// spaces.
func indent(line string) (body string, steps int) {
	spaces := 0
	for i := range len(line) {
		switch line[i] {
		case '\t':
			steps++
		case ' ':
			spaces++
		default:
			return line[i:], steps + (spaces+3)/4
		}
	}
	return "", 0
}
