package segment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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
// encoding/json allows, which Valid checks first.
func parseTree(data []byte) (*node, error) {
	if !json.Valid(data) {
		var v any
		if err := json.Unmarshal(data, &v); err != nil {
			return nil, err // Unmarshal says where
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	n, err := parseNode(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("bytes after the value")
	}
	return n, nil
}

func parseNode(dec *json.Decoder) (*node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case nil:
		return &node{kind: kindNull}, nil
	case bool:
		return &node{kind: kindBool, truth: v}, nil
	case json.Number:
		return &node{kind: kindNumber, text: v.String()}, nil
	case string:
		return &node{kind: kindString, text: v}, nil
	}
	n := &node{kind: kindArray}
	if token == json.Delim('{') {
		n.kind = kindObject
	}
	for dec.More() {
		var key string
		if n.kind == kindObject {
			token, err := dec.Token()
			if err != nil {
				return nil, err
			}
			key = token.(string) // the decoder allows nothing else as a key
		}
		child, err := parseNode(dec)
		if err != nil {
			return nil, err
		}
		if n.kind == kindObject {
			n.members = append(n.members, member{key, child})
		} else {
			n.items = append(n.items, child)
		}
	}
	_, err = dec.Token() // the closing delimiter
	return n, err
}
