package mapping

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
func (s *stack) parseRust(text string) {
	var call string // waits for its place
	all, top := text, s.top()
	causes, message := false, -1 // where the message of the last cause starts in all
	for text != "" {
		line, rest := nextLine(text)
		body := strings.TrimLeft(line, " \t")
		name, numbered := cutRustNumber(body)
		switch {
		case body == "Caused by:":
			causes, message = true, -1
		case body == "":
			causes = false
		case causes && (numbered || message < 0):
			if !s.open(true, "", name, text) {
				return
			}
			message = len(all) - len(text) + len(line) - len(name)
		case causes: // a message of several lines
			s.exceptions[s.last()].message = strings.TrimRight(all[message:len(all)-len(rest)], "\r\n")
		case numbered:
			if call != "" {
				s.push(top, frame{label: call})
			}
			call = name
		case call != "" && strings.HasPrefix(body, "at "):
			path, n, ok := cutLine(body[len("at "):])
			if p, l, both := cutLine(path); ok && both {
				path, n = p, l
			}
			s.push(top, frame{path: path, label: call, line: n})
			call = ""
		}
		text = rest
	}
	if call != "" {
		s.push(top, frame{label: call})
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
