package xraytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// jsonKind is the kind of a JSON value; its text is what error messages call it.
type jsonKind string

const (
	kindNull    jsonKind = "null"
	kindBool    jsonKind = "boolean"
	kindNumber  jsonKind = "number"
	kindString  jsonKind = "string"
	kindArray   jsonKind = "array"
	kindObject  jsonKind = "object"
	kindMissing jsonKind = "" // of a nil *jsonNode
)

// jsonNode is a JSON value with what decoding into Go structs hides: duplicate
// keys, the order of keys, and fields nobody knows.
type jsonNode struct {
	kind    jsonKind
	text    string // of a string, or the literal of a number
	truth   bool
	items   []*jsonNode // of an array
	members []jsonMember
}

type jsonMember struct {
	key   string
	value *jsonNode
}

// field returns the first member with that key, nil if there is none.
func (n *jsonNode) field(key string) *jsonNode {
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

func (n *jsonNode) kindOf() jsonKind {
	if n == nil {
		return kindMissing
	}
	return n.kind
}

// parseJSON reads exactly one JSON value. It does not nest deeper than
// encoding/json allows, which Valid checks first.
func parseJSON(data []byte) (*jsonNode, error) {
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

func parseNode(dec *json.Decoder) (*jsonNode, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case nil:
		return &jsonNode{kind: kindNull}, nil
	case bool:
		return &jsonNode{kind: kindBool, truth: v}, nil
	case json.Number:
		return &jsonNode{kind: kindNumber, text: v.String()}, nil
	case string:
		return &jsonNode{kind: kindString, text: v}, nil
	}
	n := &jsonNode{kind: kindArray}
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
			n.members = append(n.members, jsonMember{key, child})
		} else {
			n.items = append(n.items, child)
		}
	}
	_, err = dec.Token() // the closing delimiter
	return n, err
}
