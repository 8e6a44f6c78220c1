package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
)

// printer writes to standard output what X-Ray would show. Safe for concurrent
// use.
type printer struct {
	style
	xray *localXRay

	mu  sync.Mutex
	out io.Writer
}

// shownTrace is a trace to print and what it is about.
type shownTrace struct {
	title, note string
	outcome     lambda.Outcome
}

// all prints the service map and each of traces.
func (p *printer) all(traces []shownTrace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out)
	p.heading("Service map", "")
	printServiceMap(p.out, p.style, p.xray.services())
	for _, t := range traces {
		p.trace(t)
	}
	fmt.Fprintln(p.out)
}

// one prints a single trace.
func (p *printer) one(t shownTrace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trace(t)
}

func (p *printer) trace(t shownTrace) {
	fmt.Fprintln(p.out)
	sampled, right := t.outcome.Trace.Sampled(), "not sampled"
	if sampled {
		right = t.outcome.Trace.ID()
	}
	p.heading(t.title, right)
	if t.note != "" {
		fmt.Fprintf(p.out, "  %s\n", p.paint(dim, t.note))
	}
	if !sampled {
		return
	}
	printTimeline(p.out, p.style, p.xray.segments(t.outcome.Trace.ID()))
}

// heading is a rule across the page with text at both ends.
func (p *printer) heading(left, right string) {
	right = clean(right)
	left = cut(left, p.width-7-utf8.RuneCountInString(right))
	rule := p.width - 6 - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	if right == "" {
		rule += 1
	}
	fmt.Fprintln(p.out, strings.TrimRight(fmt.Sprintf("%s %s %s %s",
		p.paint(dim, "──"), p.paint(bold, left), p.paint(dim, strings.Repeat("─", max(rule, 0))), right), " "))
}
