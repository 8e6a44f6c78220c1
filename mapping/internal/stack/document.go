package stack

import "strings"

// parseDocument reads the frames of a segment document in the form that the
// Collector's awsxrayreceiver gives them, whatever the language:
//
//	TypeError: x is not a function
//		at handler(/var/task/index.js: 6)
//		at process.tick(node: <unknown>)
//
// Source: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/awsxrayreceiver
func (s *Stack) parseDocument(text string) {
	for c := lines(text); c.next(); {
		call, isCall := strings.CutPrefix(c.line, "\tat ")
		call, isWhole := strings.CutSuffix(call, ")")
		open := strings.LastIndexByte(call, '(')
		if !isCall || !isWhole || open < 0 {
			continue // of the message
		}
		path, at := call[open+1:], 0
		if i := strings.LastIndex(path, ": "); i >= 0 {
			path, at = path[:i], number(path[i+len(": "):])
		}
		s.push(s.top(), Frame{Path: path, Label: call[:open], Line: at})
	}
}
