package stack

import "strings"

// parseRust reads a std::backtrace::Backtrace, and the Debug form of anyhow and
// eyre, which lists the causes before the backtrace.
//
//	no price
//
//	Caused by:
//	    0: cannot parse
//	    1: invalid digit
//
//	Stack backtrace:
//	   0: shop::price
//	             at ./src/main.rs:10:5
//	   1: shop::main
//	             at ./src/main.rs:20:9
func (s *Stack) parseRust(text string) {
	top := s.top()
	causes := false
	call := "" // waits for its place
	for c := lines(text); c.next(); {
		body := strings.TrimLeft(c.line, " \t")
		name, numbered := cutRustNumber(body)
		switch {
		case body == "Caused by:":
			causes = true
			c.unmark()
		case body == "":
			causes = false
		case causes && (numbered || c.marked < 0):
			if !s.open(true, "", name, c.rest()) {
				return
			}
			c.mark(name)
		case causes: // a message of several lines
			s.Exceptions[s.last()].Message = c.message()
		case numbered:
			if call != "" {
				s.push(top, Frame{Label: call})
			}
			call = name
		case call != "" && strings.HasPrefix(body, "at "):
			path, n := cutColumn(body[len("at "):])
			s.push(top, Frame{Path: path, Label: call, Line: n})
			call = ""
		}
	}
	if call != "" {
		s.push(top, Frame{Label: call})
	}
}

// cutRustNumber cuts "12: " off a line; a line without has its text as name.
func cutRustNumber(body string) (name string, ok bool) {
	i := 0
	for i < len(body) && body[i]-'0' <= 9 {
		i++
	}
	if i == 0 || !strings.HasPrefix(body[i:], ": ") {
		return body, false
	}
	return body[i+2:], true
}
