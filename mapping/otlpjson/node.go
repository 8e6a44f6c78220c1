package otlpjson

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// node is a JSON value that knows where it stands, so that an error can name
// the place. The path is put together only for an error.
type node struct {
	value any // nil: absent or null, which OTLP takes for the default
	above *node
	key   string
	index int // of a list's element, where key is empty
}

// path returns the place as resourceSpans[0].scopeSpans[1].
func (n *node) path() string {
	if n.above == nil {
		return n.key
	}
	above := n.above.path()
	switch {
	case n.key == "":
		return above + "[" + strconv.Itoa(n.index) + "]"
	case above == "":
		return n.key
	}
	return above + "." + n.key
}

// wrong says what was expected instead of the value.
func (n *node) wrong(want string) error {
	const most = 60 // bytes of the value that help to find it
	have := "nothing"
	switch v := n.value.(type) {
	case nil:
	case map[string]any:
		have = "an object"
	case []any:
		have = "a list"
	case string:
		have = strconv.Quote(v[:min(len(v), most)])
	case json.Number:
		have = string(v[:min(len(v), most)])
	default:
		have = fmt.Sprint(v)
	}
	where := n.path()
	if where == "" {
		return fmt.Errorf("want %s, have %s", want, have)
	}
	return fmt.Errorf("%s: want %s, have %s", where, want, have)
}

// field returns a member of an object; without an object there is none.
func (n *node) field(key string) node {
	members, _ := n.value.(map[string]any)
	return node{value: members[key], above: n, key: key}
}

// object reports whether the value is an object or absent.
func (n *node) object() error {
	if _, ok := n.value.(map[string]any); !ok && n.value != nil {
		return n.wrong("an object")
	}
	return nil
}

// list returns the elements of a list.
func (n *node) list() ([]any, error) {
	l, ok := n.value.([]any)
	if !ok && n.value != nil {
		return nil, n.wrong("a list")
	}
	return l, nil
}

// element returns the i-th of the elements that list returned.
func (n *node) element(elements []any, i int) node {
	return node{value: elements[i], above: n, index: i}
}

func (n *node) text() (string, error) {
	s, ok := n.value.(string)
	if !ok && n.value != nil {
		return "", n.wrong("a string")
	}
	return s, nil
}

func (n *node) boolean() (bool, error) {
	b, ok := n.value.(bool)
	if !ok && n.value != nil {
		return false, n.wrong("true or false")
	}
	return b, nil
}

// integer reads a number, or a string that holds one, from lowest to highest.
func (n *node) integer(lowest, highest int64) (int64, error) {
	var s string
	switch v := n.value.(type) {
	case nil:
		return 0, nil
	case json.Number:
		s = string(v)
	case string:
		s = v
	}
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil && strings.ContainsAny(s, ".eE") { // 1e9 and 1.0 are integers too
		if f, bad := strconv.ParseFloat(s, 64); bad == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			i, err = int64(f), nil
		}
	}
	if err != nil || i < lowest || i > highest {
		return 0, n.wrong(fmt.Sprintf("an integer from %d to %d", lowest, highest))
	}
	return i, nil
}

// double reads a number, or a string that holds one or names what JSON has no
// number for.
func (n *node) double() (float64, error) {
	var s string
	switch v := n.value.(type) {
	case nil:
		return 0, nil
	case json.Number:
		s = string(v)
	case string:
		switch v {
		case "NaN":
			return math.NaN(), nil
		case "Infinity":
			return math.Inf(1), nil
		case "-Infinity":
			return math.Inf(-1), nil
		}
		s = v
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.Trim(s, "+-.0123456789eE") != "" { // ParseFloat knows more forms
		return 0, n.wrong(`a number, "NaN", "Infinity" or "-Infinity"`)
	}
	return f, nil
}
