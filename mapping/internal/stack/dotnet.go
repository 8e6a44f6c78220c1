package stack

import "strings"

// parseDotNet reads what Exception.ToString writes: the headers from the outer
// to the inner exception, then the frames from the inner to the outer one.
//
//	System.InvalidOperationException: outer
//	 ---> System.ArgumentException: inner
//	   at Shop.Prices.Parse(String s) in /src/Prices.cs:line 5
//	   --- End of inner exception stack trace ---
//	   at Shop.Function.Handler(Order order) in /src/Function.cs:line 12
//
// The further members of an AggregateException follow as exceptions of their
// own.
func (s *Stack) parseDotNet(text string) {
	i := s.top()
	for c := lines(text); c.next(); {
		body := strings.TrimLeft(c.line, " \t") // some loggers make tabs of the spaces
		indented := body != c.line
		call, isCall := strings.CutPrefix(body, "at ")
		switch {
		case indented && isCall:
			c.unmark()
			s.pushDotNet(i, call)
		case indented && strings.HasPrefix(body, "--- End of inner exception stack trace"):
			i = max(i-1, s.top())
			c.unmark()
		case strings.HasPrefix(body, "--- End of stack trace"):
			c.unmark()
		case c.first(), indented && strings.HasPrefix(body, "---> "):
			if c.first() {
				outer, _, _ := strings.Cut(c.line, " ---> ")
				typ, message := dotNetHeader(outer)
				s.describe(i, typ, message)
			}
			var ok bool
			if i, ok = s.openDotNet(i, c); !ok {
				return
			}
		case c.marked >= 0: // a message of several lines
			s.Exceptions[i].Message = c.message()
		}
	}
}

// openDotNet opens the inner exceptions of a line. Newer runtimes start a line
// with the arrow, older ones have all headers in the first. It returns the last
// exception, and false if there was no room.
func (s *Stack) openDotNet(i int, c *cursor) (last int, ok bool) {
	_, inner, more := strings.Cut(c.line, "---> ")
	for more {
		var header string
		header, inner, more = strings.Cut(inner, " ---> ")
		header, caused := dotNetMember(header)
		x := &s.Exceptions[i]
		typ, message := dotNetHeader(header)
		if !s.open(caused && i == s.last() && x.first == x.end, typ, message, c.rest()) {
			return i, false
		}
		i = s.last()
		c.mark(message)
	}
	return i, true
}

// dotNetMember drops "(Inner Exception #1) " and reports whether the header is
// of an only inner exception.
func dotNetMember(header string) (string, bool) {
	header = strings.TrimSuffix(header, "<---")
	if strings.HasPrefix(header, "(Inner Exception #") {
		if _, after, ok := strings.Cut(header, ") "); ok {
			return after, false
		}
	}
	return header, true
}

// dotNetHeader splits "Type: message" and "Type (0x80004005): message". The number of
// the error is no part of its type: the message begins with it.
func dotNetHeader(header string) (typ, message string) {
	typ, message = cutHeader(header)
	if plain, code, ok := strings.Cut(typ, " ("); ok && strings.HasSuffix(code, ")") {
		return plain, header[len(plain)+1:]
	}
	return typ, message
}

// pushDotNet reads "Type.Method(Type argument) in path:line 12".
func (s *Stack) pushDotNet(i int, call string) {
	f := Frame{Label: strings.TrimSuffix(call, "<---")}
	if at := strings.LastIndex(f.Label, ":line "); at >= 0 {
		if in := strings.LastIndex(f.Label[:at], ") in "); in >= 0 {
			f.Path, f.Line = f.Label[in+len(") in "):at], number(f.Label[at+len(":line "):])
			f.Label = f.Label[:in+1]
		}
	}
	s.push(i, f)
}
