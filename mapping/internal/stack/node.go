package stack

import "strings"

// parseNode reads the stack property of a V8 error, and the form in which
// util.inspect adds causes. Firefox's and Safari's "call@place" is read too.
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
	for c := lines(text); c.next(); {
		body := strings.TrimLeft(c.line, " \t")
		if c.first() && !strings.HasPrefix(body, "at ") {
			typ, message := cutNodeHeader(strings.TrimSuffix(c.line, " {"))
			s.describe(i, typ, message)
		}
		if cause, ok := strings.CutPrefix(body, "[cause]: "); ok {
			typ, message := cutNodeHeader(cause)
			if !s.open(true, typ, message, c.rest()) {
				return
			}
			i = s.last()
		} else if call, ok := strings.CutPrefix(body, "at "); ok && len(body) < len(c.line) {
			s.pushNode(i, strings.TrimSuffix(call, " {"))
		} else if call, place, ok := strings.Cut(c.line, "@"); ok {
			if path, n, ok := cutNodePlace(place); ok {
				s.push(i, Frame{Path: path, Label: nodeLabel(call), Line: n})
			}
		}
	}
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

// cutNodeHeader splits "Type: message"; a message alone has no type.
func cutNodeHeader(s string) (typ, message string) {
	typ, message, ok := strings.Cut(s, ": ")
	if !ok && strings.ContainsAny(s, " '\"") {
		return "", s
	}
	return typ, message
}
