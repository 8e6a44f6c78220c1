package main

import (
	"bytes"
	"fmt"
	"html"
)

// panels are the rows that the picture shows.
var panels = []struct {
	measure, title string
}{
	{"MapTrace ns/op", "Mapping a trace of 6 spans, µs"},
	{"Invocation ns/op", "An invocation of 7 spans, µs"},
	{sizeMB, "Binary over aws-lambda-go, MB"},
	{startMS, "Start-up over aws-lambda-go, ms"},
}

const (
	chartWidth = 840
	panelWidth = 400
	nameWidth  = 112
	barWidth   = 180
	barHeight  = 16
	barStep    = 22
)

// The picture follows the page's colours, light or dark.
const style = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 13px }
.name { text-anchor: end }
.note { fill: #656d76; font-size: 11px }
.bar { fill: #afb8c1 }
.ours { fill: #1a7f64 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #8d96a0 } .bar { fill: #57606a } .ours { fill: #3fb68b }
}
`

// chart draws the panels, two in a row, as SVG.
func chart(r *results, m machine) []byte {
	var body bytes.Buffer
	y, tallest := 0, 0
	for i, p := range panels {
		x := 0
		if i%2 == 1 {
			x = chartWidth - panelWidth
		} else {
			y += tallest
			tallest = 0
		}
		tallest = max(tallest, panel(&body, r, p.measure, p.title, x, y))
	}
	height := y + tallest + 16
	fmt.Fprintf(&body, `<text class="note" x="0" y="%d">%s</text>`+"\n", height-4, html.EscapeString(m.String()))
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img">`+"\n", chartWidth, height)
	fmt.Fprintf(&out, "<title>lambdaxray and its peers</title>\n<style>%s</style>\n", style)
	out.Write(body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// panel draws one measure with its top left corner at x, y, and returns its
// height.
func panel(w *bytes.Buffer, r *results, measure, title string, x, y int) int {
	row := rowOf(measure)
	var names []string
	longest := 0.0
	for _, impl := range impls {
		if v, ok := row.value(r, impl); ok {
			names = append(names, impl)
			longest = max(longest, v)
		}
	}
	fmt.Fprintf(w, `<text class="title" x="%d" y="%d">%s</text>`+"\n", x, y+16, html.EscapeString(title))
	at := y + 28
	for _, impl := range names {
		v, _ := row.value(r, impl)
		length := 1.0
		if longest > 0 && v > 0 {
			length = max(1, v/longest*barWidth)
		}
		class := "bar"
		if impl == ours {
			class = "bar ours"
		}
		fmt.Fprintf(w, `<text class="name" x="%d" y="%d">%s</text>`, x+nameWidth, at+12, html.EscapeString(impl))
		fmt.Fprintf(w, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`, class, x+nameWidth+8, at, length, barHeight)
		fmt.Fprintf(w, `<text x="%.1f" y="%d">%s</text>`+"\n", float64(x+nameWidth+14)+length, at+12, html.EscapeString(row.cell(r, impl)))
		at += barStep
	}
	return at - y + 14
}

func rowOf(measure string) row {
	for _, row := range rows {
		if row.measure == measure {
			return row
		}
	}
	return row{measure: measure, label: measure, format: "%g"}
}
