package mapping

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
func (s *stack) parseDotNet(text string) {
	i := s.top()
	message := -1 // where the message of exception i starts in all
	for all := text; text != ""; {
		line, rest := nextLine(text)
		first := len(text) == len(all)
		switch {
		case strings.HasPrefix(line, "   at "):
			message = -1
			s.pushDotNet(i, line[len("   at "):])
		case strings.HasPrefix(line, "   --- End of inner exception stack trace"):
			i, message = max(i-1, s.top()), -1
		case strings.HasPrefix(line, "--- End of stack trace"):
			message = -1
		case first, strings.HasPrefix(line, " ---> "):
			if first {
				outer, _, _ := strings.Cut(line, " ---> ")
				typ, said := cutHeader(outer)
				s.describe(i, typ, said)
			}
			// Newer runtimes start a line with the arrow, older ones have all
			// headers in the first.
			_, inner, more := strings.Cut(line, " ---> ")
			for more {
				var header string
				header, inner, more = strings.Cut(inner, " ---> ")
				header, caused := dotNetMember(header)
				x := &s.exceptions[i]
				typ, said := cutHeader(header)
				if !s.open(caused && i == s.last() && x.first == x.end, typ, said, text) {
					return
				}
				i = s.last()
				message = len(all) - len(text) + len(line) - len(said)
			}
		case message >= 0: // a message of several lines
			s.exceptions[i].message = strings.TrimRight(all[message:len(all)-len(rest)], "\r\n")
		}
		text = rest
	}
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

// pushDotNet reads "Type.Method(Type argument) in path:line 12".
func (s *stack) pushDotNet(i int, call string) {
	f := frame{label: strings.TrimSuffix(call, "<---")}
	if at := strings.LastIndex(f.label, ":line "); at >= 0 {
		if in := strings.LastIndex(f.label[:at], ") in "); in >= 0 {
			f.path, f.line = f.label[in+len(") in "):at], number(f.label[at+len(":line "):])
			f.label = f.label[:in+1]
		}
	}
	s.push(i, f)
}
