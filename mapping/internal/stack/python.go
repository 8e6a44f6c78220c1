package stack

import "strings"

// parsePython reads what the traceback module writes. It has the most recent
// call last, and of chained exceptions the first cause first: reading from the
// end gives both in X-Ray's order.
//
//	Traceback (most recent call last):
//	  File "/var/task/lib.py", line 3, in f
//	    int("x")
//	ValueError: invalid literal
//
//	The above exception was the direct cause of the following exception:
//
//	Traceback (most recent call last):
//	  File "/var/task/app.py", line 14, in handler
//	    f()
//	app.PriceError: no price
//
// The members of an exception group are a tree; the group itself is read, and
// the text is kept beside it.
func (s *Stack) parsePython(text string) {
	if strings.Contains(text, "Exception Group Traceback (most recent call last):") {
		s.Exceptions[s.top()].Text = text
		if i := strings.Index(text, "\n  +-+--"); i >= 0 {
			text = text[:i]
		}
	}
	var (
		i      = s.top()
		end    = len(text) // of the block
		header = -1        // start of the line "Type: message"
		framed = false     // a frame of the block has been read
		done   = false     // all of the block has been read
	)
	for at := end; at > 0; {
		start := strings.LastIndexByte(text[:at-1], '\n') + 1
		line := pythonLine(strings.TrimRight(text[start:at], "\r\n"))
		switch {
		case strings.HasPrefix(line, "The above exception was the direct cause of"),
			strings.HasPrefix(line, "During handling of the above exception, another"):
			if !framed && !done {
				s.describePython(i, text, header, end)
			}
			if !s.open(true, "", "", text[:start]) {
				return
			}
			i, end, header, framed, done = s.last(), start, -1, false, false
		case done:
		case strings.HasPrefix(line, "Traceback (most recent call last):"):
			if !framed {
				s.describePython(i, text, header, end)
			}
			done = true
		case strings.HasPrefix(line, `  File "`):
			if !framed {
				s.describePython(i, text, header, end)
				framed = true
			}
			s.pushPython(i, line[len(`  File "`):])
		case strings.HasPrefix(line, "  [Previous line repeated "):
			s.Exceptions[i].Truncated += number(line[len("  [Previous line repeated "):])
		case line != "" && line[0] != ' ' && !framed:
			header = start
		}
		at = start
	}
	if !framed && !done {
		s.describePython(i, text, header, end)
	}
}

// pythonLine drops the margin that an exception group draws.
func pythonLine(line string) string {
	for _, margin := range [...]string{"  | ", "  + Exception Group "} {
		if body, ok := strings.CutPrefix(line, margin); ok {
			return body
		}
	}
	return line
}

// describePython reads "Type: message" from text[header:end]; the message may
// have several lines.
func (s *Stack) describePython(i int, text string, header, end int) {
	if header < 0 {
		return
	}
	typ, message := cutHeader(strings.TrimRight(text[header:end], " \r\n"))
	s.describe(i, strings.TrimPrefix(typ, "  | "), message)
}

// pushPython reads what follows the opening quote of
//
//	File "/var/task/app.py", line 14, in handler
func (s *Stack) pushPython(i int, line string) {
	path, place, ok := strings.Cut(line, `", line `)
	if !ok {
		return
	}
	_, label, _ := strings.Cut(place, ", in ")
	s.push(i, Frame{Path: path, Label: label, Line: number(place)})
}
