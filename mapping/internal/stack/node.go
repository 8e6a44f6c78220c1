package stack

import "strings"

// parseNode reads the stack property of a V8 error, and the form in which
// util.inspect adds causes and the errors of an AggregateError. Firefox's and
// Safari's "call@place" is read too. Several errors in one text stand side by side.
//
//	TypeError: x
//	    at handler (/var/task/index.js:6:11)
//	    at async Runtime.handleOnce (file:///var/runtime/index.mjs:1173:29)
//	    at file:///var/task/index.mjs:3:1 {
//	  [cause]: Error: inner
//	      at new Foo (C:\app\foo.js:1:2)
//	}
func (s *Stack) parseNode(text string) {
	i := s.top()
	framed := false // exception i has a frame
	list := -1      // the indentation of the errors in a list; -1: in none
	for c := lines(text); c.next(); {
		body := strings.TrimLeft(c.line, " \t")
		indentation := len(c.line) - len(body)
		call, isCall := strings.CutPrefix(body, "at ")
		header, caused, opens := nodeError(body, framed && indentation == list, framed && indentation == 0)
		if place := strings.IndexByte(c.line, '@'); place >= 0 && !isCall {
			if path, n, ok := cutNodePlace(c.line[place+1:]); ok && strings.Contains(path, "/") { // not user@host:5432
				s.push(i, Frame{Path: path, Label: nodeLabel(c.line[:place]), Line: n})
				continue
			}
		}
		switch {
		case c.first() && !isCall:
			typ, message := cutNodeHeader(strings.TrimSuffix(c.line, " {"))
			s.describe(i, typ, message)
		case isCall && indentation > 0:
			s.pushNode(i, strings.TrimRight(call, " {,"))
			framed = true
			c.unmark()
		case strings.HasPrefix(body, "[errors]: ["):
			s.Exceptions[s.top()].Text = text // what is no error in the list is there only
			list, framed = indentation+len("  "), true
		case indentation < list:
			list = -1
			c.unmark()
		case opens:
			typ, message := cutNodeHeader(header)
			if !s.open(caused, typ, message, c.rest()) {
				return
			}
			i, framed = s.last(), false
			c.mark(message)
		case c.marked >= 0: // a message of several lines
			s.Exceptions[i].Message = c.message()
		}
	}
}

// nodeError reports whether a line opens a further exception: a cause, an item of
// a list of errors, or at the top level a header behind the frames of another.
func nodeError(body string, item, top bool) (header string, caused, ok bool) {
	for _, mark := range [...]string{"[cause]: ", "Caused by: ", "caused by: "} {
		if header, ok := strings.CutPrefix(body, mark); ok {
			return header, true, true
		}
	}
	typ, _ := cutNodeHeader(body)
	name, _, _ := strings.Cut(typ, " ") // TypeError [ERR_INVALID_ARG_TYPE]
	item = item && !strings.HasPrefix(body, "}")
	isError := strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception")
	return strings.TrimSuffix(body, ","), false, item || top && isError
}

// pushNode reads "call (place)" or a place alone.
func (s *Stack) pushNode(i int, call string) {
	if strings.HasSuffix(call, ")") {
		// " (" starts the place; a path may hold more of them, a call may not.
		if label, place, ok := strings.Cut(call[:len(call)-1], " ("); ok {
			// "Foo.bar [as baz] (/x.js:1:1)", "eval (eval at f (/a.js:1:1), <anonymous>:1:1)"
			path, line, _ := cutNodePlace(place)
			s.push(i, Frame{Path: path, Label: nodeLabel(label), Line: line})
			return
		}
	}
	label := anonymous
	place, async := strings.CutPrefix(call, "async ")
	if async {
		label = "async " + anonymous
	}
	path, line, _ := cutNodePlace(place)
	s.push(i, Frame{Path: path, Label: label, Line: line})
}

// anonymous is what V8 calls a function without a name.
const anonymous = "<anonymous>"

func nodeLabel(call string) string {
	if call == "" {
		return anonymous
	}
	return call
}

// cutNodePlace splits "path:line:column". The path of an ES module is a URL; it
// becomes the path of the file, as for other modules. It reports whether there
// was a line number.
func cutNodePlace(place string) (path string, line int, ok bool) {
	_, _, ok = cutLine(place)
	path, line = cutColumn(place)
	if file, isURL := strings.CutPrefix(path, "file://"); isURL {
		path = file
		if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///C:/app
			path = path[1:]
		}
	}
	return path, line, ok
}

// cutNodeHeader splits "Type: message"; a message alone has no type. An error
// without frames is in brackets.
func cutNodeHeader(s string) (typ, message string) {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		s = strings.TrimSuffix(strings.TrimSuffix(inner, " {"), "]")
	}
	typ, message, ok := strings.Cut(s, ": ")
	if !ok && strings.ContainsAny(s, " '\"") {
		return "", s
	}
	return typ, message
}
