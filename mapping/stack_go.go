package mapping

import "strings"

// parseGo reads the text of runtime/debug.Stack: pairs of lines, the call and
// the place. Lines "Caused by: type: message", each with frames of its own or
// none, chain further exceptions.
//
//	goroutine 34 [running]:
//	main.(*handler).price(0xc0000b4000, {0x9d3e58, 0xc0000b2030})
//		/var/task/main.go:87 +0x1d3
//	created by main.main in goroutine 1
//		/var/task/main.go:41 +0x8c
//	Caused by: *fs.PathError: open prices.json: no such file
func (s *stack) parseGo(text string) {
	var (
		all        = text
		i          = s.top()
		leading    = true
		goroutines = 0
		message    = -1 // where the message of exception i starts in all
	)
	for text != "" {
		line, rest := nextLine(text)
		switch {
		case strings.HasPrefix(line, "Caused by: "):
			typ, first := cutHeader(line[len("Caused by: "):])
			if !s.open(true, typ, first, text) {
				return
			}
			i, leading = s.last(), false
			message = len(all) - len(text) + len(line) - len(first)
		case len(rest) > 0 && rest[0] == '\t' && s.pushGo(i, line, &rest, &leading):
			message = -1
		case strings.HasPrefix(line, "goroutine "):
			if goroutines++; goroutines > 1 {
				return // a dump of all goroutines: the others did not fail
			}
		case strings.HasPrefix(line, "...") && message < 0:
			s.exceptions[i].truncated += number(line[3:]) // "...23 frames elided..."
		case message >= 0: // a message of several lines
			s.exceptions[i].message = strings.TrimRight(all[message:len(all)-len(rest)], "\r\n")
		}
		text = rest
	}
}

// pushGo reads the place of a call from the start of rest. It reports whether
// there was one: a message may hold tabs too.
func (s *stack) pushGo(i int, call string, rest *string, leading *bool) bool {
	place, after := nextLine((*rest)[1:])
	if *leading && goMachinery(call) {
		*rest = after
		return true
	}
	if j := strings.LastIndexByte(place, ' '); j > 0 && strings.HasPrefix(place[j:], " +0x") {
		place = place[:j]
	}
	path, line, ok := cutLine(place)
	if !ok {
		if after != "" {
			return false
		}
		path = "" // the recorder's buffer ended here, in the middle of the path
	}
	*rest = after
	*leading = false
	s.push(i, frame{path: path, label: goLabel(call), line: line})
	return true
}

// goLabel returns the function of a call line: no argument values, which are
// addresses, and no goroutine.
func goLabel(line string) string {
	if f, ok := strings.CutPrefix(line, "created by "); ok {
		f, _, _ = strings.Cut(f, " in goroutine ")
		return f
	}
	if !strings.HasSuffix(line, ")") {
		return line
	}
	for i := 0; ; i++ {
		j := strings.IndexByte(line[i:], '(')
		if j < 0 {
			return line
		}
		// The parenthesis of a receiver has a star behind it, which arguments have
		// not.
		if i += j; i > 0 && line[i+1] != '*' {
			return line[:i]
		}
	}
}

// goMachinery reports whether a call above all others belongs to the taking of the
// stack, or to the panic, and not to the program.
func goMachinery(call string) bool {
	const bridge = "github.com/lambdaxray/lambdaxray."
	return strings.HasPrefix(call, "panic(") ||
		strings.HasPrefix(call, "runtime.") ||
		strings.HasPrefix(call, "runtime/debug.") ||
		strings.HasPrefix(call, "go.opentelemetry.io/otel/sdk/trace.") ||
		strings.HasPrefix(call, bridge)
}
