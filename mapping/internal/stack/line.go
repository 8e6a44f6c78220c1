package stack

import "strings"

// cursor walks over the lines of a text. The message of an exception may go on
// over several lines: mark says where it starts, message returns it up to the
// current line.
type cursor struct {
	text       string
	line       string // the current line, without its end
	start, end int    // the current line is text[start:end], with its end
	marked     int    // where a message starts; -1: none is open
}

func lines(text string) *cursor { return &cursor{text: text, marked: -1} }

// next goes to the next line. It reports false at the end of the text.
func (c *cursor) next() bool {
	if c.end == len(c.text) {
		return false
	}
	c.start = c.end
	c.line, c.end = c.lineAt(c.start)
	return true
}

// lineAt returns the line at start, and where the one behind it starts.
func (c *cursor) lineAt(start int) (line string, end int) {
	rest := c.text[start:]
	i := strings.IndexByte(rest, '\n')
	switch {
	case i < 0:
		return rest, len(c.text)
	case i > 0 && rest[i-1] == '\r':
		return rest[:i-1], start + i + 1
	}
	return rest[:i], start + i + 1
}

// peek returns the line behind the current one, "" at the end of the text, and
// whether it is the last.
func (c *cursor) peek() (line string, last bool) {
	line, end := c.lineAt(c.end)
	return line, end == len(c.text)
}

// first reports whether the current line is the text's first.
func (c *cursor) first() bool { return c.start == 0 }

// rest returns the text from the current line on.
func (c *cursor) rest() string { return c.text[c.start:] }

// mark opens a message: the end of the current line, which may go on.
func (c *cursor) mark(message string) { c.marked = c.start + len(c.line) - len(message) }

// unmark closes the message.
func (c *cursor) unmark() { c.marked = -1 }

// message returns the open message with the current line.
func (c *cursor) message() string { return strings.TrimRight(c.text[c.marked:c.end], "\r\n") }

// cutHeader splits "type: message". Of "type:" the message is empty.
func cutHeader(s string) (typ, message string) {
	typ, message, ok := strings.Cut(s, ": ")
	if !ok {
		typ = strings.TrimSuffix(typ, ":")
	}
	return typ, message
}

// cutLine splits "path:12". It reports whether there was a line number.
func cutLine(s string) (path string, line int, ok bool) {
	i := len(s)
	for i > 0 && s[i-1]-'0' <= 9 {
		i--
	}
	if i == 0 || i == len(s) || s[i-1] != ':' {
		return s, 0, false
	}
	return s[:i-1], number(s[i:]), true
}

// cutColumn splits "path:12:3" and "path:12", and drops the column.
func cutColumn(s string) (path string, line int) {
	path, line, _ = cutLine(s)
	if p, n, both := cutLine(path); both {
		path, line = p, n
	}
	return path, line
}

// number reads the decimal digits at the start of s; 0 if there are none or too
// many.
func number(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i]-'0' <= 9; i++ {
		if i == 9 {
			return 0
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}
