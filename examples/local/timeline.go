package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// timeline prints a trace as the X-Ray console shows it: a table of name tree,
// status, response code, duration and a time axis, its rows grouped by segment.
// Exceptions, annotations and links, which the console shows after a click,
// follow the row they belong to.
type timeline struct {
	style
	out  io.Writer
	name int // columns of the name tree
	axis axis
}

const (
	maxNameWidth  = 36
	statusWidth   = 10
	codeWidth     = 4
	durationWidth = 9
	rowIndent     = 2

	maxExceptions = 3 // of a chain; the message of the first has the others in Go
)

// printTimeline writes the trace made of segments (each with its subsegments
// nested, as BatchGetTraces returns them) to out.
func printTimeline(out io.Writer, s style, segments []*segment.Document) {
	segments = inOrder(segments)
	t := &timeline{style: s, out: out, name: min(s.width*3/8, maxNameWidth)}
	t.axis = newAxis(segments, s.width-rowIndent-t.name-statusWidth-codeWidth-durationWidth-4)
	t.header()
	for _, d := range segments {
		t.group(d)
	}
}

func (t *timeline) header() {
	fmt.Fprintln(t.out, t.paint(dim, strings.Repeat(" ", rowIndent)+
		fit("Name", t.name)+" "+fit("Status", statusWidth)+" "+fitRight("Code", codeWidth)+" "+fitRight("Duration", durationWidth)+" "+t.axis.ticks()))
}

// group prints a segment: its name and type, then its own row and those below.
func (t *timeline) group(d *segment.Document) {
	kind := d.Origin
	if d.Type == "subsegment" {
		kind = "subsegment without its segment"
	}
	fmt.Fprintf(t.out, "%s%s %s\n", strings.Repeat(" ", rowIndent), t.paint(bold, cut(d.Name, t.name)), t.paint(dim, cut(kind, t.width-t.name-rowIndent-1)))
	t.row(d, 1)
}

func (t *timeline) row(d *segment.Document, depth int) {
	mark, label, color := statusOf(d)
	indent := strings.Repeat("  ", min(depth, t.name/4))
	name := fit(indent+d.Name, t.name)
	fmt.Fprintf(t.out, "%s%s %s %s %s %s\n", strings.Repeat(" ", rowIndent), name,
		t.paint(color, fit(mark+" "+label, statusWidth)), fitRight(codeOf(d), codeWidth),
		fitRight(durationOf(d), durationWidth), t.bar(d, color))
	for _, line := range t.details(d, t.width-rowIndent-len(indent)-2) {
		fmt.Fprintf(t.out, "%s%s  %s\n", strings.Repeat(" ", rowIndent), indent, line)
	}
	for _, child := range inOrder(d.Subsegments) {
		t.row(child, depth+1)
	}
}

// bar draws d on the time axis with its operation: behind the bar, or before
// it where there is no room behind, or else on it.
func (t *timeline) bar(d *segment.Document, color ink) string {
	from, to := t.axis.span(d)
	stroke := "━"
	if d.InProgress {
		stroke = "╍"
	}
	bar := func(n int) string { return t.paint(color, strings.Repeat(stroke, n)) }
	blank := func(n int) string { return strings.Repeat(" ", n) }
	text := operationOf(d)
	n := utf8.RuneCountInString(text)
	text = t.paint(dim, text)
	switch {
	case n == 0:
		return blank(from) + bar(to-from)
	case to+1+n <= t.axis.width:
		return blank(from) + bar(to-from) + " " + text
	case n+1 <= from:
		return blank(from-n-1) + text + " " + bar(to-from)
	case n+4 <= to-from:
		return blank(from) + bar(1) + " " + text + " " + bar(to-from-n-3)
	}
	return blank(from) + bar(to-from)
}

// details returns what the console shows of d after a click, in lines of at
// most room columns.
func (t *timeline) details(d *segment.Document, room int) []string {
	var lines []string
	if d.Cause != nil && !hasCauseBelow(d) {
		lead := "✗ "
		for _, e := range d.Cause.Exceptions[:min(len(d.Cause.Exceptions), maxExceptions)] {
			text := e.Message
			if e.Type != "" {
				text = e.Type + ": " + text
			}
			lines = append(lines, t.paint(red, cut(lead+text, room)))
			if len(e.Stack) > 0 {
				lines = append(lines, t.paint(red, cut("  at "+frameOf(e.Stack[0]), room)))
			}
			lead = "  caused by "
		}
	}
	if len(d.Annotations) > 0 {
		keys := make([]string, 0, len(d.Annotations))
		for k := range d.Annotations {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		var b strings.Builder
		b.WriteString("⚑")
		for _, k := range keys {
			fmt.Fprintf(&b, " %s=%v", k, d.Annotations[k])
		}
		lines = append(lines, t.paint(cyan, cut(b.String(), room)))
	}
	for _, l := range d.Links {
		lines = append(lines, t.paint(dim, cut("⇠ linked to trace "+l.TraceID, room)))
	}
	return lines
}

// hasCauseBelow reports whether a subsegment of d tells what went wrong: what
// is above only hands it on.
func hasCauseBelow(d *segment.Document) bool {
	return slices.ContainsFunc(inOrder(d.Subsegments), func(c *segment.Document) bool {
		return c.Cause != nil && len(c.Cause.Exceptions) > 0 || hasCauseBelow(c)
	})
}

func frameOf(f segment.StackFrame) string {
	path := f.Path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		path = path[i+1:]
	}
	return f.Label + " " + path + ":" + strconv.Itoa(f.Line)
}

// statusOf returns the outcome of d in the console's words and colours.
func statusOf(d *segment.Document) (mark, label string, color ink) {
	switch {
	case d.InProgress:
		return "…", "Pending", cyan
	case d.Fault:
		return "✗", "Fault", red
	case d.Throttle:
		return "»", "Throttle", purple
	case d.Error:
		return "!", "Error", yellow
	}
	return "✓", "OK", green
}

func codeOf(d *segment.Document) string {
	if d.HTTP == nil || d.HTTP.Response.Status == 0 {
		return "-"
	}
	return strconv.Itoa(d.HTTP.Response.Status)
}

func durationOf(d *segment.Document) string {
	if d.InProgress {
		return "-"
	}
	return shortDuration(endOf(d) - startOf(d))
}

// shortDuration writes seconds with three digits, in the unit that fits.
func shortDuration(seconds float64) string {
	switch {
	case seconds < 0.0009995:
		return fmt.Sprintf("%.0f µs", max(seconds, 0)*1e6)
	case seconds < 0.00995:
		return fmt.Sprintf("%.1f ms", seconds*1e3)
	case seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", seconds*1e3)
	case seconds < 59.995:
		return fmt.Sprintf("%.2f s", seconds)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// operationOf is the text on a bar: what was asked of the other side.
func operationOf(d *segment.Document) string {
	if d.AWS != nil {
		if op, ok := d.AWS["operation"].(string); ok && op != "" {
			return clean(op)
		}
	}
	if d.Namespace != "" && d.HTTP != nil && d.HTTP.Request.Method != "" {
		return cut(d.HTTP.Request.Method+" "+pathOf(d.HTTP.Request.URL), 32)
	}
	if d.SQL != nil {
		return cut(d.SQL.SanitizedQuery, 32)
	}
	return ""
}

// pathOf returns the path of an absolute URL.
func pathOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
}

// axis is the time axis of one trace.
type axis struct {
	start, end float64 // seconds
	width      int     // columns
}

// newAxis spans all of segments and what they hold: Initialization begins
// before its function segment, an asynchronous attempt outlives its service
// segment.
func newAxis(segments []*segment.Document, width int) axis {
	a := axis{start: math.Inf(1), end: math.Inf(-1), width: max(width, 10)}
	for _, d := range segments {
		a.extend(d)
	}
	if a.start > a.end {
		a.start, a.end = 0, 0
	}
	return a
}

func (a *axis) extend(d *segment.Document) {
	if s := startOf(d); s > 0 {
		a.start, a.end = min(a.start, s), max(a.end, s, endOf(d))
	}
	for _, child := range inOrder(d.Subsegments) {
		a.extend(child)
	}
}

// span returns the columns [from, to) of d, at least one. What is still open
// runs to the end of the axis.
func (a axis) span(d *segment.Document) (from, to int) {
	end := endOf(d)
	if d.InProgress {
		end = a.end
	}
	from = min(a.column(startOf(d)), a.width-1)
	to = min(max(a.column(end), from+1), a.width)
	return from, to
}

func (a axis) column(at float64) int {
	if a.end <= a.start {
		return 0
	}
	c := (at - a.start) / (a.end - a.start) * float64(a.width)
	return int(math.Round(min(max(c, 0), float64(a.width))))
}

// ticks labels the axis at round times.
func (a axis) ticks() string {
	total := a.end - a.start
	if total <= 0 {
		return "0"
	}
	step := roundStep(total / (float64(a.width) / 9))
	line := []rune(strings.Repeat(" ", a.width))
	for n := 0; ; n++ {
		at := float64(n) * step
		label := []rune(tickLabel(at, step))
		col := int(math.Round(at / total * float64(a.width)))
		if col+len(label) > a.width {
			return strings.TrimRight(string(line), " ")
		}
		copy(line[col:], label)
	}
}

// roundStep returns the smallest of 1, 2, 5 times a power of ten that is at
// least x.
func roundStep(x float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= x {
			return m * unit
		}
	}
	return 10 * unit
}

func tickLabel(at, step float64) string {
	switch {
	case at == 0:
		return "0"
	case step >= 0.5:
		return strconv.FormatFloat(at, 'f', -1, 64) + "s"
	case step >= 0.001:
		return strconv.FormatFloat(math.Round(at*1e3), 'f', -1, 64) + "ms"
	}
	return strconv.FormatFloat(math.Round(at*1e6), 'f', -1, 64) + "µs"
}

// inOrder sorts documents by their start, without those that X-Ray inferred:
// they repeat the subsegment they were inferred from.
func inOrder(docs []*segment.Document) []*segment.Document {
	docs = slices.DeleteFunc(slices.Clone(docs), func(d *segment.Document) bool { return d == nil || d.Inferred })
	slices.SortStableFunc(docs, func(a, b *segment.Document) int { return cmp.Compare(startOf(a), startOf(b)) })
	return docs
}

func startOf(d *segment.Document) float64 { return seconds(string(d.StartTime)) }

// endOf returns the end of d, or its start while it is open.
func endOf(d *segment.Document) float64 {
	if d.EndTime == "" {
		return startOf(d)
	}
	return seconds(string(d.EndTime))
}

// seconds reads a document's time; what is no number counts as 0.
func seconds(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0
	}
	return f
}
