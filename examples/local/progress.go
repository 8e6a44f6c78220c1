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
	out     io.Writer
	rewrite bool
}

// step announces what begins; the returned function says how it ended. On a
// terminal the second line takes the place of the first.
func (p *progress) step(what string) (done func(error)) {
	start := time.Now()
	end := "\n"
	if p.rewrite {
		end = ""
	}
	fmt.Fprintf(p.out, "%s %s%s", p.paint(dim, "▸"), what, end)
	return func(err error) {
		begin := ""
		if p.rewrite {
			begin = "\r\x1b[K"
		}
		if err != nil {
			fmt.Fprintf(p.out, "%s%s %s\n", begin, p.paint(red, "✗"), what)
			return
		}
		fmt.Fprintf(p.out, "%s%s %s %s\n", begin, p.paint(green, "✓"), what, p.paint(dim, shortDuration(time.Since(start).Seconds())))
	}
}

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, "  "+format+"\n", args...)
}
