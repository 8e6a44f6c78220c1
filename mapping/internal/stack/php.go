package stack

import "strings"

// parsePHP reads Exception::__toString and getTraceAsString, and the Java-like
// form of OpenTelemetry's own formatter. In __toString the first cause comes
// first; the last block is the exception that was thrown.
//
//	RuntimeException: inner in /var/task/lib.php:3
//	Stack trace:
//	#0 /var/task/index.php(12): App\Prices->find('x')
//	#1 {main}
//
//	Next LogicException: outer in /var/task/index.php:14
//	Stack trace:
//	#0 {main}
func (s *Stack) parsePHP(text string) {
	if !strings.HasPrefix(text, "#0 ") && !strings.Contains(text, "\n#0 ") {
		s.parseJava(text)
		return
	}
	for i := s.top(); ; {
		at := strings.LastIndex(text, "\nNext ")
		block := text[at+1:]
		if at >= 0 {
			block = block[len("Next "):]
		}
		s.parsePHPBlock(i, block)
		if at <= 0 || !s.open(true, "", "", text[:at]) {
			return
		}
		i, text = s.last(), text[:at]
	}
}

// parsePHPBlock reads one exception: "Type: message in path:line", where it was
// thrown, and the calls above.
func (s *Stack) parsePHPBlock(i int, block string) {
	header, calls, ok := strings.Cut(block, "\nStack trace:\n")
	if !ok {
		header, calls = "", block
	}
	if in := strings.LastIndex(header, " in "); in >= 0 {
		if path, line, ok := cutLine(header[in+len(" in "):]); ok {
			header = header[:in]
			s.push(i, Frame{Path: path, Line: line})
		}
	}
	typ, message := cutHeader(header)
	s.describe(i, typ, message)
	for c := lines(calls); c.next(); {
		if _, call, ok := strings.Cut(c.line, " "); ok && c.line[0] == '#' {
			s.pushPHP(i, call)
		}
	}
}

// pushPHP reads "path(12): function(arguments)", "[internal function]:
// function(arguments)" or "{main}".
func (s *Stack) pushPHP(i int, call string) {
	const internal = "[internal function]"
	if function, ok := strings.CutPrefix(call, internal+": "); ok {
		s.push(i, Frame{Path: internal, Label: phpLabel(function)})
		return
	}
	f := Frame{Label: call}
	if place, function, ok := strings.Cut(call, "): "); ok {
		if open := strings.LastIndexByte(place, '('); open >= 0 {
			f.Path, f.Line, f.Label = place[:open], number(place[open+1:]), function
		}
	}
	f.Label = phpLabel(f.Label)
	s.push(i, f)
}

// phpLabel drops the argument values. The name of a closure may itself hold
// parentheses: "{closure:App\Foo::bar():12}(1)".
func phpLabel(function string) string {
	name := 0
	open := strings.IndexByte(function, '(')
	if closure := strings.Index(function, "{closure"); closure >= 0 && closure < open {
		name = closure + max(0, strings.IndexByte(function[closure:], '}'))
	}
	if open = strings.IndexByte(function[name:], '('); open < 0 {
		return function
	}
	return function[:name+open]
}
