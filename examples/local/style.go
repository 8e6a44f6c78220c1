package main

import (
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// style is how the output is drawn: its width in columns, and whether it may
// use colour.
type style struct {
	width int
	color bool
}

const (
	defaultWidth = 110 // where the output is not a terminal
	minWidth     = 80  // narrower than this the rows wrap
	maxWidth     = 140
)

// styleFor asks f whether it is a terminal, and how wide. NO_COLOR
// (https://no-color.org) and TERM=dumb turn colour off.
func styleFor(f *os.File) style {
	s := style{width: defaultWidth}
	if term.IsTerminal(int(f.Fd())) {
		s.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			s.width = w
		}
	} else if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
		s.width = w
	}
	s.width = min(max(s.width, minWidth), maxWidth)
	return s
}

// ink is a text attribute of ECMA-48 (SGR).
type ink string

const (
	plain  ink = ""
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "31"
	green  ink = "32"
	yellow ink = "33"
	purple ink = "35"
	cyan   ink = "36"
)

func (s style) paint(i ink, text string) string {
	if !s.color || i == plain || text == "" {
		return text
	}
	return "\x1b[" + string(i) + "m" + text + "\x1b[0m"
}

// clean makes foreign text safe to print: documents come from any function,
// and a control character in one must not reach the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, text)
}

// cleanLines is clean for text of several lines.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = clean(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// fit cleans text and makes it exactly n columns wide, cut with an ellipsis or
// padded on the right.
func fit(text string, n int) string {
	text = cut(text, n)
	return text + strings.Repeat(" ", n-utf8.RuneCountInString(text))
}

// fitRight is fit with the padding on the left.
func fitRight(text string, n int) string {
	text = cut(text, n)
	return strings.Repeat(" ", n-utf8.RuneCountInString(text)) + text
}

// cut cleans text and shortens it to at most n columns.
func cut(text string, n int) string {
	text = clean(text)
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	if n <= 1 {
		return strings.Repeat("…", max(n, 0))
	}
	return string([]rune(text)[:n-1]) + "…"
}
