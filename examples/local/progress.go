package main

import (
	"fmt"
	"io"
	"time"
)

// progress says on standard error what is going on, so that standard output
// holds the result alone.
type progress struct {
	style
	out io.Writer
}

// step announces what begins; the returned function says how it ended.
func (p *progress) step(what string) (done func(error)) {
	start := time.Now()
	fmt.Fprintf(p.out, "%s %s\n", p.paint(dim, "▸"), what)
	return func(err error) {
		if err != nil {
			fmt.Fprintf(p.out, "%s %s\n", p.paint(red, "✗"), what)
			return
		}
		fmt.Fprintf(p.out, "%s %s %s\n", p.paint(green, "✓"), what, p.paint(dim, shortDuration(time.Since(start).Seconds())))
	}
}

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, "  "+format+"\n", args...)
}
