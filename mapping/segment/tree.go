package segment

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// kind is the kind of a JSON value; its text is what error messages call it.
type kind string

const (
	kindNull    kind = "null"
	kindBool    kind = "boolean"
	kindNumber  kind = "number"
	kindString  kind = "string"
	kindArray   kind = "array"
	kindObject  kind = "object"
	kindMissing kind = "" // of a nil *node
)

// node is a JSON value with what decoding into Go structs hides: duplicate
// keys, the order of keys, and fields nobody knows.
type node struct {
	kind    kind
	text    string // of a string, or the literal of a number
	truth   bool
	items   []*node // of an array
	members []member
}

type member struct {
	key   string
	value *node
}

// field returns the first member with that key, nil if there is none.
func (n *node) field(key string) *node {
	if n == nil {
		return nil
	}
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// isTrue reports whether n is the literal true.
func (n *node) isTrue() bool { return n.kindOf() == kindBool && n.truth }

func (n *node) kindOf() kind {
	if n == nil {
		return kindMissing
	}
	return n.kind
}

// parseTree reads exactly one JSON value. It does not nest deeper than
// encoding/json allows, which Valid checks first; what is behind need not be
// checked again. Reading by json.Decoder's tokens takes 10 times as long.
func parseTree(data []byte) (*node, error) {
	if !json.Valid(data) {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			return nil, err // Unmarshal says where
		}
	}
	p := treeParser{rest: data}
	return p.value(), nil
}

// treeParser reads JSON that is valid.
type treeParser struct{ rest []byte }

// next steps over space and returns the byte behind it.
func (p *treeParser) next() byte {
	for i, c := range p.rest {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			p.rest = p.rest[i:]
			return c
		}
	}
	return 0 // cannot happen: a value is asked for where there is one
}

func (p *treeParser) value() *node {
	switch c := p.next(); c {
	case '{':
		n := &node{kind: kindObject}
		p.rest = p.rest[1:]
		for p.element('}') {
			key := p.quoted()
			p.next() // the colon
			p.rest = p.rest[1:]
			n.members = append(n.members, member{key, p.value()})
		}
		return n
	case '[':
		n := &node{kind: kindArray}
		p.rest = p.rest[1:]
		for p.element(']') {
			n.items = append(n.items, p.value())
		}
		return n
	case '"':
		return &node{kind: kindString, text: p.quoted()}
	case 't', 'f', 'n':
		switch literal := p.literal(); literal {
		case "null":
			return &node{kind: kindNull}
		default:
			return &node{kind: kindBool, truth: literal == "true"}
		}
	}
	return &node{kind: kindNumber, text: p.literal()}
}

// element steps over a comma, or over the end of the list, which it reports as
// false.
func (p *treeParser) element(end byte) bool {
	c := p.next()
	if c == ',' || c == end {
		p.rest = p.rest[1:]
	}
	return c != end
}

// literal reads a number, true, false or null.
func (p *treeParser) literal() string {
	end := bytes.IndexAny(p.rest, ",]} \t\r\n")
	if end < 0 {
		end = len(p.rest)
	}
	text := string(p.rest[:end])
	p.rest = p.rest[end:]
	return text
}

// quoted reads a string.
func (p *treeParser) quoted() string {
	p.next()
	plain := true
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\':
			plain = false
			i++
		case c >= utf8.RuneSelf:
			plain = false // may be no UTF-8
		case c == '"':
			raw := p.rest[:i+1]
			p.rest = p.rest[i+1:]
			if plain {
				return string(raw[1:i])
			}
			var text string
			_ = json.Unmarshal(raw, &text) // it is valid
			return text
		}
	}
	return "" // cannot happen
}
