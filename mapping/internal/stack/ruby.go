package stack

import "strings"

// parseRuby reads Exception#full_message in the order "top", and a backtrace
// joined by line ends. Ruby quotes the method as `m' before 3.4, 'm' since.
//
//	/var/task/app.rb:12:in 'Shop#price': no price (RuntimeError)
//		from /var/task/app.rb:20:in 'block in handler'
//	/var/task/lib.rb:3:in 'parse': invalid value (ArgumentError)
//		from /var/task/app.rb:10:in 'Shop#price'
func (s *Stack) parseRuby(text string) {
	i, top := s.top(), true
	for c := lines(text); c.next(); {
		body := strings.TrimLeft(c.line, " \t")
		indented := body != c.line
		call, from := strings.CutPrefix(body, "from ")
		f, after, ok := cutRubyFrame(call)
		switch {
		case ok && after == "":
			s.push(i, f)
		case ok && !from && !indented:
			message, typ := cutRubyHeader(after)
			if top {
				s.describe(i, typ, message)
			} else {
				if !s.open(true, typ, message, c.rest()) {
					return
				}
				i = s.last()
			}
			s.push(i, f)
		case indented && strings.HasPrefix(body, "... "): // "... 10 levels..."
			s.Exceptions[i].Truncated += number(body[len("... "):])
		}
		top = top && !ok
	}
}

// cutRubyFrame reads "path:12:in 'm'" or "path.rb:12", and what follows after
// ": ".
func cutRubyFrame(s string) (f Frame, after string, ok bool) {
	place, call, named := strings.Cut(s, ":in ")
	if !named {
		place, after, _ = strings.Cut(s, ": ")
		f.Path, f.Line, ok = cutLine(place)
		return f, after, ok && strings.HasSuffix(f.Path, ".rb")
	}
	f.Path, f.Line, ok = cutLine(place)
	if !ok || call == "" || call[0] != '`' && call[0] != '\'' {
		return Frame{}, "", false
	}
	f.Label, after, ok = strings.Cut(call[1:], "'")
	return f, strings.TrimPrefix(after, ": "), ok
}

// cutRubyHeader splits "message (Type)".
func cutRubyHeader(s string) (message, typ string) {
	if open := strings.LastIndex(s, " ("); open >= 0 && strings.HasSuffix(s, ")") {
		return s[:open], s[open+2 : len(s)-1]
	}
	return s, ""
}
